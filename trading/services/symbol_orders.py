"""Close or cancel a symbol's orders of many accounts, for a dealer.

Accounts are written in portions (`trading.unit.portions`), each a transaction of its own: a crowd
is never locked as a whole, and what was closed stays closed if the rest is broken off.
"""

from collections.abc import Callable, Collection, Iterator
from functools import partial

from accounts.models import User
from market.quotes.quote import LatestQuotes, Quotes
from trading.services.closing import decide_closes
from trading.services.live_orders import BulkResult
from trading.services.pending import decide_cancels
from trading.unit.locked_account import LockedAccount
from trading.unit.portions import AccountDecision, DecidedAccount, OnPortion, decide_in_portions

Decided = Iterator[DecidedAccount[BulkResult]]


def close_symbol(
    *,
    symbol: str,
    logins: Collection[int],
    staff: User,
    on_portion: OnPortion[BulkResult],
    comment: str = "",
) -> Decided:
    """Close the symbol's positions of these accounts, each by the rules of `close_position`.

    Yields each account after its commit. What `on_portion` writes is committed with the portion
    whose results it gets. Must not run in a transaction.
    """
    decide = partial(decide_closes, symbol=symbol, staff=staff, comment=comment)
    return _decide_all(logins, decide, on_portion)


def cancel_symbol(
    *, symbol: str, logins: Collection[int], staff: User, on_portion: OnPortion[BulkResult]
) -> Decided:
    """Withdraw the symbol's pending orders of these accounts, as `close_symbol` closes."""
    return _decide_all(logins, partial(decide_cancels, symbol=symbol, staff=staff), on_portion)


def _decide_all(
    logins: Collection[int],
    decide: Callable[[LockedAccount, Quotes], BulkResult],
    on_portion: OnPortion[BulkResult],
) -> Decided:
    """Decide about each account at the newest quotes of its own moment."""
    decisions = [
        AccountDecision(login, (), lambda locked: decide(locked, LatestQuotes()))
        for login in sorted(logins)
    ]
    return decide_in_portions(decisions, set(), on_portion)

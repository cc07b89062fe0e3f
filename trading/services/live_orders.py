"""An account's live trades, and decisions about the open orders that a request is about."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from accounts.models import Account, User
from core.errors import BrokerError, Denied
from core.postgresql.prepared_models import PreparedModels
from market.catalog import find_instrument
from market.models import Symbol
from trading import errors
from trading.enums import State
from trading.models import Trade
from trading.services import order_rules
from trading.unit.locked_account import LockedAccount

LIVE_TRADES = PreparedModels(
    """
SELECT {columns} FROM trading_trade AS trade WHERE login = %s AND state = 0 ORDER BY "order" DESC
""",
    lambda: {"trade": Trade},
)


class OpenOrder(NamedTuple):
    """An open order of a locked account; `dealer`: a staff member acts for the client."""

    trade: Trade
    symbol: Symbol
    dealer: bool


class Failure(NamedTuple):
    """An order that was left as it is, and why."""

    order: int
    error: BrokerError


class BulkResult(NamedTuple):
    """What became of many orders of an account: changed ones and those that were refused."""

    changed: list[Trade]
    failures: list[Failure]


def load_live_trades(account: Account) -> list[Trade]:
    """Return the account's positions and pendings; stable while the account's row is locked.

    Their symbols are the catalog's as the account's group trades them, which every valuation uses.
    """
    trades = [trade for (trade,) in LIVE_TRADES.fetch([account.login])]
    for trade in trades:
        trade.symbol = find_instrument(account.group_id, trade.symbol_id)
    return trades


def require_open_order(
    locked: LockedAccount,
    order: int,
    staff: User | None,
    *,
    check_account: Callable[..., None],
    foreign: type[Denied] = Denied,
) -> OpenOrder:
    """Return an open order of the account for its client, or for `staff` who acts for the client.

    `check_account` is a rule of the account, `check_may_trade` or `check_may_reduce`.

    Raises:
        Denied: `staff` is no staff member.
        What `LockedAccount.trade` and `check_account` raise.
        IncorrectState: the order is closed or deleted.
    """
    dealer = order_rules.is_dealer(staff)
    trade, symbol = locked.trade(order, foreign)
    check_account(locked.account, dealer=dealer)
    if trade.state != State.OPEN:
        raise errors.IncorrectState
    return OpenOrder(trade, symbol, dealer)


def decide_each(
    locked: LockedAccount,
    trades: Iterable[Trade],
    decide: Callable[[OpenOrder], Trade],
    *,
    dealer: bool = False,
) -> BulkResult:
    """Decide orders of the account one by one; one that is refused is left as it is.

    The trades have their symbols as stored. A refusal by `decide` after it has put a change is
    raised: nothing at all is written then.
    """
    result = BulkResult([], [])
    for trade in trades:
        count = locked.changes.count
        try:
            result.changed.append(decide(OpenOrder(trade, trade.instrument, dealer=dealer)))
        except BrokerError as error:
            if locked.changes.count != count:
                raise
            result.failures.append(Failure(trade.order, error))
    return result

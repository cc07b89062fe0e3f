"""Locks of an account and its orders: always the account first, then the order."""

from collections.abc import Callable
from typing import NamedTuple

from accounts.models import Account, User
from core.errors import Denied
from core.postgresql.prepared_models import PreparedModels
from market.catalog import find_symbol
from market.models import Symbol
from trading import errors
from trading.enums import State
from trading.models import Trade
from trading.services import order_rules

LIVE_TRADES = PreparedModels(
    """
SELECT {columns} FROM trading_trade AS trade WHERE login = %s AND state = 0 ORDER BY "order" DESC
""",
    lambda: {"trade": Trade},
)
LOCKED_TRADE = PreparedModels(
    """
SELECT {columns} FROM trading_trade AS trade JOIN market_symbol AS symbol
ON symbol.name = trade.symbol WHERE trade."order" = %s FOR NO KEY UPDATE OF trade
""",
    lambda: {"trade": Trade, "symbol": Symbol},
)


class LockedOrder(NamedTuple):
    """An open order and its account under lock; `dealer`: a staff member acts for the client."""

    account: Account
    trade: Trade
    symbol: Symbol
    dealer: bool


def load_live_trades(account: Account) -> list[Trade]:
    """Return the account's positions and pendings; stable while the account's row is locked.

    Their symbols are the catalog's, which every valuation uses.
    """
    trades = [trade for (trade,) in LIVE_TRADES.fetch([account.login])]
    for trade in trades:
        trade.symbol = find_symbol(trade.symbol_id)
    return trades


def lock_trade(
    account: Account, order: int, foreign: type[Denied] = Denied
) -> tuple[Trade, Symbol]:
    """Lock one of the locked account's orders; return it with its symbol.

    Raises:
        TradeNotFound: no such order, or a finance operation.
        Denied (or `foreign`): the order belongs to another login.
    """
    rows = LOCKED_TRADE.fetch([order])
    if not rows:
        raise errors.TradeNotFound
    trade, symbol = rows[0]
    if trade.account_id != account.login:
        raise foreign("the order belongs to another login")
    trade.symbol = symbol
    return trade, symbol


def lock_open_order(
    login: int,
    order: int,
    staff: User | None,
    *,
    check_account: Callable[..., None],
    foreign: type[Denied] = Denied,
) -> LockedOrder:
    """Lock an open order of the account for its client, or for `staff` who acts for the client.

    `check_account` is a rule of the account, `check_may_trade` or `check_may_reduce`.

    Raises:
        Denied: `staff` is no staff member.
        What `lock_trade` and `check_account` raise.
        IncorrectState: the order is closed or deleted.
    """
    dealer = order_rules.is_dealer(staff)
    account = Account.objects.locked(login)
    trade, symbol = lock_trade(account, order, foreign)
    check_account(account, dealer=dealer)
    if trade.state != State.OPEN:
        raise errors.IncorrectState
    return LockedOrder(account, trade, symbol, dealer)

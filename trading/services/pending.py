"""Place and cancel pending orders."""

from decimal import Decimal

from accounts.models import User
from core.clock import now
from core.locks import transactional
from core.money import ZERO
from market.quotes.quote import LatestQuotes, Quotes
from realtime.events.types import EventCode
from trading import errors
from trading.enums import Activation, Reason, State
from trading.models import Trade
from trading.services import order_rules
from trading.services.announce import announce_changes
from trading.services.live_orders import BulkResult, OpenOrder, decide_each, require_open_order
from trading.services.order_request import OrderContext, OrderRequest, prepare_pending_order
from trading.services.position_admission import COMMENT_LENGTH
from trading.unit.locked_account import LockedAccount
from trading.unit.unit import lock_account


@transactional
def open_pending(
    *,
    login: int,
    cmd: int,
    symbol: str,
    volume: int,
    open_price: Decimal,
    sl: Decimal = ZERO,
    tp: Decimal = ZERO,
    expiration: int = 0,
    comment: str = "",
    reason: Reason = Reason.CLIENT,
    staff: User | None = None,
    quotes: Quotes | None = None,
) -> Trade:
    """Place an order that waits for its price; its margin is checked at its activation.

    `volume` is in minimal lots, `expiration` unix seconds or 0 for never; `staff` acts for
    the client. Raises the refusals of `trading.services.order_rules`, SymbolNotFound and OffQuotes.
    """
    quotes = quotes or LatestQuotes()
    dealer = order_rules.is_dealer(staff)
    request = OrderRequest(
        cmd, symbol, volume, sl, tp, open_price, expiration, comment, reason, dealer
    )
    with lock_account(login, symbol=symbol, new_orders=1) as locked:
        quotes = locked.quotes(quotes)
        stored = locked.stored_symbol(symbol)
        context = OrderContext(locked.account, stored, locked.live_trades())
        trade = prepare_pending_order(context, request, quotes).trade
        trade.staff = staff
        locked.insert(trade)
        announce_changes(locked, quotes, (trade, EventCode.ADD))
        return trade


@transactional
def cancel_pending(
    *, login: int, order: int, staff: User | None = None, quotes: Quotes | None = None
) -> Trade:
    """Withdraw a pending order; `staff` acts for the client.

    Raises:
        TradeNotFound, Denied: there is no such order of this login.
        ReadOnly: the account is read-only.
        IncorrectState: the order has ended already.
        IncorrectCmd: it is a position.
        OrderLocked: the price is inside the freeze level.
    """
    quotes = quotes or LatestQuotes()
    with lock_account(login, order=order) as locked:
        open_order = require_open_order(
            locked, order, staff, check_account=order_rules.check_may_reduce
        )
        return _decide_cancel(locked, open_order, quotes, staff)


@transactional
def cancel_pendings(
    *, login: int, symbol: str = "", staff: User | None = None, quotes: Quotes | None = None
) -> BulkResult:
    """Withdraw the account's pending orders, those of `symbol` or of all, oldest first.

    All are decided under one lock, each by the rules of `cancel_pending`: one that cannot be
    cancelled is left out. `staff` acts for the client.

    Raises:
        ReadOnly: the account is read-only.
        Denied: `staff` is no staff member.
        TradeNotFound: there is no such pending order.
        What the first one was refused with, where none could be cancelled.
    """
    with lock_account(login) as locked:
        result = decide_cancels(locked, quotes or LatestQuotes(), symbol=symbol, staff=staff)
        if not result.changed and not result.failures:
            raise errors.TradeNotFound("there is no such pending order")
        if not result.changed:
            raise result.failures[0].error
        return result


def decide_cancels(
    locked: LockedAccount, quotes: Quotes, *, symbol: str = "", staff: User | None = None
) -> BulkResult:
    """Decide to withdraw a locked account's pending orders, those of `symbol` or of all.

    Raises:
        ReadOnly, Denied: as `cancel_pendings`.
    """
    dealer = order_rules.is_dealer(staff)
    order_rules.check_may_reduce(locked.account, dealer=dealer)
    matched = [one for one in locked.pending_orders() if symbol in ("", one.symbol_id)]
    return decide_each(
        locked, matched, lambda one: _decide_cancel(locked, one, quotes, staff), dealer=dealer
    )


def _decide_cancel(
    locked: LockedAccount, order: OpenOrder, quotes: Quotes, staff: User | None = None
) -> Trade:
    """Withdraw the order, as `cancel_pending` documents."""
    trade, symbol, dealer = order
    if not trade.is_pending:
        raise errors.IncorrectCmd("only a pending order can be cancelled")
    quote = locked.quotes(quotes).get(symbol.name)
    if quote is not None:
        order_rules.check_not_frozen(symbol, trade, quote, dealer=dealer)
    if staff is not None:
        trade.staff = staff
    end_pending(locked, trade, time=now())
    announce_changes(locked, quotes, (trade, EventCode.DELETE))
    return trade


def end_pending(
    locked: LockedAccount,
    trade: Trade,
    *,
    time: int,
    activation: Activation = Activation.NONE,
    note: str = "",
) -> None:
    """End a pending without a fill; `note` is added to its comment. `time` is unix seconds."""
    trade.state, trade.close_time, trade.activation = State.DELETED, time, activation
    if note:
        room = COMMENT_LENGTH - len(note) - 1
        trade.comment = f"{trade.comment[:room]} {note}".strip()
    trade.revision += 1
    locked.update(trade)

"""Change the levels of a position or a pending order."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from typing import NamedTuple, TypeVar

from accounts.models import User
from core.errors import BrokerError
from core.locks import transactional
from core.money import ZERO
from market import visibility
from market.catalog import instrument_of
from market.group_quotes import quotes_of_group
from market.models import Symbol
from market.quotes.quote import LatestQuotes, Quote, Quotes
from realtime.events.types import EventCode
from trading import errors
from trading.models import Trade
from trading.services import order_rules
from trading.services.announce import announce_changes
from trading.services.live_orders import OpenOrder, require_open_order
from trading.unit.locked_account import LockedAccount
from trading.unit.unit import lock_account

Value = TypeVar("Value")


class OrderChange(NamedTuple):
    """What a change sets of an order; None: it stays as it is."""

    open_price: Decimal | None = None
    sl: Decimal | None = None
    tp: Decimal | None = None
    expiration: int | None = None  # unix seconds, 0 for never


@transactional
def modify_position(
    *,
    login: int,
    order: int,
    sl: Decimal | None = None,
    tp: Decimal | None = None,
    staff: User | None = None,
    quotes: Quotes | None = None,
) -> Trade:
    """Set the levels that are given; 0 clears one. `staff` acts for the client.

    Only a level that changes is checked against the price: what is not given stays, and so
    does what is given unchanged, since terminals send the whole order. Returns the trade.

    Raises:
        TradeNotFound, ModifyForeign, Denied, ReadOnly, TradeDisabled, IncorrectState,
        IncorrectCmd, MarketClosed, OffQuotes, OrderLocked, InvalidStops, BadStops.
    """
    quotes = quotes or LatestQuotes()
    with lock_account(login, order=order) as locked:
        quotes = locked.quotes(quotes)
        trade, symbol, dealer = _require(locked, order, staff)
        if not trade.is_position:
            raise errors.IncorrectCmd("the order is a pending one")
        quote = order_rules.require_session_quote(locked.account, symbol, quotes)
        order_rules.check_not_frozen(symbol, trade, quote, dealer=dealer)
        _change(trade, symbol, quote, changes_of(trade, OrderChange(sl=sl, tp=tp)))
        return _put(locked, trade, quotes)


@transactional
def modify_pending(
    *,
    login: int,
    order: int,
    open_price: Decimal | None = None,
    sl: Decimal | None = None,
    tp: Decimal | None = None,
    expiration: int | None = None,
    staff: User | None = None,
    quotes: Quotes | None = None,
) -> Trade:
    """Set what is given; 0 clears levels and expiration. `staff` acts for the client.

    Only what changes is checked. The levels are measured from the order's price: one that
    stays must not be brought closer to it than the stops level. Returns the trade.

    Raises:
        BadPrices, ExpirationDenied, and what `modify_position` raises.
    """
    quotes = quotes or LatestQuotes()
    with lock_account(login, order=order) as locked:
        quotes = locked.quotes(quotes)
        trade, symbol, dealer = _require(locked, order, staff)
        if not trade.is_pending:
            raise errors.IncorrectCmd("the order is not a pending one")
        quote = order_rules.require_session_quote(locked.account, symbol, quotes)
        order_rules.check_not_frozen(symbol, trade, quote, dealer=dealer)
        given = OrderChange(open_price, sl, tp, expiration)
        _change(trade, symbol, quote, changes_of(trade, given))
        return _put(locked, trade, quotes)


def _require(locked: LockedAccount, order: int, staff: User | None) -> OpenOrder:
    return require_open_order(
        locked,
        order,
        staff,
        check_account=order_rules.check_may_trade,
        foreign=errors.ModifyForeign,
    )


def find_refusals(trade: Trade, given: OrderChange) -> list[BrokerError]:
    """Return everything that a dealer's change would be refused for now; nothing is written.

    The services refuse a change for the first of these alone.
    """
    account, found = trade.account, list[BrokerError]()
    quotes = quotes_of_group(LatestQuotes(), account.group)
    try:
        stored = visibility.require_visible_symbol(None, trade.symbol_id or "")
        symbol = instrument_of(account.group_id, stored)
        quote = order_rules.require_session_quote(account, symbol, quotes)
    except BrokerError as error:
        return [error]
    for check in rules_of_change(trade, symbol, quote, changes_of(trade, given)):
        try:
            check()
        except BrokerError as error:
            found.append(error)
    return found


def changes_of(trade: Trade, given: OrderChange) -> OrderChange:
    """Return what is given without what the order has already."""
    present = (trade.open_price, trade.sl, trade.tp, trade.expiration)
    return OrderChange(*map(changed_value, given, present))


def changed_value(given: Value | None, current: Value) -> Value | None:
    """Return what is given, or None if nothing is, or what the order has already."""
    return None if given == current else given


def rules_of_change(
    trade: Trade, symbol: Symbol, quote: Quote, change: OrderChange
) -> Iterator[Callable[[], None]]:
    """Yield the checks of what changes of the order, in the order in which they are made.

    A position's levels are measured from the price that closes it, a pending's from its own.
    """
    direction, price = trade.direction, quote.closing_price(trade.direction)
    if trade.is_pending:
        price = trade.open_price if change.open_price is None else change.open_price
        if change.open_price is not None:
            yield partial(order_rules.check_pending_price, symbol, trade.kind, price, quote)
            sl = trade.sl if change.sl is None else ZERO
            tp = trade.tp if change.tp is None else ZERO
            towards = partial(order_rules.check_unchanged_stops, symbol, direction)
            yield partial(towards, sl, ZERO, trade.open_price, price)
            yield partial(towards, ZERO, tp, trade.open_price, price)
    yield partial(order_rules.check_stop, symbol, direction, "sl", change.sl, price)
    yield partial(order_rules.check_stop, symbol, direction, "tp", change.tp, price)
    if change.expiration is not None:
        yield partial(order_rules.check_expiration, change.expiration, quote)


def _change(trade: Trade, symbol: Symbol, quote: Quote, change: OrderChange) -> None:
    """Check and set what changes at this quote; what stays still counts from its own quote.

    Raises what `modify_position` and `modify_pending` document.
    """
    for check in rules_of_change(trade, symbol, quote, change):
        check()
    if change.open_price is not None:
        trade.open_price, trade.seen, trade.waiting = change.open_price, quote.seq_no, False
    if change.sl is not None:
        trade.sl, trade.sl_seen = change.sl, quote.seq_no
    if change.tp is not None:
        trade.tp, trade.tp_seen = change.tp, quote.seq_no
    if change.expiration is not None:
        trade.expiration = change.expiration


def _put(locked: LockedAccount, trade: Trade, quotes: Quotes) -> Trade:
    trade.revision += 1
    locked.update(trade)
    announce_changes(locked, quotes, (trade, EventCode.UPDATE))
    return trade

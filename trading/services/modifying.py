"""Change the levels of a position or a pending order."""

from decimal import Decimal
from typing import TypeVar

from accounts.models import User
from core.locks import transactional
from core.money import ZERO
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
        sl, tp = changed_value(sl, trade.sl), changed_value(tp, trade.tp)
        order_rules.check_position_stops(symbol, trade.direction, sl or ZERO, tp or ZERO, quote)
        _set_levels(trade, sl, tp, quote)
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
        _set_pending_terms(trade, symbol, quote, open_price, sl, tp, expiration)
        return _put(locked, trade, quotes)


def _require(locked: LockedAccount, order: int, staff: User | None) -> OpenOrder:
    return require_open_order(
        locked,
        order,
        staff,
        check_account=order_rules.check_may_trade,
        foreign=errors.ModifyForeign,
    )


def _set_pending_terms(
    trade: Trade,
    symbol: Symbol,
    quote: Quote,
    open_price: Decimal | None,
    sl: Decimal | None,
    tp: Decimal | None,
    expiration: int | None,
) -> None:
    """Check and set what changes of a pending; raises what `modify_pending` documents."""
    sl, tp = changed_value(sl, trade.sl), changed_value(tp, trade.tp)
    price = changed_value(open_price, trade.open_price)
    if price is not None:
        _check_price(trade, symbol, price, quote, sl, tp)
        trade.open_price, trade.seen, trade.waiting = price, quote.seq_no, False
    price = trade.open_price
    order_rules.check_stops(symbol, trade.direction, sl or ZERO, tp or ZERO, price, price)
    _set_levels(trade, sl, tp, quote)
    expiration = changed_value(expiration, trade.expiration)
    if expiration is not None:
        order_rules.check_expiration(expiration, quote)
        trade.expiration = expiration


def changed_value(given: Value | None, current: Value) -> Value | None:
    """Return what is given, or None if nothing is, or what the order has already."""
    return None if given == current else given


def _check_price(
    trade: Trade,
    symbol: Symbol,
    price: Decimal,
    quote: Quote,
    sl: Decimal | None,
    tp: Decimal | None,
) -> None:
    """Check a pending's new price against the market, and against the levels that stay."""
    order_rules.check_pending_price(symbol, trade.kind, price, quote)
    unchanged_sl = trade.sl if sl is None else ZERO
    unchanged_tp = trade.tp if tp is None else ZERO
    order_rules.check_unchanged_stops(
        symbol, trade.direction, unchanged_sl, unchanged_tp, trade.open_price, price
    )


def _set_levels(trade: Trade, sl: Decimal | None, tp: Decimal | None, quote: Quote) -> None:
    """Set the changed levels at this quote; others still count from their own quote."""
    if sl is not None:
        trade.sl, trade.sl_seen = sl, quote.seq_no
    if tp is not None:
        trade.tp, trade.tp_seen = tp, quote.seq_no


def _put(locked: LockedAccount, trade: Trade, quotes: Quotes) -> Trade:
    trade.revision += 1
    locked.update(trade)
    announce_changes(locked, quotes, (trade, EventCode.UPDATE))
    return trade

"""What the engine does when the tick log has crossed a level; all is checked again under lock.

The engine's book may be outdated: then a call changes nothing and returns None, and never
makes a wrong trade. `revision` is the one that the book has of the order. For another
revision it cannot say which quote comes first: an earlier one may have reached a level
unknown to the book.
"""

from decimal import Decimal

from accounts.enums import GapRule
from accounts.models import Account, Group
from core.locks import transactional
from market import sessions
from market.errors import MarketClosed
from market.quotes import Quote, Quotes
from realtime.events import EventCode
from trading import rules
from trading.announce import announce
from trading.enums import LIMIT_CMDS, Activation
from trading.models import Fill, Trade
from trading.services.closing import Closing, carry_out
from trading.services.common import admit, beside, valuation_of
from trading.services.fills import record
from trading.services.locking import live_trades, locked_trade
from trading.services.pending import delete
from trading.valuation import current


@transactional
def trigger(
    *,
    login: int,
    order: int,
    activation: Activation,
    quote: Quote,
    quotes: Quotes,
    revision: int | None = None,
) -> Trade | None:
    """Close a position by its stop loss or take profit at `quote`, if that still holds.

    A stop fills at the market, a take profit by the gap rule; both exactly at their level
    where the group forbids slippage (domain.md, section 1). Returns the closed trade or
    None.

    Raises:
        MarketClosed: it was at the quote's time; a quote after the opening decides again.
    """
    account = Account.objects.locked(login)
    trade, symbol = locked_trade(account, order)
    stop = activation is Activation.STOP_LOSS
    level, seen = (trade.sl, trade.sl_seen) if stop else (trade.tp, trade.tp_seen)
    price = quote.closing(trade.direction)
    beyond = trade.direction * (price - level) * (-1 if stop else 1) >= 0
    if not trade.is_position or not level or quote.number <= seen or not beyond:
        return None
    if is_other(trade, revision):
        return None
    group = account.group
    if not sessions.is_open(symbol, group, quote.time / 1000):
        raise MarketClosed
    if group.allow_sl_tp_slippage:
        level = price if stop else limit_price(group, level, price)
    closing = Closing(level, quote.time // 1000, quote, activation)
    return carry_out(account, trade, trade.volume, closing, quotes)


@transactional
def activate(
    *, login: int, order: int, quote: Quote, quotes: Quotes, revision: int | None = None
) -> Trade | None:
    """Turn a pending into a position at `quote`, if its price is reached; return it or None.

    Raises:
        NoMoney, OffQuotes: it stays pending, to be tried again.
        MarketClosed: it was at the quote's time; a quote after the opening decides again.
        BrokerError of any other kind: it is to be cancelled (`refuse_activation`).
    """
    account = Account.objects.locked(login)
    trade, symbol = locked_trade(account, order)
    if not trade.is_pending or quote.number <= trade.seen or is_other(trade, revision):
        return None
    if due(trade, quote):
        return end(account, trade, quotes)
    if rules.pending_distance(trade.kind, trade.open_price, quote) > 0:
        return None
    rules.market_open(account, symbol, quote.time / 1000)
    live = [other for other in live_trades(account) if other.order != trade.order]
    rules.may_trade(account, dealer=trade.staff_id is not None)
    rules.may_open(account, symbol, trade.direction, live)
    price = become_position(trade, account.group, quote)
    valuation = valuation_of(account, quotes)
    rates = admit(valuation, trade, price, live)
    before = valuation.figures(beside(trade, live))
    trade.revision += 1
    trade.save()
    after = current(account, quotes)
    record(
        Fill.Kind.ACTIVATE, trade, account,
        price=price, time=trade.open_time, quote=quote, before=before, after=after, **rates,
    )  # fmt: skip
    announce(account, quotes, (trade, EventCode.ACTIVATE), figures=after)
    return trade


def become_position(trade: Trade, group: Group, quote: Quote) -> Decimal:
    """Make the pending a position filled at `quote`, unsaved; return its price."""
    price = quote.opening(trade.direction)
    if trade.kind in LIMIT_CMDS:
        price = limit_price(group, trade.open_price, price)
    trade.cmd = trade.kind.market
    trade.open_price, trade.open_time = price, quote.time // 1000
    trade.activation, trade.expiration, trade.waiting = Activation.PENDING, 0, False
    trade.seen = trade.sl_seen = trade.tp_seen = quote.number
    return price


@transactional
def expire(
    *, login: int, order: int, quote: Quote, quotes: Quotes, revision: int | None = None
) -> Trade | None:
    """End a pending whose expiration the source's time has reached; return it or None."""
    account = Account.objects.locked(login)
    trade, _ = locked_trade(account, order)
    if is_other(trade, revision) or not due(trade, quote):
        return None
    return end(account, trade, quotes)


def is_other(trade: Trade, revision: int | None) -> bool:
    """Return whether the order has another revision; None: the caller has no book."""
    return revision is not None and trade.revision != revision


def due(trade: Trade, quote: Quote) -> bool:
    """Return whether the order is a pending that has expired by the time of the quote."""
    return bool(trade.is_pending and trade.expiration and trade.expiration * 1000 <= quote.time)


def end(account: Account, trade: Trade, quotes: Quotes) -> Trade:
    """Write the expiry and announce it; the rows are locked."""
    delete(trade, time=trade.expiration)
    announce(account, quotes, (trade, EventCode.DELETE))
    return trade


@transactional
def postpone(*, login: int, order: int, revision: int | None = None) -> Trade | None:
    """Mark the pending's activation as deferred: from now on only new quotes try it.

    An old quote, read again after a restart or a change, must not fill it once there is
    money. Returns the trade, or None if nothing changed.
    """
    account = Account.objects.locked(login)
    trade, _ = locked_trade(account, order)
    if not trade.is_pending or trade.waiting or is_other(trade, revision):
        return None
    trade.waiting, trade.revision = True, trade.revision + 1
    trade.save(update_fields=["waiting", "revision"])
    return trade


@transactional
def refuse_activation(
    *,
    login: int,
    order: int,
    code: str,
    quote: Quote,
    quotes: Quotes,
    revision: int | None = None,
) -> Trade | None:
    """Cancel a pending whose activation was refused for good; return it or None."""
    account = Account.objects.locked(login)
    trade, _ = locked_trade(account, order)
    if not trade.is_pending or is_other(trade, revision):
        return None
    note = f"[ACTIVATION_CANCEL: {code}]"
    delete(trade, time=quote.time // 1000, activation=Activation.CANCEL, note=note)
    announce(account, quotes, (trade, EventCode.REJECT))
    return trade


def limit_price(group: Group, level: Decimal, market: Decimal) -> Decimal:
    """Return the price a limit or take profit fills at: its own, or by gap rule the market's."""
    return market if group.gap_rule == GapRule.MARKET else level

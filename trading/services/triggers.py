"""What the engine does when the tick log has crossed a level; all is checked again under lock.

The engine's book may be outdated: then a call changes nothing and returns None, and never
makes a wrong trade. `revision` is the one that the book has of the order. For another
revision it cannot say which quote comes first: an earlier one may have reached a level
unknown to the book.

The quotes are the market's; what the account sees of them is worked out here.
"""

from collections.abc import Callable
from decimal import Decimal
from functools import wraps

from accounts.enums import GapRule
from accounts.models import Group
from core.locks import transactional
from market.errors import MarketClosed
from market.models import Symbol
from market.quotes.quote import Quote, Quotes
from market.sessions import state
from realtime.events.types import EventCode
from trading.enums import LIMIT_CMDS, Activation
from trading.models import Fill, Trade
from trading.services import order_rules
from trading.services.announce import announce_changes
from trading.services.closing import CloseDecision, execute_close
from trading.services.fills import record_fill
from trading.services.pending import end_pending
from trading.services.position_admission import admit_position
from trading.unit.locked_account import LockedAccount
from trading.unit.unit import lock_account
from trading.valuation.markup_earned import opening_markup


def decide_trigger_close(
    locked: LockedAccount,
    *,
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
    trade, symbol = locked.trade(order)
    quote = locked.see(quote, quotes)
    stop = activation is Activation.STOP_LOSS
    level, last_seq_no = (trade.sl, trade.sl_seen) if stop else (trade.tp, trade.tp_seen)
    price = quote.closing_price(trade.direction)
    is_reached = trade.direction * (price - level) * (-1 if stop else 1) >= 0
    if not trade.is_position or not level or quote.seq_no <= last_seq_no or not is_reached:
        return None
    if is_other_revision(trade, revision):
        return None
    group = locked.account.group
    if not state.is_open(symbol, group, quote.time / 1000):
        raise MarketClosed
    if group.allow_sl_tp_slippage:
        level = price if stop else limit_price(group, level, price)
    decision = CloseDecision(level, quote.time // 1000, quote, activation)
    return execute_close(locked, trade, trade.volume, decision, quotes)[0]


def decide_activation(
    locked: LockedAccount,
    *,
    order: int,
    quote: Quote,
    quotes: Quotes,
    revision: int | None = None,
) -> Trade | None:
    """Turn a pending into a position at `quote`, if its price is reached; return it or None.

    Raises:
        NoMoney, OffQuotes: it stays pending, to be tried again.
        MarketClosed: it was at the quote's time; a quote after the opening decides again.
        BrokerError of any other kind: it is to be cancelled (`refuse_activation`).
    """
    account, quote = locked.account, locked.see(quote, quotes)
    trade, symbol = locked.trade(order)
    if not trade.is_pending or quote.seq_no <= trade.seen or is_other_revision(trade, revision):
        return None
    if has_expired(trade, quote):
        return put_expiry(locked, trade, quotes)
    if order_rules.activation_distance(trade.kind, trade.open_price, quote) > 0:
        return None
    order_rules.check_market_open(account, symbol, quote.time / 1000)
    check_may_activate(locked, trade, symbol)
    price = fill_pending(trade, account.group, quote)
    valuation = locked.valuation(quotes, strict=True)
    rates = admit_position(valuation, trade, price, locked.sums(quotes))
    before = locked.figures(quotes, strict=True)
    trade.revision += 1
    locked.update(trade)
    after = locked.figures(quotes)
    record_fill(
        Fill.Kind.ACTIVATE, trade, locked,
        price=price, time=trade.open_time, quote=quote, before=before, after=after, **rates,
    )  # fmt: skip
    announce_changes(locked, quotes, (trade, EventCode.ACTIVATE), figures=after)
    return trade


def check_may_activate(locked: LockedAccount, trade: Trade, symbol: Symbol) -> None:
    """Refuse a pending that may not be opened beside the account's other live orders.

    Raises:
        What `check_may_trade` and `check_may_open` document.
    """
    account, others = locked.account, locked.live_count() - 1
    order_rules.check_may_trade(account, dealer=trade.staff_id is not None)
    order_rules.check_may_open(
        account, symbol, trade.direction, others, lambda: locked.find_opposite(trade)
    )


def fill_pending(trade: Trade, group: Group, quote: Quote) -> Decimal:
    """Make the pending a position filled at `quote`; return its price."""
    price = quote.opening_price(trade.direction)
    if trade.kind in LIMIT_CMDS:
        price = limit_price(group, trade.open_price, price)
    trade.cmd = trade.kind.position_cmd
    trade.open_price, trade.open_time = price, quote.time // 1000
    trade.open_markup = opening_markup(quote, trade.direction)
    trade.activation, trade.expiration, trade.waiting = Activation.PENDING, 0, False
    trade.seen = trade.sl_seen = trade.tp_seen = quote.seq_no
    return price


def decide_expiry(
    locked: LockedAccount,
    *,
    order: int,
    quote: Quote,
    quotes: Quotes,
    revision: int | None = None,
) -> Trade | None:
    """End a pending whose expiration the source's time has reached; return it or None."""
    trade, _ = locked.trade(order)
    if is_other_revision(trade, revision) or not has_expired(trade, quote):
        return None
    return put_expiry(locked, trade, quotes)


def is_other_revision(trade: Trade, revision: int | None) -> bool:
    """Return whether the order has another revision; None: the caller has no book."""
    return revision is not None and trade.revision != revision


def has_expired(trade: Trade, quote: Quote) -> bool:
    """Return whether the order is a pending that has expired by the time of the quote."""
    return bool(trade.is_pending and trade.expiration and trade.expiration * 1000 <= quote.time)


def put_expiry(locked: LockedAccount, trade: Trade, quotes: Quotes) -> Trade:
    """Put the expiry and announce it."""
    end_pending(locked, trade, time=trade.expiration)
    announce_changes(locked, quotes, (trade, EventCode.DELETE))
    return trade


def decide_deferral(
    locked: LockedAccount, *, order: int, revision: int | None = None
) -> Trade | None:
    """Mark the pending's activation as deferred: from now on only new quotes try it.

    An old quote, read again after a restart or a change, must not fill it once there is
    money. Returns the trade, or None if nothing changed.
    """
    trade, _ = locked.trade(order)
    if not trade.is_pending or trade.waiting or is_other_revision(trade, revision):
        return None
    trade.waiting, trade.revision = True, trade.revision + 1
    locked.update(trade)
    return trade


def decide_refusal(
    locked: LockedAccount,
    *,
    order: int,
    code: str,
    quote: Quote,
    quotes: Quotes,
    revision: int | None = None,
) -> Trade | None:
    """Cancel a pending whose activation was refused for good; return it or None."""
    trade, _ = locked.trade(order)
    if not trade.is_pending or is_other_revision(trade, revision):
        return None
    note = f"[ACTIVATION_CANCEL: {code}]"
    end_pending(locked, trade, time=quote.time // 1000, activation=Activation.CANCEL, note=note)
    announce_changes(locked, quotes, (trade, EventCode.REJECT))
    return trade


def limit_price(group: Group, level: Decimal, market: Decimal) -> Decimal:
    """Return the price a limit or take profit fills at: its own, or by gap rule the market's."""
    return market if group.gap_rule == GapRule.MARKET else level


def locked_service(decide: Callable[..., Trade | None]) -> Callable[..., Trade | None]:
    """Return a service that locks the account `login` and does as the decision demands."""

    @transactional
    @wraps(decide)
    def service(*, login: int, order: int, **known: object) -> Trade | None:
        with lock_account(login, order=order) as locked:
            return decide(locked, order=order, **known)

    return service


close_by_trigger = locked_service(decide_trigger_close)
activate_pending = locked_service(decide_activation)
expire_pending = locked_service(decide_expiry)
defer_activation = locked_service(decide_deferral)
refuse_activation = locked_service(decide_refusal)

"""Margin call and stop-out (domain.md, section 6), requested by the engine at a quote.

The engine's book may be outdated: everything is checked again under lock, and a check that
finds nothing to do changes nothing.
"""

import logging

from core.clock import DAY_S
from core.json import plain_digits
from core.locks import transactional
from market.errors import OffQuotes
from market.quotes.quote import Quote, Quotes, require_quote
from market.sessions.state import is_open
from realtime.events.types import NotificationLevel, NotificationType
from trading.enums import Activation, LevelType
from trading.models import MarginAction, Trade
from trading.services.announce import announce_changes
from trading.services.closing import CloseDecision, execute_close
from trading.services.margin_actions import (
    MarginSnapshot,
    RunningMargin,
    describe_margin,
    notify_client,
    record_margin_action,
)
from trading.services.stop_out import StopOutQueue, must_stop_out, volume_to_close
from trading.unit.locked_account import LockedAccount
from trading.unit.unit import lock_account
from trading.valuation.account import has_recovered

log = logging.getLogger(__name__)


@transactional
def enforce_margin_levels(*, login: int, quotes: Quotes, quote: Quote) -> list[Trade]:
    """Lock the account, and do as `decide_margin_levels` demands."""
    with lock_account(login) as locked:
        return decide_margin_levels(locked, quotes=quotes, quote=quote)


def decide_margin_levels(locked: LockedAccount, *, quotes: Quotes, quote: Quote) -> list[Trade]:
    """Call the account's margin, end the call, or stop out, as its level at `quote` demands.

    `quotes` are those at the time of `quote`. Returns the changed trades as they stand:
    closed ones, and those closed in part.
    """
    account, quotes = locked.account, locked.quotes(quotes)
    margin = RunningMargin(locked, quotes)
    try:
        snapshot = margin.snapshot()
    except OffQuotes as error:
        log.warning("the margin of %s is not known: %s", locked.login, error)
        return []
    begins = snapshot.figures.level_type is not LevelType.OK and not account.margin_called
    ends = account.margin_called and has_recovered(account.group, snapshot.figures)
    stop = must_stop_out(snapshot)
    if not (stop or begins or ends) or _has_changed_since(locked, quote):
        return []
    if begins:
        _call_margin(locked, snapshot, quote)
    elif ends:
        announce_changes(locked, quotes)
    return _stop_out(locked, margin, snapshot, quote) if stop else []


def _has_changed_since(locked: LockedAccount, quote: Quote) -> bool:
    """Return whether a position, money or a margin call was changed with a later quote.

    Old quotes of a tick log that is read again, or late, must not stop out what did not
    exist at their time, nor end a call that came after them and repeat it.
    """
    if locked.account.margin_seen > quote.seq_no:
        return True
    # A day is the most that the clocks of sources and of this machine may differ.
    since = min(quote.time, quote.received) // 1000 - DAY_S
    return locked.has_seen_after(quote.seq_no, since)


def _call_margin(locked: LockedAccount, snapshot: MarginSnapshot, quote: Quote) -> None:
    """Notify the client once; `margin_called` stays set until the call ends."""
    locked.set_margin_called(True)
    locked.raise_margin_seen(snapshot.quotes.quotes)
    record_margin_action(locked, snapshot, MarginAction.Kind.CALL, quote.time // 1000)
    least = plain_digits(locked.account.group.margin_call)
    notify_client(
        locked,
        snapshot,
        NotificationType.MARGIN_CALL,
        f"{describe_margin(snapshot)}: below the margin call at {least}.",
        NotificationLevel.WARNING,
        margin_call=locked.account.group.margin_call,
    )


def _stop_out(
    locked: LockedAccount, margin: RunningMargin, snapshot: MarginSnapshot, quote: Quote
) -> list[Trade]:
    """Close one position after the other until the level is above the stop-out again.

    Pendings bind no margin here, so none is cancelled. Returns the changed trades.
    """
    trades = {trade.order: trade for trade in locked.open_positions()}
    not_closable = {
        order: why
        for order, trade in trades.items()
        if (why := _close_obstacle(trade, snapshot, quote))
    }
    changed: dict[int, Trade] = {}
    queue = StopOutQueue(
        snapshot, (one for one in locked.positions if one.order not in not_closable)
    )
    while must_stop_out(snapshot):
        position = queue.take()
        if position is None:
            break  # tried again at the next quotes
        trade = trades[position.order]
        if not changed:
            _notify_of_stop_out(locked, snapshot, trade)
        closed = _close_by_stop_out(
            locked,
            snapshot,
            trade,
            volume_to_close(snapshot, position, trade.instrument),
            quote,
            not_closable,
        )
        changed |= {closed.order: closed, trade.order: trade}
        rest = locked.position(trade.order)
        if rest is not None:
            queue.put(rest)
        snapshot = margin.snapshot()
    return list(changed.values())


def _notify_of_stop_out(locked: LockedAccount, snapshot: MarginSnapshot, first: Trade) -> None:
    """Notify the client, once for all that is closed; `first` is closed first."""
    least = locked.account.group.margin_stopout
    notify_client(
        locked,
        snapshot,
        NotificationType.STOP_OUT,
        f"{describe_margin(snapshot)}: not above the stop-out at {plain_digits(least)}.",
        NotificationLevel.ERROR,
        order=first.order,
        margin_stopout=least,
    )


def _close_obstacle(trade: Trade, snapshot: MarginSnapshot, quote: Quote) -> str | None:
    """Return why the position cannot be closed at the time of `quote`, or None."""
    symbol, group = trade.instrument, snapshot.account.group
    symbol_quote = snapshot.quotes.get(symbol.name)
    if symbol_quote is None or quote.received - symbol_quote.received > symbol.quote_timeout * 1000:
        return f"{symbol.name} has no current quote"
    if not is_open(symbol, group, quote.time // 1000):
        return f"the market of {symbol.name} is closed"
    if not is_open(symbol, group, symbol_quote.time // 1000):
        return f"{symbol.name} has no quote of this session"
    return None


def _close_by_stop_out(
    locked: LockedAccount,
    snapshot: MarginSnapshot,
    trade: Trade,
    lots: int,
    quote: Quote,
    not_closable: dict[int, str],
) -> Trade:
    """Close `lots` at the closing side and store why. Returns the closed row."""
    symbol = trade.instrument
    symbol_quote = require_quote(snapshot.valuation.quotes, symbol)
    # The clocks of sources differ: a close is never before the quote that filled it.
    time = max(quote.time, symbol_quote.time) // 1000
    decision = CloseDecision(
        symbol_quote.closing_price(trade.direction),
        time,
        symbol_quote,
        Activation.STOP_OUT,
        check_seq_no=quote.seq_no,
    )
    action = record_margin_action(
        locked,
        snapshot,
        MarginAction.Kind.STOP_OUT,
        time,
        trade,
        lots=lots,
        of=trade.volume,
        looked_at=quote.seq_no,
        not_closed=not_closable,
    )
    closed, fill = execute_close(locked, trade, lots, decision, snapshot.quotes.quotes)
    action.after = fill.after
    if closed is not trade:
        action.trade = closed
    return closed

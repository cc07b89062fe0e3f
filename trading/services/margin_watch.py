"""Margin call and stop-out (domain.md, section 6), requested by the engine at a quote.

The engine's book may be outdated: everything is checked again under lock, and a check that
finds nothing to do changes nothing.
"""

import logging

from django.db.models import Q

from accounts.models import Account
from core.clock import DAY_S
from core.json import plain
from core.locks import transactional
from market.errors import OffQuotes
from market.quotes import Quote, Quotes
from market.sessions import is_open
from realtime.events import Level
from trading.announce import announce
from trading.enums import PENDING_CMDS, Activation, LevelType, State
from trading.margin_log import Look, look, standing, warn, write
from trading.models import Fill, MarginAction, Trade
from trading.services.closing import Closing, carry_out
from trading.services.stopout_order import lots_of, must_close, next_of

log = logging.getLogger(__name__)


@transactional
def watch_margin(*, login: int, quotes: Quotes, quote: Quote) -> list[Trade]:
    """Call the account's margin, end the call, or stop out, as its level at `quote` demands.

    `quotes` are those at the time of `quote`. Returns the changed trades as they stand:
    closed ones, and those closed in part.
    """
    account = Account.objects.locked(login)
    try:
        seen = look(account, quotes)
    except OffQuotes as error:
        log.warning("the margin of %s is not known: %s", login, error)
        return []
    low = seen.figures.level_type is not LevelType.OK
    stop = must_close(seen)
    if not (stop or low != account.margin_called) or _has_changed_since(account, quote):
        return []
    if low and not account.margin_called:
        _call(seen, quote)
    elif not low and account.margin_called:
        announce(account, quotes)
    return _stop_out(seen, quotes, quote) if stop else []


def _has_changed_since(account: Account, quote: Quote) -> bool:
    """Return whether a position or money was changed with a later quote than this one.

    Old quotes of a tick log that is read again, or late, must not stop out what did not
    exist at their time.
    """
    # A day is the most that the clocks of sources and of this machine may differ.
    since = min(quote.time, quote.received) // 1000 - DAY_S
    rows = Trade.objects.filter(account=account, seen__gt=quote.number)
    recent = rows.filter(Q(state=State.OPEN) | Q(close_time__gte=since))
    return recent.exclude(cmd__in=PENDING_CMDS).exists()


def _call(seen: Look, quote: Quote) -> None:
    """Notify the client once; `margin_called` stays set until the level has recovered."""
    account = seen.account
    account.margin_called = True
    account.save(update_fields=["margin_called"])
    write(seen, MarginAction.Kind.CALL, quote.time // 1000)
    least = plain(account.group.margin_call)
    warn(seen, "Margin call", f"{standing(seen)}: below the margin call at {least}.", Level.WARNING)


def _stop_out(seen: Look, quotes: Quotes, quote: Quote) -> list[Trade]:
    """Close one position after the other until the level is above the stop-out again.

    Pendings bind no margin here, so none is cancelled. Returns the changed trades.
    """
    account = seen.account
    rows = Trade.objects.positions().filter(account=account).select_related("symbol")
    locked = rows.select_for_update(of=("self",), no_key=True).order_by("order")
    trades = {trade.order: trade for trade in locked}
    kept = {order: why for order, trade in trades.items() if (why := _obstacle(trade, seen, quote))}
    changed: dict[int, Trade] = {}
    while must_close(seen):
        open_ones = [one for one in seen.positions if one.order not in kept]
        if not open_ones:
            break  # tried again at the next quotes
        position = next_of(seen, open_ones)
        trade = trades[position.order]
        if not changed:
            level = plain(account.group.margin_stopout)
            warn(
                seen,
                "Stop-out",
                f"{standing(seen)}: not above the stop-out at {level}.",
                Level.ERROR,
            )
        closed = _close(seen, trade, lots_of(seen, position, trade.instrument), quote, kept)
        changed |= {closed.order: closed, trade.order: trade}
        seen = look(account, quotes)
    return list(changed.values())


def _obstacle(trade: Trade, seen: Look, quote: Quote) -> str | None:
    """Return why the position cannot be closed at the time of `quote`, or None."""
    symbol, group = trade.instrument, seen.account.group
    own = seen.quotes.get(symbol.name)
    if own is None or quote.received - own.received > symbol.quote_timeout * 1000:
        return f"{symbol.name} has no current quote"
    if not is_open(symbol, group, quote.time // 1000):
        return f"the market of {symbol.name} is closed"
    if not is_open(symbol, group, own.time // 1000):
        return f"{symbol.name} has no quote of this session"
    return None


def _close(seen: Look, trade: Trade, lots: int, quote: Quote, kept: dict[int, str]) -> Trade:
    """Close `lots` at the closing side and store why. Returns the closed row."""
    account, quotes = seen.account, seen.quotes.quotes
    own = seen.quotes.used[trade.instrument.name]
    # The clocks of sources differ: a close is never before the quote that filled it.
    time = max(quote.time, own.time) // 1000
    closing = Closing(
        own.closing(trade.direction), time, own, Activation.STOP_OUT, looked_at=quote.number
    )
    action = write(
        seen, MarginAction.Kind.STOP_OUT, time, trade,
        lots=lots, of=trade.volume, looked_at=quote.number, not_closed=kept,
    )  # fmt: skip
    closed = carry_out(account, trade, lots, closing, quotes)
    fill = Fill.objects.filter(trade=closed, kind=Fill.Kind.CLOSE).latest("id")
    action.trade, action.after = closed, fill.after
    action.save(update_fields=["trade", "after"])
    return closed

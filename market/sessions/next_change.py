"""Whether a market is open at a moment, and when that changes next."""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from core.clock import DAY_S
from market.enums import MarketReason, MarketState, TradeMode
from market.hours import Hours
from market.models import Symbol
from market.sessions import timetable
from market.sessions.state import market_state_of

WEEK_S = 8 * DAY_S  # a day more than the longest of a time zone
HORIZON = 400 * DAY_S  # seconds ahead in which a change is searched


@dataclass(frozen=True, slots=True)
class OpenStatus:
    """Open or closed, and why; `until` is unix seconds, None without a change in HORIZON."""

    is_open: bool
    reason: MarketReason
    until: float | None


def status_of_hours(hours: Hours, at: float) -> OpenStatus:
    """Return the status at `at` (unix seconds), and until when it holds."""
    first = span = hours.span_at(at)
    # What has not changed in a whole week without special dates does not change any more.
    last = min(hours.plain_from(at) + WEEK_S, at + HORIZON)
    while span.end < last:
        span = hours.span_at(span.end)
        if span.is_open != first.is_open:
            return OpenStatus(first.is_open, first.reason, span.begin)
    return OpenStatus(first.is_open, first.reason, None)


def status_of_symbol(symbol: Symbol, at: float) -> OpenStatus:
    """Return the symbol's own status, without working times of account groups."""
    state, reason = market_state_of(symbol, None, at)
    if symbol.trade == TradeMode.NO:
        return OpenStatus(state == MarketState.OPEN, reason, None)
    return status_of_hours(timetable.current_timetable().hours_of(symbol, None), at)


def format_status(status: OpenStatus, at: float, zone: tzinfo = UTC) -> str:
    """Return `open until Fri 27 Nov 22:00 UTC, in 4 d 3 h` and the like."""
    state = "open" if status.is_open else f"closed ({status.reason.label})"
    if status.until is None:
        return f"{state}, with no change in sight"
    until = datetime.fromtimestamp(status.until, UTC)
    local = "" if str(zone) == "UTC" else f" ({until.astimezone(zone):%a %H:%M} there)"
    return (
        f"{state} until {until:%a %d %b %H:%M} UTC{local}, in {format_duration(status.until - at)}"
    )


def format_duration(seconds: float) -> str:
    """Return the two largest units of a time: `4 d 3 h`, `3 h 20 min`, `5 min`."""
    minutes = max(1, round(seconds / 60))
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [(days, "d"), (hours, "h"), (rest, "min")]
    first = next(place for place, (number, _) in enumerate(parts) if number)
    return " ".join(f"{number} {unit}" for number, unit in parts[first : first + 2] if number)

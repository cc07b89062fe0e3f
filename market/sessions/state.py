"""Whether a symbol can be traded at a moment, why not, and its week of sessions."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise

import orjson
from orjson import Fragment

from accounts.models import Group
from market.enums import MarketReason, MarketState, TradeMode
from market.hours import DAY_MINUTES, MOST_SESSIONS, ONE_DAY, Hours, Session
from market.models import Symbol
from market.sessions import timetable

DISABLED_STATE = (MarketState.CLOSED, MarketReason.DISABLED)
OPEN_STATE = (MarketState.OPEN, MarketReason.NONE)
LAST_MINUTE = DAY_MINUTES - 1  # as clients get the end of a day: 23:59, no hour 24
NO_SESSION = {"open_hour": 0, "open_min": 0, "close_hour": 0, "close_min": 0}


def market_state_of(
    symbol: Symbol, group: Group | None, at: float
) -> tuple[MarketState, MarketReason]:
    """Return the market's state at `at` (unix seconds) for the group's accounts, and why.

    Without a group it is the symbol's own. A symbol that can only be closed is open.
    """
    if symbol.trade == TradeMode.NO:
        return DISABLED_STATE
    span = timetable.current_timetable().hours_of(symbol, group).span_at(at)
    return OPEN_STATE if span.is_open else (MarketState.CLOSED, span.reason)


def is_open(symbol: Symbol, group: Group | None, at: float) -> bool:
    """Return True if accounts of the group can trade the symbol at `at` (unix seconds)."""
    return market_state_of(symbol, group, at) == OPEN_STATE


def serialize_week(symbol: Symbol, group: Group | None, at: float) -> Fragment:
    """Return the sessions of the week around `at` (unix seconds) as clients get them, in UTC.

    The form is that of rest.md, section 5.
    """
    return _serialize_regular_week(*_hours_and_sunday(symbol, group, at))


def sessions_of_week(symbol: Symbol, group: Group | None, at: float) -> list[list[Session]]:
    """Return the regular sessions of each day of the week around `at` (unix seconds), in UTC.

    Sunday is first; a session is its first minute of the day and the one after its last.
    """
    return _regular_sessions(*_hours_and_sunday(symbol, group, at))[:7]


def _hours_and_sunday(symbol: Symbol, group: Group | None, at: float) -> tuple[Hours, date]:
    day = datetime.fromtimestamp(at, UTC).date()
    hours = timetable.current_timetable().hours_of(symbol, group)
    return hours, day - timedelta(days=day.isoweekday() % 7)


@lru_cache(maxsize=4096)
def _serialize_regular_week(hours: Hours, sunday: date) -> Fragment:
    """Return the week that begins on this Sunday, without holidays.

    Clients get the regular plan, from which holidays differ.
    """
    days = _regular_sessions(hours, sunday)
    serialized = [_serialize_day(of_day, after) for of_day, after in pairwise(days)]
    return Fragment(orjson.dumps(serialized))


def _regular_sessions(hours: Hours, sunday: date) -> list[list[Session]]:
    """Return the sessions of eight days from this Sunday on, without holidays."""
    open_times = merge_open_times(Hours(hours.zone, hours.week), sunday)
    return [_sessions_of_day(open_times, sunday + number * ONE_DAY) for number in range(8)]


def merge_open_times(hours: Hours, sunday: date) -> list[tuple[float, float]]:
    """Return the open times of the week and its neighbour days, merged across midnights."""
    merged: list[tuple[float, float]] = []
    for number in range(-2, 10):
        for open_time in hours.open_times(sunday + number * ONE_DAY):
            previous = merged.pop() if merged and open_time[0] <= merged[-1][1] else open_time
            merged.append((previous[0], max(previous[1], open_time[1])))
    return merged


def _sessions_of_day(open_times: list[tuple[float, float]], day: date) -> list[Session]:
    """Return the part of the open times that lies in the UTC day, in minutes of it.

    There is room for three sessions; a shift between time zones can make a fourth, then the
    shortest breaks are left out.
    """
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
    minutes = [
        (int(opens - begin) // 60, int(closes - begin) // 60) for opens, closes in open_times
    ]
    found = [(max(opens, 0), min(closes, DAY_MINUTES)) for opens, closes in minutes]
    found = [(opens, closes) for opens, closes in found if opens < closes]
    while len(found) > MOST_SESSIONS:
        breaks = [after[0] - before[1] for before, after in pairwise(found)]
        at = breaks.index(min(breaks))
        found[at : at + 2] = [(found[at][0], found[at + 1][1])]
    return found


def _serialize_day(sessions: list[Session], next_sessions: list[Session]) -> dict[str, object]:
    """Return one day; `trade_overnight`: its last session goes on in the next day's first."""
    overnight = (
        bool(sessions and next_sessions)
        and sessions[-1][1] == DAY_MINUTES
        and next_sessions[0][0] == 0
    )
    trade = [
        {
            "open_hour": opens // 60,
            "open_min": opens % 60,
            "close_hour": last // 60,
            "close_min": last % 60,
        }
        for opens, last in ((opens, min(closes, LAST_MINUTE)) for opens, closes in sessions)
    ]
    return {
        "trade_overnight": int(overnight),
        "trade": trade + [NO_SESSION] * (MOST_SESSIONS - len(trade)),
    }

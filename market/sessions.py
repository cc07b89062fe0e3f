"""Whether a symbol can be traded at a moment, why not, and its week of sessions."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any

import orjson
from orjson import Fragment

from accounts.models import Group
from market import timetable
from market.enums import MarketReason, MarketState, TradeMode
from market.hours import MIDNIGHT, MOST, ONE_DAY, Hours, Session
from market.models import Symbol

DISABLED = (MarketState.CLOSED, MarketReason.DISABLED)
OPEN = (MarketState.OPEN, MarketReason.NONE)
NO_SESSION = {"open_hour": 0, "open_min": 0, "close_hour": 0, "close_min": 0}


def state(symbol: Symbol, group: Group | None, at: float) -> tuple[MarketState, MarketReason]:
    """Return the market's state at `at` (unix seconds) for the group's accounts, and why.

    Without a group it is the symbol's own. A symbol that can only be closed is open.
    """
    if symbol.trade == TradeMode.NO:
        return DISABLED
    span = timetable.current().hours(symbol, group).span(at)
    return OPEN if span.is_open else (MarketState.CLOSED, span.reason)


def is_open(symbol: Symbol, group: Group | None, at: float) -> bool:
    """Return True if accounts of the group can trade the symbol at `at` (unix seconds)."""
    return state(symbol, group, at) == OPEN


def week(symbol: Symbol, group: Group | None, at: float) -> Fragment:
    """Return the sessions of the week around `at` (unix seconds) as clients get them, in UTC.

    The form is that of rest.md, section 5.
    """
    hours = timetable.current().hours(symbol, group)
    day = datetime.fromtimestamp(at, UTC).date()
    return _week(hours, day - timedelta(days=day.isoweekday() % 7))


@lru_cache(maxsize=4096)
def _week(hours: Hours, sunday: date) -> Fragment:
    """Return the week that begins on this Sunday, without holidays.

    Clients get the regular plan, from which holidays differ.
    """
    pieces = joined(Hours(hours.zone, hours.week), sunday)
    days = [_of_day(pieces, sunday + number * ONE_DAY) for number in range(8)]
    shown = [_shown(of_day, after) for of_day, after in pairwise(days)]
    return Fragment(orjson.dumps(shown))


def joined(hours: Hours, sunday: date) -> list[tuple[float, float]]:
    """Return the open times of the week and its neighbour days, merged across midnights."""
    joined: list[tuple[float, float]] = []
    for number in range(-2, 10):
        for piece in hours.pieces(sunday + number * ONE_DAY):
            before = joined.pop() if joined and piece[0] <= joined[-1][1] else piece
            joined.append((before[0], max(before[1], piece[1])))
    return joined


def _of_day(pieces: list[tuple[float, float]], day: date) -> list[Session]:
    """Return the part of the open times that lies in the UTC day, in minutes of it.

    There is room for three sessions; a shift between time zones can make a fourth, then the
    shortest breaks are left out.
    """
    begin = datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()
    minutes = [(int(opens - begin) // 60, int(closes - begin) // 60) for opens, closes in pieces]
    found = [(max(opens, 0), min(closes, MIDNIGHT)) for opens, closes in minutes]
    found = [(opens, closes) for opens, closes in found if opens < closes]
    while len(found) > MOST:
        breaks = [after[0] - before[1] for before, after in pairwise(found)]
        at = breaks.index(min(breaks))
        found[at : at + 2] = [(found[at][0], found[at + 1][1])]
    return found


def _shown(of_day: list[Session], after: list[Session]) -> dict[str, Any]:
    """Return one day; `trade_overnight`: its last session goes on in the next day's first."""
    overnight = bool(of_day and after) and of_day[-1][1] == MIDNIGHT and after[0][0] == 0
    trade = [
        {
            "open_hour": opens // 60,
            "open_min": opens % 60,
            "close_hour": closes // 60,
            "close_min": closes % 60,
        }
        for opens, closes in of_day
    ]
    return {"trade_overnight": int(overnight), "trade": trade + [NO_SESSION] * (MOST - len(trade))}

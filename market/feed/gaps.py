"""Gaps: times without quotes of a symbol while its market was open."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from market.enums import TradeMode
from market.hours import ONE_DAY, Hours
from market.models import Symbol
from market.sessions import timetable

NO_SESSIONS = ((),) * 7


class Gap(NamedTuple):
    """The number of gaps, and the longest of them in ms."""

    number: int
    longest: int


def open_ms_between(hours: Hours, begin: int, end: int) -> int:
    """Return the milliseconds of open market between two times in unix ms."""
    first, last = begin / 1000, end / 1000
    day = datetime.fromtimestamp(first, hours.zone).date()
    until = datetime.fromtimestamp(last, hours.zone).date()
    found = 0.0
    while day <= until:
        for opens, closes in hours.open_times(day):
            found += max(0.0, min(closes, last) - max(opens, first))
        day += ONE_DAY
    return round(found * 1000)


def read_trading_hours(symbols: Iterable[Symbol]) -> dict[str, Hours]:
    """Return each symbol's own trading hours by name; reads the schedules from the database.

    Working times of account groups are left out. A symbol that cannot be traded has no
    hours.
    """
    timetable_now = timetable.current_timetable()
    return {
        symbol.name: timetable_now.hours_of(symbol, None)
        if symbol.trade != TradeMode.NO
        else Hours(timetable_now.hours_of(symbol, None).zone, NO_SESSIONS)
        for symbol in symbols
    }

"""All schedules of the platform, cached, and the hours of each symbol that follow from them."""

import time
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from zoneinfo import ZoneInfo

import orjson
from django.db import connection
from django.db.models.signals import post_delete, post_save

from accounts.models import Group
from core import name_patterns
from market import hours
from market.enums import MarketReason
from market.hours import ALWAYS, Hours, Sessions
from market.models import Symbol, SymbolGroup
from market.schedules import GroupSchedule, Holiday, Schedule

CACHE_SECONDS = 2.0  # seconds after which another process's change is seen
SQL = """
SELECT json_build_array(
    (SELECT json_agg(json_build_array(id, time_zone,
        sunday, monday, tuesday, wednesday, thursday, friday, saturday) ORDER BY id)
        FROM market_schedule),
    (SELECT json_agg(json_build_array(name, schedule_id) ORDER BY name)
        FROM market_symbolgroup WHERE schedule_id IS NOT NULL),
    (SELECT json_agg(json_build_array(group_id, symbols, schedule_id) ORDER BY id DESC)
        FROM market_groupschedule WHERE enabled),
    (SELECT json_agg(json_build_array(date, symbols, hours) ORDER BY id)
        FROM market_holiday WHERE enabled)
)::text
"""
Week = tuple[ZoneInfo, tuple[Sessions, ...]]
NO_GROUP = 0  # stands for no account group in the keys


@dataclass(frozen=True, slots=True)
class Timetable:
    """The rules, and the hours derived so far for symbols and account groups."""

    weeks: dict[int, Week]
    headings: dict[str, int]
    groups: dict[int, list[tuple[str, int]]]  # name patterns and schedules, the last added first
    holidays: list[tuple[date, str, Sessions]]
    _derived: dict[tuple[object, ...], Hours] = field(default_factory=dict)

    def hours_of(self, symbol: Symbol, group: Group | None) -> Hours:
        """Return when accounts of the group trade the symbol; None: the symbol's own hours."""
        schedule = symbol.schedule_id or self.headings.get(symbol.group_id)
        key = (symbol.name, schedule, group.pk if group else NO_GROUP)
        derived = self._derived.get(key)
        if derived is None:
            self._derived[key] = derived = self._derive_hours(*key)
        return derived

    def _derive_hours(self, symbol: str, schedule: int | None, group: int) -> Hours:
        """Return the hours by the account group's schedule, or else `schedule`; and holidays."""
        reason = MarketReason.SESSION
        for pattern, group_schedule in self.groups.get(group, ()):
            if name_patterns.matches_patterns(pattern, symbol):
                schedule, reason = group_schedule, MarketReason.WORK_TIME
                break
        # A schedule just created may not be cached yet: then none applies for CACHE_SECONDS.
        week = self.weeks.get(schedule) if schedule else None
        zone, sessions = week or (ALWAYS.zone, ALWAYS.week)
        fits = {
            pattern: name_patterns.matches_patterns(pattern, symbol)
            for pattern in {row[1] for row in self.holidays}
        }
        special = {day: found for day, pattern, found in self.holidays if fits[pattern]}
        return Hours(zone, sessions, reason, special)


@lru_cache(maxsize=1)
def build_timetable(text: str) -> Timetable:
    """Build the timetable from SQL's result; equal texts give the same object, with its hours."""
    schedules, headings, group_schedules, holidays = (part or [] for part in orjson.loads(text))
    groups: dict[int, list[tuple[str, int]]] = {}
    for group, pattern, schedule in group_schedules:
        groups.setdefault(group, []).append((pattern, schedule))
    return Timetable(
        {
            key: (ZoneInfo(zone), tuple(map(hours.parse_sessions, days)))
            for key, zone, *days in schedules
        },
        dict(headings),
        groups,
        [
            (date.fromisoformat(day), pattern, hours.parse_sessions(text))
            for day, pattern, text in holidays
        ],
    )


_cached: tuple[float, Timetable] | None = None


def current_timetable() -> Timetable:
    """Return the schedules as they are now, or were at most CACHE_SECONDS ago."""
    global _cached  # noqa: PLW0603 - the cache of this process
    cached = _cached  # another thread may drop it at any moment
    if cached is None or time.monotonic() - cached[0] > CACHE_SECONDS:
        with connection.cursor() as cursor:
            cursor.execute(SQL)
            (text,) = cursor.fetchone() or ("[]",)
        _cached = cached = (time.monotonic(), build_timetable(text))
    return cached[1]


def clear_timetable(**_: object) -> None:
    """Clear the cached schedules; called when this process wrote one of the rules."""
    global _cached  # noqa: PLW0603
    _cached = None


for rule in (Schedule, GroupSchedule, Holiday, SymbolGroup):
    post_save.connect(clear_timetable, sender=rule)
    post_delete.connect(clear_timetable, sender=rule)

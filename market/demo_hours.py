"""When the demo's markets trade: round the clock, or with DEMO_HOURS=real as real ones do."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from django.conf import settings

from core.clock import now
from market.models import SymbolGroup
from market.schedules import DAYS, Holiday, Schedule

ZONE = "America/New_York"
FOREX_WEEK = ("17:00-24:00", *["00:00-24:00"] * 4, "00:00-17:00", "")  # Sunday first
EXCHANGE_WEEK = ("18:00-24:00", *["00:00-17:00, 18:00-24:00"] * 4, "00:00-17:00", "")
# Of groups of symbols; crypto has no schedule and never closes.
SCHEDULES = {"Demo forex": FOREX_WEEK, "Demo metals and indices": EXCHANGE_WEEK}
SCHEDULE_OF_GROUP = {
    "Forex": "Demo forex",
    "Metals": "Demo metals and indices",
    "Indices": "Demo metals and indices",
}
PREFIX = "Demo: "  # of the names of the demo's holidays
CLOSED = ""
EVENING = "18:00-24:00"  # the next day's session begins
FRIDAY, SATURDAY = 5, 6  # ISO weekdays


class DemoHoliday(NamedTuple):
    """A date on which the symbols of a name pattern have other sessions."""

    name: str
    date: date
    symbols: str
    hours: str


def seed_hours() -> None:
    """Set the hours of the demo's groups as DEMO_HOURS says; schedules of others stay."""
    real = settings.DEMO_HOURS == "real"
    ours = SymbolGroup.objects.filter(schedule__name__in=SCHEDULES)
    if not real:
        for group in ours:
            group.schedule = None
            group.save()
        Holiday.objects.filter(name__startswith=PREFIX, enabled=True).update(enabled=False)
        return
    for name, week in SCHEDULES.items():
        sessions = dict(zip(DAYS, week, strict=True))
        Schedule.objects.get_or_create(name=name, defaults={"time_zone": ZONE, **sessions})
    for group in SymbolGroup.objects.filter(pk__in=SCHEDULE_OF_GROUP, schedule=None):
        group.schedule = Schedule.objects.get(name=SCHEDULE_OF_GROUP[group.name])
        group.save()
    this_year = datetime.fromtimestamp(now(), UTC).year
    for year in range(this_year - 2, this_year + 2):
        for holiday in list_holidays(year):
            key = {"name": holiday.name, "date": holiday.date, "symbols": holiday.symbols}
            Holiday.objects.update_or_create(
                **key, defaults={"enabled": True}, create_defaults={"hours": holiday.hours, **key}
            )


def list_holidays(year: int) -> Iterator[DemoHoliday]:
    """Yield the holidays of a year, in New York; none on a Saturday, when nothing trades."""
    days = {"New Year's Day": date(year, 1, 1), "Christmas Day": date(year, 12, 25)}
    for name, day in days.items():
        if day.isoweekday() != SATURDAY:
            hours = CLOSED if day.isoweekday() == FRIDAY else EVENING
            yield DemoHoliday(f"{PREFIX}{name}", day, "*,!BTC*", hours)
    good_friday = easter_sunday(year) - timedelta(days=2)
    yield DemoHoliday(f"{PREFIX}Good Friday", good_friday, "XAU*,US500", CLOSED)
    november = date(year, 11, 1)
    first_thursday = november + timedelta(days=(4 - november.isoweekday()) % 7)
    thanksgiving = first_thursday + timedelta(weeks=3)
    yield DemoHoliday(f"{PREFIX}Thanksgiving", thanksgiving, "US500", f"00:00-13:00, {EVENING}")


def easter_sunday(year: int) -> date:
    """Return Easter Sunday of a Gregorian year (Meeus, Astronomical Algorithms, chapter 8)."""
    century, of_century = divmod(year, 100)
    moon = (19 * (year % 19) + century - century // 4 - (8 * century + 13) // 25 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (of_century // 4) - moon - of_century % 4) % 7
    shift = (year % 19 + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * shift + 114, 31)
    return date(year, month, day + 1)

"""The week of a schedule or symbol as HTML, for admin pages."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from market import opening, timetable
from market.hours import Hours, parsed
from market.models import Symbol
from market.schedules import DAYS, Schedule
from market.week_chart import charts, clocks

FIELDS = ("time_zone", *DAYS)


def hours_of(schedule: Schedule) -> Hours:
    """Return the row's hours; the row may be unsaved."""
    days = tuple(parsed(getattr(schedule, day)) for day in DAYS)
    return Hours(ZoneInfo(schedule.time_zone), days)


def of_hours(hours: Hours, at: float, *notes: str) -> SafeString:
    """Render the bars of the week around `at` (unix seconds) below the lines of `notes`."""
    shown = {"charts": charts(hours, at), "notes": notes}
    return mark_safe(render_to_string("market/week.html", shown))  # noqa: S308 - our own template


def of_symbol(symbol: Symbol, at: float) -> SafeString:
    """Render the symbol's own hours, with this week's holidays."""
    return of_hours(timetable.current().hours(symbol, None), at)


def of_schedule(schedule: Schedule, at: float) -> SafeString:
    """Render the schedule's hours, whether it is open, and the offset of its clocks to UTC."""
    hours, zone = hours_of(schedule), ZoneInfo(schedule.time_zone)
    state = opening.words(opening.opening(hours, at), at, zone)
    return of_hours(hours, at, f"{state[:1].upper()}{state[1:]}.", clocks(zone, at))


def of_form(sent: Mapping[str, str], at: float) -> SafeString:
    """Render the week of a form that is being filled in."""
    return of_row(Schedule(**{name: sent.get(name, "").strip() for name in FIELDS}), at)


def of_row(schedule: Schedule, at: float) -> SafeString:
    """Render the row's week, or its errors by field where it is not valid."""
    try:
        schedule.clean_fields(exclude={"name"})
    except ValidationError as error:
        problems = [
            f"{name.replace('_', ' ').capitalize()}: {' '.join(error.message_dict[name])}"
            for name in FIELDS
            if name in error.message_dict
        ]
        shown = render_to_string("market/week.html", {"problems": problems})
        return mark_safe(shown)  # noqa: S308 - our own template
    return of_schedule(schedule, at)

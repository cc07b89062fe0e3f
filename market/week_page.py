"""The week of a schedule or symbol as HTML for its page."""

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
    """What the row says, also one that is not written yet."""
    days = tuple(parsed(getattr(schedule, day)) for day in DAYS)
    return Hours(ZoneInfo(schedule.time_zone), days)


def of_hours(hours: Hours, at: float, *notes: str) -> SafeString:
    """The bars of the week around `at` (unix seconds), below some lines."""
    shown = {"charts": charts(hours, at), "notes": notes}
    return mark_safe(render_to_string("market/week.html", shown))  # noqa: S308 - our own template


def of_symbol(symbol: Symbol, at: float) -> SafeString:
    """The symbol's own hours, with the dates that are different this week."""
    return of_hours(timetable.current().hours(symbol, None), at)


def of_schedule(schedule: Schedule, at: float) -> SafeString:
    """The schedule's hours, whether it is open, and how its clocks stand to UTC."""
    hours, zone = hours_of(schedule), ZoneInfo(schedule.time_zone)
    state = opening.words(opening.opening(hours, at), at, zone)
    return of_hours(hours, at, f"{state[:1].upper()}{state[1:]}.", clocks(zone, at))


def of_form(sent: Mapping[str, str], at: float) -> SafeString:
    """What a form that is being filled in would come to."""
    return of_row(Schedule(**{name: sent.get(name, "").strip() for name in FIELDS}), at)


def of_row(schedule: Schedule, at: float) -> SafeString:
    """The week of a row that may not be valid: then what is wrong with it, by field."""
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

"""The week of a schedule or symbol as HTML, for admin pages."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from market.backoffice.week_chart import build_week_charts, describe_clocks
from market.hours import Hours, parse_sessions
from market.models import Symbol
from market.schedules import DAYS, Schedule
from market.sessions import next_change, timetable

FIELDS = ("time_zone", *DAYS)


def hours_of_schedule(schedule: Schedule) -> Hours:
    """Return the row's hours; the row may be unsaved."""
    days = tuple(parse_sessions(getattr(schedule, day)) for day in DAYS)
    return Hours(ZoneInfo(schedule.time_zone), days)


def render_hours(hours: Hours, at: float, *notes: str) -> SafeString:
    """Render the bars of the week around `at` (unix seconds) below the lines of `notes`."""
    context = {"charts": build_week_charts(hours, at), "notes": notes}
    return mark_safe(render_to_string("market/week.html", context))  # noqa: S308 - our own template


def render_symbol(symbol: Symbol, at: float) -> SafeString:
    """Render the symbol's own hours, with this week's holidays."""
    return render_hours(timetable.current_timetable().hours_of(symbol, None), at)


def render_schedule(schedule: Schedule, at: float) -> SafeString:
    """Render the schedule's hours, whether it is open, and the offset of its clocks to UTC."""
    hours, zone = hours_of_schedule(schedule), ZoneInfo(schedule.time_zone)
    state = next_change.format_status(next_change.status_of_hours(hours, at), at, zone)
    return render_hours(hours, at, f"{state[:1].upper()}{state[1:]}.", describe_clocks(zone, at))


def render_form(form_data: Mapping[str, str], at: float) -> SafeString:
    """Render the week of a form that is being filled in."""
    return render_row(Schedule(**{name: form_data.get(name, "").strip() for name in FIELDS}), at)


def render_row(schedule: Schedule, at: float) -> SafeString:
    """Render the row's week, or its errors by field where it is not valid."""
    try:
        schedule.clean_fields(exclude={"name"})
    except ValidationError as error:
        problems = [
            f"{name.replace('_', ' ').capitalize()}: {' '.join(error.message_dict[name])}"
            for name in FIELDS
            if name in error.message_dict
        ]
        html = render_to_string("market/week.html", {"problems": problems})
        return mark_safe(html)  # noqa: S308 - our own template
    return render_schedule(schedule, at)

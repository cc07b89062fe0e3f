"""Panels on the market's admin pages."""

from collections.abc import Iterator

from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse

from backoffice.widgets.content import Link, Table
from backoffice.widgets.panel import Panel
from core import clock
from market.models import Symbol, SymbolGroup
from market.schedules import GroupSchedule, Schedule
from market.sessions import next_change


def build_schedule_users(request: HttpRequest, schedule: Schedule) -> Table:
    """List all rows that use the schedule: symbol groups, symbols, working times."""
    rows = [
        [row._meta.verbose_name, link_to_page(row), note]
        for row, note in _find_users(request, schedule)
    ]
    return Table(("What", "Name", ""), rows)


def _find_users(request: HttpRequest, schedule: Schedule) -> Iterator[tuple[Model, str]]:
    """Yield each row that uses the schedule, with a note."""
    group_note = "but for symbols with a schedule of their own"
    for symbol_group in SymbolGroup.objects.filter(schedule=schedule):
        yield symbol_group, group_note
    at = clock.now()
    for symbol in Symbol.objects.filter(schedule=schedule):
        yield symbol, next_change.format_status(next_change.status_of_symbol(symbol, at), at)
    rows = GroupSchedule.objects.filter(schedule=schedule).select_related("group")
    for row in request.user.limited(rows, group="group"):  # type: ignore[union-attr]  # staff
        yield row, "" if row.enabled else "switched off"


def link_to_page(row: Model) -> Link:
    """Return a link to the row's admin page."""
    meta = row._meta
    return Link(
        str(row), reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])
    )


PANELS = (
    Panel("market.schedule", "Goes by this schedule", "market.view_schedule", build_schedule_users),
)

"""Panels on the market's admin pages."""

from collections.abc import Iterator

from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse

from backoffice.acting.panel import Content, Link, Panel
from core import clock
from market import opening
from market.models import Symbol, SymbolGroup
from market.schedules import GroupSchedule, Schedule


def users(request: HttpRequest, schedule: Schedule) -> Content:
    """List all rows that use the schedule: symbol groups, symbols, working times."""
    rows = [[row._meta.verbose_name, link(row), note] for row, note in _users(request, schedule)]
    return Content(("What", "Name", ""), rows)


def _users(request: HttpRequest, schedule: Schedule) -> Iterator[tuple[Model, str]]:
    """Yield each row that uses the schedule, with a note."""
    of_heading = "but for symbols with a schedule of their own"
    for heading in SymbolGroup.objects.filter(schedule=schedule):
        yield heading, of_heading
    at = clock.now()
    for symbol in Symbol.objects.filter(schedule=schedule):
        yield symbol, opening.words(opening.of_symbol(symbol, at), at)
    rows = GroupSchedule.objects.filter(schedule=schedule).select_related("group")
    for row in request.user.limited(rows, group="group"):  # type: ignore[union-attr]  # staff
        yield row, "" if row.enabled else "switched off"


def link(row: Model) -> Link:
    """Return a link to the row's admin page."""
    meta = row._meta
    return Link(
        str(row), reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[row.pk])
    )


PANELS = (Panel("market.schedule", "Goes by this schedule", "market.view_schedule", users),)

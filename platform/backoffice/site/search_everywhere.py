"""The search of everything, opened by Ctrl-K: clients, orders, alerts, symbols and the menu.

What is found is in the staff scope and on pages that the role may see.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic

from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from unfold.dataclasses import SearchResult

from backoffice.mixin_base import M
from backoffice.site.navigation import load_navigation
from core.numbers import is_digits

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite, ModelAdmin

MOST_FOUND = 8  # rows of a page
LONGEST_TERM = 200  # characters
LARGEST_NUMBER = 2**63 - 1


@dataclass(frozen=True)
class FoundRows(Generic[M]):
    """How a page's rows are found and shown: only `by_number` or by the page's own search."""

    kind: str
    icon: str
    title: Callable[[M], str]
    description: Callable[[M], str]
    by_number: bool = False


def show_found(site: "AdminSite", request: HttpRequest) -> HttpResponse:
    """Return what the term finds, as the dialog of the search shows it."""
    began = time.monotonic()
    term = request.GET.get("s", "").replace("\0", "").strip()[:LONGEST_TERM]
    found = [*find_links(request, term), *find_rows(site, request, term)] if term else []
    context = {
        "page_obj": Paginator(found, len(found) or 1),
        "results": Paginator(found, len(found) or 1).page(1),
        "page_counter": 0,
        "execution_time": time.monotonic() - began,
        "command_show_history": False,
    }
    return TemplateResponse(
        request, "unfold/helpers/command_results.html", context, headers={"HX-Trigger": "search"}
    )


def find_links(request: HttpRequest, term: str) -> Iterator[SearchResult]:
    """Yield the pages of the menu whose title has the term in it."""
    for heading in load_navigation():
        for item in heading["items"]:
            if term.lower() in item["title"].lower() and item["permission"](request):
                yield SearchResult(
                    title=item["title"],
                    description=str(heading["title"]) or "Page",
                    link=item["link"],
                    icon=item["icon"],
                )


def find_rows(site: "AdminSite", request: HttpRequest, term: str) -> Iterator[SearchResult]:
    """Yield the rows that the term finds, at most MOST_FOUND of each page."""
    for page in site._registry.values():  # noqa: SLF001 - Django has no other list of them
        way: FoundRows[Model] | None = getattr(page, "found_rows", None)
        if way is None or not page.has_view_permission(request):
            continue
        for row in rows_of(page, way, request, term)[:MOST_FOUND]:
            name = f"admin:{page.opts.app_label}_{page.opts.model_name}_change"
            yield SearchResult(
                title=way.title(row),
                description=" · ".join(filter(None, (way.kind, way.description(row)))),
                link=reverse(name, args=[row.pk]),
                icon=way.icon,
            )


def rows_of(
    page: "ModelAdmin[Model]", way: FoundRows[Model], request: HttpRequest, term: str
) -> QuerySet[Model]:
    """Return the page's rows that the term finds."""
    rows = page.get_queryset(request)
    if page.list_select_related:
        rows = rows.select_related(*page.list_select_related)  # type: ignore[misc]  # a tuple here
    if not way.by_number:
        return page.get_search_results(request, rows, term)[0].order_by(*page.get_ordering(request))
    number = term.removeprefix("#")
    if not is_digits(number) or int(number) > LARGEST_NUMBER:
        return rows.none()
    return rows.filter(pk=int(number))

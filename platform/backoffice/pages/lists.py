"""Lists of big tables: whatever a list offers, an index must serve it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlencode

from django.contrib.admin import ShowFacets
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ORDER_VAR
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Index, Model, QuerySet, UniqueConstraint
from django.db.models.expressions import Combinable
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.cache import never_cache
from unfold.paginator import InfinitePaginator

from backoffice.actions.registry import LIST_QUERY
from backoffice.columns import Column
from backoffice.exports.export_mixin import refuse_nul
from backoffice.mixin_base import M, MixinBase
from backoffice.pages.list_cards import CardColumns
from backoffice.pages.list_filters import SecondsRange
from backoffice.pages.list_table import ListTable
from core.clock import now
from core.users import signed_in_user

MAX_COUNTED = 10_000  # rows that a list counts at most

if TYPE_CHECKING:
    from django.contrib.admin.views.main import ChangeList
else:
    from unfold.views import ChangeList


class IndexedListMixin(MixinBase[M]):
    """An admin page whose list counts nothing and is sorted only by what begins an index.

    `small` tables may be counted, and sorted by every column. A `live_list` is shown anew every few
    seconds where its `is_live` says so. `card` names the columns that telephones show.
    """

    small: ClassVar[bool] = False
    card: ClassVar[CardColumns | None] = None
    live_list: ClassVar[bool] = False
    show_full_result_count = False
    show_facets = ShowFacets.NEVER  # they count every choice of every filter
    list_per_page = 50

    def get_urls(self) -> list[URLPattern]:
        if not self.live_list:
            return super().get_urls()
        view = never_cache(self.admin_site.admin_view(self.live_rows_view))
        name = f"{self.opts.app_label}_{self.opts.model_name}_live_rows"
        return [path("live/", view, name=name), *super().get_urls()]

    def live_rows_view(self, request: HttpRequest) -> HttpResponse:
        """Return the rows and totals of a list as they are now, which htmx asks for.

        Raises:
            PermissionDenied: the user may not see the list.
            Http404: filters that cannot be.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        refuse_nul(request)
        try:
            changelist = self.get_changelist_instance(request)
        except IncorrectLookupParameters:
            raise Http404 from None
        context = {"cl": changelist, "totals_too": True}
        return TemplateResponse(request, "backoffice/list_rows.html", context)

    def get_changelist(self, request: HttpRequest, **kwargs: object) -> type[ChangeList]:
        return IndexedChangeList

    def get_paginator(
        self,
        request: HttpRequest,
        queryset: QuerySet[Model],
        per_page: int,
        orphans: int = 0,
        allow_empty_first_page: bool = True,
    ) -> "Paginator[Model]":
        if self.small:
            return Paginator(queryset, per_page, orphans, allow_empty_first_page)
        paginator: Paginator[Model] = InfinitePaginator(
            queryset, per_page, orphans, allow_empty_first_page
        )
        # Not in a subclass: unfold goes by the class's name.
        paginator.template_name = "backoffice/pagination.html"  # type: ignore[attr-defined]
        return paginator

    def get_sortable_by(self, request: HttpRequest) -> list[Column] | tuple[Column, ...]:
        """Return the columns by which the list may be sorted."""
        entries = self.get_list_display(request)
        if self.small:
            return entries
        indexed = index_orders(self.model)
        return [entry for entry in entries if self._order_field(entry).lstrip("-") in indexed]

    def _order_field(self, entry: object) -> str:
        """Return what a column is sorted by; empty for nothing."""
        columns = {field.name: field for field in self.opts.concrete_fields}
        if isinstance(entry, str) and entry in columns:
            name = entry
        else:
            function = getattr(self, entry, None) if isinstance(entry, str) else entry
            name = str(getattr(function, "admin_order_field", None) or "")
        column = columns.get(name.lstrip("-"))
        # A relation would be sorted by the other table's order.
        return "" if column is not None and column.is_relation else name


class IndexedChangeList(ChangeList):
    """A list sorted by time where a time is filtered, so that one index gives both."""

    def get_ordering_field(self, field_name: Column) -> Combinable | str | None:
        """Return what a column is sorted by, None where the list may not be.

        Also where only a typed URL asks for it.
        """
        allowed = field_name in (self.sortable_by or ())
        return super().get_ordering_field(field_name) if allowed else None

    @property
    def list_query(self) -> str:
        """Return the query by which a row's page leads back to this list; empty for the whole."""
        return urlencode({LIST_QUERY: self.own_query}) if self.own_query else ""

    @property
    def table(self) -> ListTable:
        """Return the headings and rows as the page shows them."""
        return ListTable(self)

    @property
    def is_sorted_otherwise(self) -> bool:
        """Return whether the rows are sorted by what is no column."""
        return False

    @property
    def is_live(self) -> bool:
        """Return whether the page shows the rows anew every few seconds."""
        return False

    @property
    def time_text(self) -> str:
        """Return the time of day, in which the rows were read."""
        return f"{datetime.fromtimestamp(now(), UTC):%H:%M:%S} UTC"

    @property
    def count_text(self) -> str:
        """Return how many rows are selected, or how many there are at least."""
        before, rows = (self.page_num - 1) * self.list_per_page, len(self.result_list)
        count, more = before + rows, rows == self.list_per_page
        if more:
            found = self.count_rows(MAX_COUNTED + 1)
            if found is not None:
                count, more = min(found, MAX_COUNTED), found > MAX_COUNTED
        one = count == 1 and not more
        name = self.opts.verbose_name if one else self.opts.verbose_name_plural
        return f"{count:,}{'+' if more else ''} {name}"

    def count_rows(self, limit: int) -> int | None:
        """Return how many rows are selected, at most `limit`; None where an index has no answer."""
        return None

    def complete(self, rows: list[Any]) -> None:
        """Set what is read for all rows of a page, or of a part of an export, at once."""
        for entry in self.list_display:
            prepare = getattr(entry, "prepare", None)
            if prepare:
                prepare(rows)

    def get_results(self, request: HttpRequest) -> None:
        self.user, self.own_query = signed_in_user(request), request.GET.urlencode()
        super().get_results(request)
        self.complete(list(self.result_list))  # the rows that the page then shows

    def get_ordering(
        self, request: HttpRequest, queryset: QuerySet[Model]
    ) -> list[Combinable | str]:
        ordering = super().get_ordering(request, queryset)
        page: Any = self.model_admin
        if page.small:
            return ordering
        if ORDER_VAR in self.params:
            return ordering_by_index(self.model, ordering)
        ranges = (spec for spec in self.filter_specs if isinstance(spec, SecondsRange))
        return [*(f"-{spec.field_path}" for spec in ranges if spec.is_set), *ordering]


def index_orders(model: type[Model]) -> dict[str, list[str]]:
    """Return for each column that begins an index over all rows the columns of that index."""
    meta: Any = model._meta
    fields_by_first = {f.name: [f.name] for f in meta.concrete_fields if f.db_index or f.unique}
    for index in (*meta.indexes, *meta.constraints):
        if isinstance(index, Index | UniqueConstraint) and index.fields and index.condition is None:
            first = index.fields[0].lstrip("-")
            if first not in fields_by_first or meta.pk.name in index.fields[-1]:
                fields_by_first[first] = list(index.fields)
    columns = {f.name: f.attname for f in meta.concrete_fields}
    for first, fields in [*fields_by_first.items()]:
        fields_by_first[columns[first]] = [
            _ordering_term(f[0] == "-", columns[f.lstrip("-")]) for f in fields
        ]
    return fields_by_first


def ordering_by_index(
    model: type[Model], ordering: Sequence[Combinable | str]
) -> list[Combinable | str]:
    """Return the ordering with ties of its first column in the order of that column's index.

    In any other order all ties would be sorted before the first is shown.
    """
    first = str(ordering[0])  # what comes from a URL is a name
    descending, name = first.startswith("-"), first.lstrip("-")
    fields = index_orders(model).get(name)
    if fields is None:
        return [*ordering]
    reverse = fields[0].startswith("-") != descending
    result = [_ordering_term(f.startswith("-") != reverse, f.lstrip("-")) for f in fields]
    if model._meta.pk.attname not in (field.lstrip("-") for field in result):
        result.append(_ordering_term(descending, "pk"))
    return [*result]


def _ordering_term(descending: bool, name: str) -> str:
    return f"-{name}" if descending else name

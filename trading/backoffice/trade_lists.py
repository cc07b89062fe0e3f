"""The lists of trades by kind: their rows, order, totals and quick links."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.admin.views.main import ORDER_VAR, PAGE_VAR
from django.db.models import Model, QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest
from redis.exceptions import RedisError

from backoffice.pages.list_filters import DropdownFilter, SecondsRange
from backoffice.pages.lists import IndexedChangeList
from backoffice.widgets.content import Table
from core.clock import DAY_S, now
from core.numbers import is_digits
from trading.backoffice import floating_profit, position_order
from trading.backoffice.position_order import PARAMETER, SORTS, sort_positions
from trading.backoffice.trade_totals import totals_table
from trading.enums import TradeType
from trading.models import Trade

WEEK = 7 * DAY_S  # seconds
MAX_LIVE = 500  # positions whose totals are computed again and again
PERIODS = (("today", 0, 0), ("yesterday", 1, 1), ("7 days", 6, 0))  # days back to first and last
RANGES = ("open_time_", "close_time_")  # how the parameters of times begin
TABS = {"kind", PARAMETER}  # parameters of links above the list
KINDS_BY_LABEL = {kind.label: kind for kind in TradeType if kind is not TradeType.ALL}


def requested_kind(request: HttpRequest) -> TradeType:
    """Return the kind of trades that the request asks for."""
    return KINDS_BY_LABEL.get(request.GET.get("kind", ""), TradeType.ALL)


class KindFilter(DropdownFilter):
    """The filter that the tabs above the list set."""

    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [(label, label) for label in KINDS_BY_LABEL]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        return self.rows_of_kind(queryset, KINDS_BY_LABEL.get(self.value() or "", TradeType.ALL))

    @staticmethod
    def rows_of_kind(queryset: Any, kind: TradeType) -> QuerySet[Trade]:
        """Return the rows of the kind."""
        rows: QuerySet[Trade] = queryset.of_type(kind)
        return rows


class TradeList(IndexedChangeList):
    """A list with the floating profits of its page and the totals of the whole selection."""

    def get_ordering(
        self, request: HttpRequest, queryset: QuerySet[Model]
    ) -> list[Combinable | str]:
        """Return the time where an index has it: of finance rows alone, and of one account's."""
        ordering = super().get_ordering(request, queryset)
        timed = requested_kind(request) is TradeType.FINANCE or is_digits(self.query or "")
        return ["-open_time", "-order"] if timed and ordering == ["-order"] else ordering

    def get_queryset(
        self, request: HttpRequest, exclude_parameters: list[str | None] | None = None
    ) -> QuerySet[Model]:
        """Return the selection; of open positions the first by result or volume, if asked."""
        rows = super().get_queryset(request, exclude_parameters)
        # A tab or an order above the list is no filter that is set.
        self.has_active_filters = any(
            request.GET.get(name)
            for spec in self.filter_specs
            for name in spec.expected_parameters()
            if name is not None and name not in TABS
        )
        self._selected, sort = rows, request.GET.get(PARAMETER)
        if requested_kind(request) is not TradeType.OPEN or sort not in SORTS:
            return rows
        try:
            return sort_positions(rows, sort)
        except RedisError:
            return rows

    @property
    def sorts(self) -> list[tuple[str, str, bool]]:
        """Return text and URL of the orders of open positions, and whether they are followed."""
        if self._kind is not TradeType.OPEN:
            return []
        now_sorted, by_age = self.params.get(PARAMETER), self.params.get(ORDER_VAR)
        chosen: dict[str, dict[str, str]] = {
            "newest": {},
            "oldest": {ORDER_VAR: "0"},
            **{text: {PARAMETER: name} for name, text in SORTS.items()},
        }
        none = dict.fromkeys((PARAMETER, ORDER_VAR, PAGE_VAR))
        active = {PARAMETER: now_sorted, ORDER_VAR: by_age}
        return [
            (
                text,
                self.get_query_string({**none, **parameters}),
                parameters == {name: value for name, value in active.items() if value},
            )
            for text, parameters in chosen.items()
        ]

    @property
    def sort_note(self) -> str:
        """Return that not all that were ranked are listed, where it is so."""
        most = position_order.MAX_RANKED
        too_many = self.is_sorted_otherwise and self.count_rows(most + 1) == most + 1
        return f"All are ranked, the first {most:,} of them listed." if too_many else ""

    def complete(self, rows: list[Trade]) -> None:
        super().complete(rows)
        floating_profit.attach_profits(rows)

    @property
    def is_sorted_otherwise(self) -> bool:
        """Return whether the positions are sorted by result or volume."""
        return self._kind is TradeType.OPEN and self.params.get(PARAMETER) in SORTS

    @property
    def is_live(self) -> bool:
        """Return whether profits and distances on the page follow the market."""
        return self._kind in (TradeType.ALL, TradeType.OPEN, TradeType.PENDING)

    def count_rows(self, limit: int) -> int | None:
        """Return how many live orders are selected: they have indexes of their own."""
        if self._kind not in (TradeType.OPEN, TradeType.PENDING):
            return None
        return int(self._selected.order_by()[:limit].count())

    @property
    def totals_follow(self) -> bool:
        """Return whether the totals follow the market with the rows: where they cost little."""
        return self._kind is TradeType.OPEN and self.count_rows(MAX_LIVE + 1) != MAX_LIVE + 1

    @property
    def period_title(self) -> str:
        """Return what the quick links filter by."""
        return "Closed" if self._kind is TradeType.CLOSED else "Opened"

    @property
    def periods(self) -> list[tuple[str, str, bool]]:
        """Return text and URL of the links to the last days, and whether they are followed."""
        field = "close_time" if self._kind is TradeType.CLOSED else "open_time"
        today = datetime.fromtimestamp(now(), UTC).date()
        links = []
        for text, first, last in PERIODS:
            ends = {
                f"{field}_from_0": today - timedelta(first),
                f"{field}_to_0": today - timedelta(last),
            }
            chosen = {name: str(day) for name, day in ends.items()}
            active = all(self.params.get(name) == day for name, day in chosen.items())
            new: dict[str, str | None] = {**dict.fromkeys(chosen), **({} if active else chosen)}
            url = self.get_query_string({**new, PAGE_VAR: None}, remove=RANGES)
            links.append((text, url, active))
        return links

    @property
    def _kind(self) -> TradeType:
        return KINDS_BY_LABEL.get(self.params.get("kind", ""), TradeType.ALL)

    @property
    def totals(self) -> Table | None:
        """Return the totals of the selection; computed for pages only, not for exports."""
        return totals_table(self._selected, self._kind, is_narrow=self._is_narrow)

    @property
    def _is_narrow(self) -> bool:
        """Return whether an index finds all that is selected, and that is little of the table."""
        by_number = any(is_digits(word) for word in (self.query or "").split())
        ranges = (spec for spec in self.filter_specs if isinstance(spec, SecondsRange))
        return by_number or any(spec.duration <= WEEK for spec in ranges)

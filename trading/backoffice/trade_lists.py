"""The lists of trades by kind: each with the columns that matter."""

from decimal import Decimal
from typing import Any

from django.db.models import Model, QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest

from backoffice.columns import (
    NO_VALUE,
    Column,
    field_column,
    format_amount,
    money_column,
    time_column,
    tone_of,
)
from backoffice.pages.list_filters import DropdownFilter, SecondsRange
from backoffice.pages.lists import IndexedChangeList
from backoffice.widgets.content import Table
from core.clock import DAY_S
from core.numbers import is_digits
from market.backoffice.price_columns import symbol_prices
from market.models import LOT, format_lots
from trading.backoffice import floating_profit
from trading.backoffice.trade_totals import totals_table
from trading.enums import TradeType
from trading.models import Trade

CURRENCY = "account.group.currency"
WEEK = 7 * DAY_S  # seconds
KINDS_BY_LABEL = {kind.label: kind for kind in TradeType if kind is not TradeType.ALL}


def lots_column(field: str) -> Column:
    """Return a column of minimal lots, displayed in lots."""
    return field_column(
        field,
        field.replace("_", " "),
        lambda volume: format_lots(volume) if volume else NO_VALUE,
        export_value=lambda volume: volume / LOT,
        css_class="number",
    )


def profit_of_row(trade: Trade) -> Decimal | None:
    """Return the posted profit, or the floating one of a position; None where it is unknown."""
    return getattr(trade, floating_profit.ATTRIBUTE, None) if trade.is_position else trade.profit


def profit_column() -> Column:
    """Return the column of posted and floating profits."""

    def profit(trade: Trade) -> str:
        value = profit_of_row(trade)
        return NO_VALUE if value is None else format_amount(value, trade.account.group.currency)

    result: Column = profit
    result.short_description, result.number = "profit", profit_of_row
    result.css_class, result.tone = "number", lambda trade: tone_of(profit_of_row(trade))
    return result


LOGIN = field_column("account_id", "login", str)
SYMBOL = field_column("symbol_id", "symbol", lambda name: name or "")
COSTS = [
    money_column("commission", "commission", CURRENCY),
    money_column("storage", "swap", CURRENCY),
]
PROFIT, VOLUME = profit_column(), lots_column("volume")
OPENED, CLOSED = time_column("open_time", "opened"), time_column("close_time", "closed")
COLUMNS: dict[TradeType, tuple[Column, ...]] = {
    TradeType.ALL: (
        "order", LOGIN, SYMBOL, "cmd", "state", VOLUME, PROFIT, OPENED,
        *symbol_prices("open_price", "sl", "tp", "close_price"), CLOSED,
    ),
    TradeType.OPEN: (
        "order", LOGIN, SYMBOL, "cmd", VOLUME, OPENED, *symbol_prices("open_price", "sl", "tp"),
        *COSTS, PROFIT,
    ),
    TradeType.PENDING: (
        "order", LOGIN, SYMBOL, "cmd", VOLUME, time_column("open_time", "placed"),
        *symbol_prices("open_price", "sl", "tp"), time_column("expiration", "expires"), "comment",
    ),
    TradeType.CLOSED: (
        "order", LOGIN, SYMBOL, "cmd", "state", VOLUME, PROFIT, *COSTS, OPENED,
        *symbol_prices("open_price"), CLOSED, *symbol_prices("close_price"), "activation",
    ),
    TradeType.FINANCE: (
        "order", LOGIN, "cmd", time_column("open_time", "booked"),
        money_column("profit", "amount", CURRENCY, toned=True),
        "comment", field_column("staff_id", "by staff", lambda staff: str(staff or NO_VALUE)),
        field_column("corrects_id", "corrects", lambda order: str(order or NO_VALUE)),
    ),
}  # fmt: skip


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
        """Order finance rows by their time, for which there is an index over them alone."""
        ordering = super().get_ordering(request, queryset)
        finance = requested_kind(request) is TradeType.FINANCE
        return ["-open_time", "-order"] if finance and ordering == ["-order"] else ordering

    def complete(self, rows: list[Trade]) -> None:
        floating_profit.attach_profits(rows)

    @property
    def totals(self) -> Table | None:
        """Return the totals of the selection; computed for pages only, not for exports."""
        kind = KINDS_BY_LABEL.get(self.params.get("kind", ""), TradeType.ALL)
        return totals_table(self.queryset, kind, is_narrow=self._is_narrow)

    @property
    def _is_narrow(self) -> bool:
        """Return whether an index finds all that is selected, and that is little of the table."""
        by_number = any(is_digits(word) for word in (self.query or "").split())
        ranges = (spec for spec in self.filter_specs if isinstance(spec, SecondsRange))
        return by_number or any(spec.duration <= WEEK for spec in ranges)

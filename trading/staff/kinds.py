"""The lists of trades by kind: each with the columns that matter."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from backoffice.columns import NOTHING, amount, column, money, prices, time
from backoffice.filters import DropdownFilter, SecondsRange
from backoffice.lists import List
from core.clock import DAY_S
from core.numbers import is_digits
from market.models import LOT, format_lots
from trading.enums import TradeType
from trading.models import Trade
from trading.staff import floating
from trading.staff.totals import totals

CURRENCY = "account.group.currency"
WEEK = 7 * DAY_S  # seconds
KINDS = {kind.label: kind for kind in TradeType if kind is not TradeType.ALL}


def lots(field: str) -> Any:
    """Return a column of minimal lots, displayed in lots."""
    return column(
        field,
        field.replace("_", " "),
        lambda volume: format_lots(volume) if volume else NOTHING,
        number=lambda volume: volume / LOT,
    )


def now(trade: Trade) -> Any:
    """Return the posted profit, or the floating one of a position; None where it is unknown."""
    return getattr(trade, floating.NAME, None) if trade.is_position else trade.profit


def profit() -> Any:
    """Return the column of posted and floating profits."""

    def profit(trade: Trade) -> str:
        value = now(trade)
        return NOTHING if value is None else amount(value, trade.account.group.currency)

    result: Any = profit
    result.short_description, result.number = "profit", now
    return result


LOGIN = column("account_id", "login", str)
SYMBOL = column("symbol_id", "symbol", lambda name: name or "")
COSTS = [money("commission", "commission", CURRENCY), money("storage", "swap", CURRENCY)]
PROFIT, VOLUME = profit(), lots("volume")
OPENED, CLOSED = time("open_time", "opened"), time("close_time", "closed")
COLUMNS: dict[TradeType, tuple[Any, ...]] = {
    TradeType.ALL: (
        "order", LOGIN, SYMBOL, "cmd", "state", VOLUME, PROFIT, OPENED,
        *prices("open_price", "sl", "tp", "close_price"), CLOSED,
    ),
    TradeType.OPEN: (
        "order", LOGIN, SYMBOL, "cmd", VOLUME, OPENED, *prices("open_price", "sl", "tp"),
        *COSTS, PROFIT,
    ),
    TradeType.PENDING: (
        "order", LOGIN, SYMBOL, "cmd", VOLUME, time("open_time", "placed"),
        *prices("open_price", "sl", "tp"), time("expiration", "expires"), "comment",
    ),
    TradeType.CLOSED: (
        "order", LOGIN, SYMBOL, "cmd", "state", VOLUME, PROFIT, *COSTS, OPENED,
        *prices("open_price"), CLOSED, *prices("close_price"), "activation",
    ),
    TradeType.FINANCE: (
        "order", LOGIN, "cmd", time("open_time", "booked"), money("profit", "amount", CURRENCY),
        "comment", column("staff_id", "by staff", lambda staff: str(staff or NOTHING)),
        column("corrects_id", "corrects", lambda order: str(order or NOTHING)),
    ),
}  # fmt: skip


def kind_of(request: HttpRequest) -> TradeType:
    """Return the kind of trades that the request asks for."""
    return KINDS.get(request.GET.get("kind", ""), TradeType.ALL)


class KindFilter(DropdownFilter):
    """The filter that the tabs above the list set."""

    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(label, label) for label in KINDS]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Any]:
        return self.of(queryset, KINDS.get(self.value() or "", TradeType.ALL))

    @staticmethod
    def of(queryset: Any, kind: TradeType) -> QuerySet[Any]:
        """Return the rows of the kind."""
        rows: QuerySet[Any] = queryset.of_type(kind)
        return rows


class TradeList(List):
    """A list with the floating profits of its page and the totals of the whole selection."""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet[Any]) -> list[Any]:
        """Order finance rows by their time, for which there is an index over them alone."""
        ordering = super().get_ordering(request, queryset)
        finance = kind_of(request) is TradeType.FINANCE
        return ["-open_time", "-order"] if finance and ordering == ["-order"] else ordering

    def complete(self, rows: list[Trade]) -> None:
        floating.give(rows)

    @property
    def totals(self) -> Any:
        """Return the totals of the selection; computed for pages only, not for exports."""
        kind = KINDS.get(self.params.get("kind", ""), TradeType.ALL)
        return totals(self.queryset, kind, is_narrow=self._is_narrow)

    @property
    def _is_narrow(self) -> bool:
        """Return whether an index finds all that is selected, and that is little of the table."""
        by_number = any(is_digits(word) for word in (self.query or "").split())
        ranges = (spec for spec in self.filter_specs if isinstance(spec, SecondsRange))
        return by_number or any(spec.lasts <= WEEK for spec in ranges)

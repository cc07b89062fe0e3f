"""Trades and their evidence in the admin, to look at: trades change by the services alone."""

from decimal import Decimal
from typing import Any

from django.contrib import admin
from unfold.paginator import InfinitePaginator

from backoffice.base import ReadOnlyInline, ReadOnlyPage
from backoffice.columns import NOTHING, column, money, prices, time
from backoffice.filters import ChoicesDropdownFilter, SecondsRange
from market.admin import SymbolFilter
from market.models import LOT
from trading.models import Fill, MarginAction, SwapCharge, Trade

CURRENCY = "account.group.currency"


def lots(field: str) -> Any:
    """A column of minimal lots, shown in lots."""
    return column(field, field.replace("_", " "), lambda v: f"{v / LOT:.2f}" if v else NOTHING)


def figure(side: str, name: str) -> Any:
    """A column of one of the figures before or after, two decimals."""

    def shown(figures: dict[str, str | None]) -> str:
        value = figures.get(name)
        return NOTHING if value is None else f"{Decimal(value):.2f}"

    result = column(side, f"{name} {side}", shown)
    result.__name__ = f"{side}_{name}"
    del result.admin_order_field  # a document is no order
    return result


class FillRows(ReadOnlyInline):
    model = Fill
    fields = readonly_fields = ("kind", time("time", "time"), *prices("price"), lots("volume"))


class SwapRows(ReadOnlyInline):
    model = SwapCharge
    fk_name = "trade"
    show_change_link = False
    fields = readonly_fields = (
        "night_id",
        "days",
        column("amount", "amount", lambda amount: f"{amount:.2f}"),
        "terms",
        "correction_id",
    )


@admin.register(Trade)
class TradePage(ReadOnlyPage[Trade]):
    paginator = InfinitePaginator
    list_display = (
        "order",
        column("account_id", "login", str, order="account"),
        column("symbol_id", "symbol", lambda name: name or "", order="symbol"),
        "cmd",
        "state",
        lots("volume"),
        time("open_time", "opened"),
        *prices("open_price", "sl", "tp", "close_price"),
        time("close_time", "closed"),
        money("profit", "profit", CURRENCY),
    )
    list_select_related = ("account__group",)
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("cmd", ChoicesDropdownFilter),
        SymbolFilter,
        ("activation", ChoicesDropdownFilter),
        ("open_time", SecondsRange),
        ("close_time", SecondsRange),
    )
    search_numbers = ("order", "account")
    search_fields = ("symbol__name",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("order", "account"),
                    ("symbol", "cmd"),
                    ("state", "activation"),
                    (lots("volume"), lots("closed_volume")),
                    ("reason", "parent"),
                    ("corrects", "staff"),
                    "comment",
                )
            },
        ),
        (
            "Times and prices",
            {
                "fields": (
                    (time("open_time", "opened"), *prices("open_price")),
                    (time("close_time", "closed"), *prices("close_price")),
                    tuple(prices("sl", "tp")),
                    time("expiration", "expires"),
                )
            },
        ),
        (
            "Result",
            {
                "fields": (
                    (money("profit", "profit", CURRENCY), "margin_rate"),
                    tuple(money(name, name, CURRENCY) for name in ("commission", "storage")),
                    ("seen", "revision"),
                )
            },
        ),
    )
    inlines = (FillRows, SwapRows)


@admin.register(Fill)
class FillPage(ReadOnlyPage[Fill]):
    paginator = InfinitePaginator
    list_display = (
        "id",
        column("trade_id", "order", str, order="trade"),
        column("trade.account_id", "login", str),
        column("trade.symbol_id", "symbol", lambda name: name or ""),
        "kind",
        time("time", "time"),
        *prices("price"),
        lots("volume"),
    )
    list_select_related = ("trade",)
    ordering = ("-id",)
    list_filter = (("kind", ChoicesDropdownFilter), ("time", SecondsRange))
    search_numbers = ("trade", "trade__account")
    fields = (
        "trade",
        "kind",
        time("time", "time"),
        *prices("price"),
        lots("volume"),
        "quote",
        "rates",
        "rules",
        "before",
        "after",
        "around",
    )


@admin.register(MarginAction)
class MarginActionPage(ReadOnlyPage[MarginAction]):
    paginator = InfinitePaginator
    list_display = (
        "id",
        column("account_id", "login", str, order="account"),
        "kind",
        time("time", "time"),
        column("trade_id", "order", lambda order: str(order or ""), order="trade"),
        figure("before", "equity"),
        figure("before", "margin"),
        figure("before", "level"),
        figure("after", "balance"),
        figure("after", "level"),
    )
    ordering = ("-id",)
    list_filter = (("kind", ChoicesDropdownFilter), ("time", SecondsRange))
    search_numbers = ("account", "trade")
    fields = (
        ("account", "kind"),
        (time("time", "time"), "trade"),
        "before",
        "after",
        "quotes",
        "rules",
    )

"""Trades and their evidence in the admin, to look at: trades change by the services alone."""

from typing import Any

from django.contrib import admin
from unfold.paginator import InfinitePaginator

from backoffice.base import ReadOnlyInline, ReadOnlyPage
from backoffice.columns import NOTHING, column, money, prices, time
from backoffice.filters import ChoicesDropdownFilter, SecondsRange
from market.admin import SymbolFilter
from market.models import LOT
from trading.models import Fill, Trade

CURRENCY = "account.group.currency"


def lots(field: str) -> Any:
    """A column of minimal lots, shown in lots."""
    return column(field, field.replace("_", " "), lambda v: f"{v / LOT:.2f}" if v else NOTHING)


class FillRows(ReadOnlyInline):
    model = Fill
    fields = readonly_fields = ("kind", time("time", "time"), *prices("price"), lots("volume"))


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
    inlines = (FillRows,)


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
    )

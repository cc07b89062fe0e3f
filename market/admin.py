"""The market in the admin: symbols and their groups, and the newest quotes.

Schedules and holidays are in `market.session_admin`.
"""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from backoffice.base import Page, ReadOnlyPage
from backoffice.columns import prices, time_ms
from backoffice.filters import ChoicesDropdownFilter, DropdownFilter
from market import session_admin, terms  # noqa: F401 - the former registers its pages
from market.models import LastQuote, Symbol, SymbolGroup


class SymbolFilter(DropdownFilter):
    """By symbol, on every model with a column `symbol`; asks the few symbols, not the many rows."""

    title = "symbol"
    parameter_name = "symbol"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        names = Symbol.objects.order_by("name").values_list("name", flat=True)
        return [(name, name) for name in names]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(symbol=self.value()) if self.value() else queryset


@admin.register(SymbolGroup)
class SymbolGroupPage(Page[SymbolGroup]):
    list_display = ("name", "sort_index", "schedule")
    list_select_related = ("schedule",)
    search_fields = ("name",)
    autocomplete_fields = ("schedule",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("name",) if obj else ()  # a new key would be another row


@admin.register(Symbol)
class SymbolPage(Page[Symbol]):
    list_display = (
        "name",
        "description",
        "group",
        "trade",
        "digits",
        "contract_size",
        "margin_mode",
        "lot_min",
        "lot_max",
        "stops_level",
    )
    list_select_related = ("group",)
    list_filter = ("group", ("trade", ChoicesDropdownFilter))
    search_fields = ("name", "description")
    autocomplete_fields = ("group", "schedule")
    fieldsets = (
        (None, {"fields": ("name", "description", "group", "sort_index")}),
        (
            "Contract",
            {
                "fields": (
                    ("currency", "quote_currency"),
                    ("margin_currency", "contract_size"),
                    ("digits", "tick_size"),
                    "tick_value",
                )
            },
        ),
        (
            "Trading",
            {
                "fields": (
                    ("trade", "exemode"),
                    ("lot_min", "lot_max"),
                    ("lot_step", "long_only"),
                    ("stops_level", "freeze_level"),
                    "schedule",
                )
            },
        ),
        (
            "Margin and profit",
            {
                "fields": (
                    ("margin_mode", "profit_mode"),
                    ("margin_divider", "margin_initial"),
                    "margin_hedged",
                    "leverage_tiers",
                )
            },
        ),
        ("Commission", {"fields": ("comm_base", ("comm_type", "comm_lots"))}),
        (
            "Swaps",
            {
                "fields": (
                    ("swap_enable", "swap_type"),
                    ("swap_long", "swap_short"),
                    "swap_rollover3days",
                )
            },
        ),
        (
            "Quotes",
            {
                "fields": (
                    "quote_timeout",
                    ("filter_percent", "filter_confirmations"),
                    ("demo_price", "demo_spread"),
                )
            },
        ),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if not obj:
            return ()
        fixed = terms.FIXED if terms.in_use(obj) else ()
        return ("name", *fixed)  # a new key would be another row


QUOTE = (
    "symbol",
    *prices("bid", "ask"),
    time_ms("time", "source's time"),
    time_ms("received", "received"),
    "number",
)


@admin.register(LastQuote)
class LastQuotePage(ReadOnlyPage[LastQuote]):
    list_display = QUOTE
    list_select_related = ("symbol",)
    search_fields = ("symbol__name",)
    fields: ClassVar[Any] = QUOTE

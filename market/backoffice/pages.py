"""Admin pages of the market: symbols, their groups, and the newest quotes.

Schedules and holidays are in `market.backoffice.schedule_pages`.
"""

from decimal import Decimal
from typing import Any, ClassVar, cast

from django.contrib import admin
from django.db.models import Count, Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils.html import format_html

from backoffice.columns import Column, field_column, number_display, time_ms_column
from backoffice.pages.admin_pages import Page, ReadOnlyPage
from backoffice.pages.list_cards import CardColumns
from backoffice.pages.list_filters import ChoicesDropdownFilter, DropdownFilter, titled_filter
from backoffice.pages.preview_mixin import PreviewMixin
from backoffice.site.search_everywhere import FoundRows
from core import clock
from market import frozen_fields
from market.backoffice import feed_health_page, week_preview
from market.backoffice.actions import label_of_mode
from market.backoffice.price_columns import symbol_prices
from market.backoffice.symbol_form import FIELDSETS, SymbolForm
from market.enums import MarketState, TradeMode
from market.icons import icon_path
from market.leverage_tiers import format_tiers
from market.models import LastQuote, Symbol, SymbolGroup, format_lots
from market.sessions import next_change
from market.sessions.state import market_state_of


class SymbolFilter(DropdownFilter):
    """Filter by symbol, for every model with a column `symbol`.

    The choices come from the few symbols, not from the many rows.
    """

    title = "symbol"
    parameter_name = "symbol"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        names = Symbol.objects.order_by("name").values_list("name", flat=True)
        return [(name, name) for name in names]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        return queryset.filter(symbol=self.value()) if self.value() else queryset


@admin.register(SymbolGroup)
class SymbolGroupPage(Page[SymbolGroup]):
    small = True
    ordering = ("sort_index", "name")
    list_display = ("name", "sort_index", "schedule", "symbols")
    list_select_related = ("schedule",)
    search_fields = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[SymbolGroup]:
        return super().get_queryset(request).annotate(count=Count("symbols"))

    def get_readonly_fields(
        self, request: HttpRequest, obj: SymbolGroup | None = None
    ) -> tuple[str, ...]:
        return ("name",) if obj else ()  # a new key would be another row

    @number_display("symbols", ordering="count")
    def symbols(self, obj: Any) -> str:
        return str(obj.count)


def trading_column() -> Column:
    """Return the column that says whether a symbol is traded; what is paused is red."""
    result = field_column("trade", "trading", label_of_mode)
    result.tone = lambda symbol: "" if symbol.trade == TradeMode.FULL else "bad"
    return result


def format_units(size: Decimal) -> str:
    """Format a contract size, without zeros after the point."""
    return f"{size.normalize():,f}"


TRADING = trading_column()


@admin.register(Symbol)
class SymbolPage(PreviewMixin[Symbol], Page[Symbol]):
    """A symbol's conditions. Changes that affect the margin of accounts are previewed first."""

    small = True
    form = SymbolForm
    card = CardColumns(title=("picture", "name"), texts=("description", "trade", "now"))
    list_display = (
        "picture",
        "name",
        "description",
        "group",
        TRADING,
        "now",
        "digits",
        field_column("contract_size", "contract size", format_units, css_class="number"),
        "margin_mode",
        *(
            field_column(f"lot_{end}", f"{end} lots", format_lots, css_class="number")
            for end in ("min", "max")
        ),
        "stops_level",
    )
    list_display_links = ("name",)
    list_select_related = ("group",)
    list_filter = ("group", ("trade", titled_filter(ChoicesDropdownFilter, "trading")))
    search_fields = ("name", "description")
    found_rows = FoundRows[Symbol](
        "Symbol",
        "candlestick_chart",
        lambda symbol: symbol.name,
        lambda symbol: symbol.description,
    )

    def get_fieldsets(self, request: HttpRequest, obj: Symbol | None = None) -> Any:
        """Return the fields; an existing symbol also shows its state and its week of sessions."""
        sets = [(title, {"fields": fields}) for title, fields in FIELDSETS]
        hours = ("schedule", "state_and_until", "week") if obj else ("schedule",)
        return [*sets, ("Hours", {"fields": hours})]

    def get_readonly_fields(
        self, request: HttpRequest, obj: Symbol | None = None
    ) -> tuple[str, ...]:
        if not obj:
            return ()
        fixed = frozen_fields.FROZEN_FIELDS if frozen_fields.is_in_use(obj) else ()
        return ("name", "state_and_until", "week", *fixed)  # a new key would be another row

    def get_form(
        self, request: HttpRequest, obj: Symbol | None = None, change: bool = False, **kwargs: Any
    ) -> type["ModelForm[Symbol]"]:
        """Return the form; the help text of the leverage tiers shows the stored ones."""
        base = super().get_form(request, obj, change, **kwargs)
        # A class of this request: the form stores an icon in the name of who sends it.
        form = cast(
            "type[ModelForm[Symbol]]",
            type(base.__name__, (base,), {"uploader": request.user.pk}),
        )
        tiers_text = format_tiers(obj.leverage_tiers or []) if obj else ""
        if tiers_text and "leverage_tiers" in form.base_fields:
            form.base_fields["leverage_tiers"].help_text += f" Now: {tiers_text}."
        return form

    @admin.display(description="icon")
    def picture(self, obj: Symbol) -> str:
        return format_html('<img src="{}" alt="" width="24" height="24">', icon_path(obj))

    @admin.display(description="now")
    def now(self, obj: Symbol) -> str:
        state, reason = market_state_of(obj, None, clock.now())
        return "open" if state == MarketState.OPEN else reason.label

    @admin.display(description="the market is")
    def state_and_until(self, obj: Symbol) -> str:
        at = clock.now()
        return next_change.format_status(next_change.status_of_symbol(obj, at), at)

    @admin.display(description="this week")
    def week(self, obj: Symbol) -> str:
        return week_preview.render_symbol(obj, clock.now())


QUOTE_COLUMNS = (
    "symbol",
    *symbol_prices("bid", "ask"),
    time_ms_column("time", "source's time"),
    time_ms_column("received", "received"),
)


@admin.register(LastQuote)
class LastQuotePage(ReadOnlyPage[LastQuote]):
    small = True
    card = CardColumns(title=("symbol", "bid", "ask"), texts=("time",))
    list_display = QUOTE_COLUMNS
    list_select_related = ("symbol",)
    search_fields = ("symbol__name",)
    fields: ClassVar[tuple[Column, ...]] = QUOTE_COLUMNS

    def get_urls(self) -> list[URLPattern]:
        return [*feed_health_page.health_routes(self.admin_site), *super().get_urls()]

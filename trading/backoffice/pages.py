"""Read-only admin pages of trades and their evidence; changes go through actions and services."""

from decimal import Decimal
from typing import TYPE_CHECKING

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import URLPattern

from backoffice.columns import (
    NO_VALUE,
    Column,
    field_column,
    time_column,
)
from backoffice.pages.admin_pages import ReadOnlyInline, ReadOnlyPage
from backoffice.pages.client_columns import client_columns
from backoffice.pages.list_cards import CardColumns
from backoffice.pages.list_filters import (
    ChoicesDropdownFilter,
    SecondsRange,
    ValuesFilter,
    titled_filter,
)
from backoffice.site.search_everywhere import FoundRows
from market.backoffice.pages import SymbolFilter
from market.backoffice.price_columns import symbol_prices
from trading.backoffice import floating_profit, trade_columns, trade_lists
from trading.backoffice.explanations.explain_pages import (
    ExplainedAction,
    ExplainedFill,
    ExplainedTrade,
)
from trading.backoffice.exposure.exposure_page import exposure_routes
from trading.backoffice.order_words import cause_word, state_word, type_word
from trading.backoffice.position_order import SortFilter
from trading.backoffice.reports.result_page import report_routes
from trading.backoffice.reports.statement_page import statement_routes
from trading.backoffice.rollover_pages import RolloverPage, SwapChargePage
from trading.backoffice.trade_columns import lots_column
from trading.backoffice.trade_lists import KindFilter, TradeList
from trading.enums import Activation, Cmd, State, TradeType
from trading.models import Fill, MarginAction, SwapCharge, Trade

if TYPE_CHECKING:
    from django.contrib.admin.options import InlineModelAdmin

__all__ = ["FillPage", "MarginActionPage", "RolloverPage", "SwapChargePage", "TradePage"]


def figure_column(side: str, name: str) -> Column:
    """Return a column of one of the figures before or after, with two decimals."""

    def format_figure(figures: dict[str, str | None]) -> str:
        value = figures.get(name)
        return NO_VALUE if value is None else f"{Decimal(value):.2f}"

    result = field_column(side, f"{name} {side}", format_figure)
    result.__name__, result.css_class = f"{side}_{name}", "number"
    del result.admin_order_field  # a JSON document cannot be sorted by
    return result


STORED_STATES = (State.OPEN, State.CLOSED, State.CLOSED_PART, State.DELETED)


class StateFilter(ValuesFilter):
    """A filter by the states that are stored: the others only acknowledge requests."""

    title = column = "state"
    parameter_name = "state__exact"
    labels = {state.value: state_word(state) for state in STORED_STATES}


class TypeFilter(ValuesFilter):
    title, column, parameter_name = "type", "cmd", "cmd__exact"
    labels = {kind.value: type_word(kind) for kind in Cmd}


class CauseFilter(ValuesFilter):
    title, column, parameter_name = "cause", "activation", "activation__exact"
    labels = {cause.value: cause_word(cause) for cause in Activation}


class FillRows(ReadOnlyInline):
    model = Fill
    fields = readonly_fields = (
        "kind",
        time_column("time", "time"),
        *symbol_prices("price", symbol="trade.symbol_id"),
        lots_column("volume"),
    )


class SwapRows(ReadOnlyInline):
    model = SwapCharge
    fk_name = "trade"
    show_change_link = False
    fields = readonly_fields = (
        field_column("night_id", "night", str),
        "days",
        field_column("amount", "amount", lambda amount: f"{amount:.2f}"),
        "terms",
        field_column("correction_id", "booked as", lambda order: str(order or NO_VALUE)),
    )


@admin.register(Trade)
class TradePage(ExplainedTrade, ReadOnlyPage[Trade]):
    group_path = "account__group"
    live_list = True
    list_before_template = "backoffice/list_head.html"
    card = CardColumns(
        title=("symbol_id", "cmd", "volume"),
        figure="profit",
        texts=("account_user_name",),
        details=("price", "close_price"),
    )
    list_display = trade_columns.COLUMNS[TradeType.ALL]
    list_select_related = ("account__group", "account__user")
    list_filter = (
        KindFilter,
        SortFilter,
        "account__group",
        StateFilter,
        TypeFilter,
        SymbolFilter,
        CauseFilter,
        ("open_time", SecondsRange),
        ("close_time", SecondsRange),
    )
    search_numbers = ("order", "account")
    search_symbols = ("symbol",)
    search_clients = ("account",)
    search_help_text = "Order, login, symbol or client"
    found_rows = FoundRows[Trade](
        "Order",
        "receipt_long",
        lambda trade: f"#{trade.order}",
        lambda trade: f"{type_word(trade.cmd)} {trade.symbol_id or ''} of {trade.account.user}",
        by_number=True,
    )
    export_columns = trade_columns.EXPORT_COLUMNS
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("order", "account"),
                    ("symbol", trade_columns.TYPE),
                    (trade_columns.STATE, trade_columns.CAUSE),
                    (lots_column("volume"), lots_column("closed_volume")),
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
                    (time_column("open_time", "opened"), *symbol_prices("open_price")),
                    (time_column("close_time", "closed"), *symbol_prices("close_price")),
                    tuple(symbol_prices("sl", "tp")),
                    time_column("expiration", "expires"),
                )
            },
        ),
        (
            "Result",
            {
                "fields": (
                    (trade_columns.PROFIT, trade_columns.MARGIN_RATE),
                    trade_columns.COSTS_IN_WORDS,
                    (trade_columns.MARKUP, *symbol_prices("open_markup")),
                )
            },
        ),
    )
    inlines = (FillRows, SwapRows)

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site
        further = (*report_routes(site), *statement_routes(site), *exposure_routes(site))
        return [*further, *super().get_urls()]

    def get_changelist(self, request: HttpRequest, **kwargs: object) -> type[TradeList]:
        return TradeList

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Trade | None:
        """Return the order; a page that shows a position shows its floating profit."""
        obj = super().get_object(request, object_id, from_field)
        if obj is not None and request.method == "GET":
            floating_profit.attach_profits([obj])
        return obj

    def get_inlines(
        self, request: HttpRequest, obj: Trade | None
    ) -> list[type["InlineModelAdmin[Model, Model]"]]:
        """Return the tables below the order: of swaps only where some were charged."""
        tables = super().get_inlines(request, obj)
        charged = obj is not None and obj.swaps.exists()
        return [rows for rows in tables if charged or rows is not SwapRows]

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        """Return the columns that matter for the requested kind of trades."""
        return trade_columns.COLUMNS[trade_lists.requested_kind(request)]


@admin.register(Fill)
class FillPage(ExplainedFill, ReadOnlyPage[Fill]):
    group_path = "trade__account__group"
    card = CardColumns(
        title=("trade_symbol_id", "kind"),
        figure="price",
        texts=("time",),
        details=("trade_id",),
    )
    list_display = (
        "id",
        field_column("trade_id", "order", str),
        *client_columns("trade.account_id"),
        field_column("trade.symbol_id", "symbol", lambda name: name or ""),
        "kind",
        time_column("time", "time"),
        *symbol_prices("price", symbol="trade.symbol_id"),
        lots_column("volume"),
    )
    list_select_related = ("trade",)
    ordering = ("-id",)
    list_filter = (("kind", ChoicesDropdownFilter), ("time", titled_filter(SecondsRange, "time")))
    search_numbers = ("trade", "trade__account")
    search_clients = ("trade__account",)
    fields = (
        "trade",
        "kind",
        time_column("time", "time"),
        *symbol_prices("price", symbol="trade.symbol_id"),
        lots_column("volume"),
    )

    def client_login(self, obj: Fill) -> int:
        login: int = obj.trade.account_id
        return login


@admin.register(MarginAction)
class MarginActionPage(ExplainedAction, ReadOnlyPage[MarginAction]):
    group_path = "account__group"
    card = CardColumns(
        title=("kind", "account_id"),
        figure="before_level",
        texts=("time",),
        details=("trade_id",),
    )
    list_display = (
        "id",
        *client_columns("account_id"),
        "kind",
        time_column("time", "time"),
        field_column("trade_id", "order", lambda order: str(order or "")),
        figure_column("before", "equity"),
        figure_column("before", "margin"),
        figure_column("before", "level"),
        figure_column("after", "balance"),
        figure_column("after", "level"),
    )
    ordering = ("-id",)
    list_filter = (("kind", ChoicesDropdownFilter), ("time", titled_filter(SecondsRange, "time")))
    search_numbers = ("account", "trade")
    search_clients = ("account",)
    fields = (("account", "kind"), (time_column("time", "time"), "trade"))

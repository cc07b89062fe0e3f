"""Read-only admin pages of price alerts and their log: what fired, when, by which quotes."""

from collections.abc import Sequence

from django.contrib import admin
from django.db.models import Exists, Model, OuterRef, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from unfold.contrib.filters.admin import SingleNumericFilter

from alerts.backoffice.delivery_pages import DeliveryInline
from alerts.backoffice.firing_chart import draw_firing_chart
from alerts.backoffice.firing_verdict import firing_verdict
from alerts.backoffice.why_not_yet import alert_section
from alerts.deliveries.enums import DeliveryState
from alerts.deliveries.models import Delivery
from alerts.models import Alert, AlertLog
from backoffice.columns import NO_VALUE, field_column, number_display, time_column, time_ms_column
from backoffice.pages.admin_pages import ReadOnlyPage
from backoffice.pages.client_columns import client_columns
from backoffice.pages.list_cards import CardColumns
from backoffice.pages.list_filters import ChoicesDropdownFilter, DropdownFilter, SecondsRange
from backoffice.site.search_everywhere import FoundRows
from backoffice.widgets.content import Link, Section
from market.backoffice.pages import SymbolFilter
from market.backoffice.price_columns import symbol_prices
from market.backoffice.symbol_prices import format_symbol_price

CLIENT_TEXT_FIELDS = ("indicator_name", "message", "comment")
PRICES = symbol_prices("target_price", "channel_low", "channel_high", "move_threshold")
PRICES[-1].short_description = "move"


@admin.register(Alert)
class AlertPage(ReadOnlyPage[Alert]):
    group_path = "account__group"
    card = CardColumns(
        title=("symbol_id", "condition"),
        figure="target_price",
        texts=("account_id", "status"),
    )
    list_display = (
        "id",
        *client_columns("account_id"),
        field_column("symbol_id", "symbol", str),
        "side",
        "condition",
        *PRICES,
        "status",
        "repeat_mode",
        time_column("created_at", "created"),
        time_column("triggered_at", "triggered"),
    )
    list_filter = (
        ("status", ChoicesDropdownFilter),
        SymbolFilter,
        ("created_at", SecondsRange),
    )
    search_numbers = ("id", "account")
    search_clients = ("account",)
    found_rows = FoundRows[Alert](
        "Price alert",
        "notifications",
        lambda alert: f"Alert {alert.pk}",
        lambda alert: f"{alert.symbol_id} of {alert.account_id}",
        by_number=True,
    )
    search_symbols = ("symbol",)
    fieldsets = (
        (
            None,
            {"fields": ("id", "account", "symbol", ("status", "repeat_mode"), *CLIENT_TEXT_FIELDS)},
        ),
        (
            "Condition",
            {
                "fields": (
                    ("side", "condition"),
                    tuple(symbol_prices("target_price", "move_threshold")),
                    tuple(symbol_prices("channel_low", "channel_high")),
                    (
                        *symbol_prices("reference_price"),
                        time_column("reference_time", "reference time"),
                    ),
                )
            },
        ),
        (
            "Times",
            {
                "fields": (
                    (time_column("created_at", "created"), time_column("updated_at", "updated")),
                    time_column("armed_at", "armed"),
                    (
                        time_column("expires_at", "expires"),
                        time_column("triggered_at", "triggered"),
                    ),
                    tuple(symbol_prices("triggered_price")),
                )
            },
        ),
        (
            "Repeating",
            {"fields": (("cooldown", time_column("rests_until", "rests until")), "armed")},
        ),
    )

    def sections(self, request: HttpRequest, obj: Alert) -> Sequence[Section]:
        return [alert_section(obj)]

    def links(self, request: HttpRequest, obj: Alert) -> Sequence[Link]:
        """Return links to what the alert has led to, and to where it is delivered."""
        lists = (
            ("Log", "alertlog", obj.pk),
            ("Deliveries", "delivery", obj.account_id),
            ("Addresses", "address", obj.account_id),
        )
        return [
            Link(title, f"{reverse(f'admin:alerts_{model}_changelist')}?q={number}")
            for title, model, number in lists
            if request.user.has_perm(f"alerts.view_{model}")
        ]


class OutcomeFilter(DropdownFilter):
    """Filter log rows by the state of the firing's deliveries."""

    title = "outcome"
    parameter_name = "outcome"
    NONE = "none"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        states = [(str(value), label) for value, label in DeliveryState.choices]
        return [*states, (self.NONE, "nothing to deliver")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        deliveries = Delivery.objects.filter(log=OuterRef("pk"))
        chosen = self.value()
        if chosen == self.NONE:
            return queryset.filter(~Exists(deliveries))
        if chosen in dict(self.lookups(request, None)) and chosen is not None:
            return queryset.filter(Exists(deliveries.filter(state=int(chosen))))
        return queryset


@admin.register(AlertLog)
class AlertLogPage(ReadOnlyPage[AlertLog]):
    list_before_template = "alerts/by_day.html"
    login_path = "login"
    inlines = (DeliveryInline,)
    card = CardColumns(
        title=("symbol", "condition"),
        figure="triggered_price",
        texts=("login", "evaluated_at"),
    )
    list_display = (
        "id",
        *client_columns("login"),
        "symbol",
        "side",
        "condition",
        *symbol_prices("target_price", "triggered_price", "previous_price", symbol="symbol"),
        time_ms_column("quote_time", "quote"),
        time_ms_column("evaluated_at", "evaluated"),
        "lag",
        "deleted",
    )
    list_filter = (
        ("login", SingleNumericFilter),
        SymbolFilter,
        ("condition", ChoicesDropdownFilter),
        OutcomeFilter,
        "hidden",
        ("triggered_at", SecondsRange),
    )
    search_numbers = ("login", "alert")
    search_clients = ("login",)
    search_symbols = ("symbol",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "id",
                    "alert",
                    field_column("login", "login", str),
                    "symbol",
                    *CLIENT_TEXT_FIELDS,
                    "deleted",
                )
            },
        ),
        (
            "Condition",
            {"fields": (("side", "condition"), *symbol_prices("target_price", symbol="symbol"))},
        ),
        (
            "Evidence",
            {
                "fields": (
                    tuple(symbol_prices("previous_price", "triggered_price", symbol="symbol")),
                    "market_quote",
                    (time_ms_column("quote_time", "quote"), "quote_number"),
                    (time_ms_column("evaluated_at", "evaluated"), "lag"),
                )
            },
        ),
    )

    def sections(self, request: HttpRequest, obj: AlertLog) -> Sequence[Section]:
        """Return why it fired, and the chart of the quotes around it with the alert's level."""
        chart = draw_firing_chart(obj)
        return [Section("Why it fired", [firing_verdict(obj), *([chart] if chart else [])])]

    @number_display("lag, ms")
    def lag(self, log: AlertLog) -> str:
        """Return the ms from the quote (source's clock) to the evaluation (ours)."""
        return f"{log.evaluated_at - log.quote_time:,}"

    @admin.display(description="market's quote")
    def market_quote(self, log: AlertLog) -> str:
        """Return the market's quote and the mark-up by which the account saw another price."""
        if log.market_bid is None:
            return NO_VALUE
        prices = (log.market_bid, log.market_ask)
        quote = " / ".join(format_symbol_price(price, log.symbol) for price in prices)
        if log.spread is not None:
            return f"{quote}, seen with a fixed spread of {log.spread} points"
        return f"{quote}, seen with a mark-up of {log.markup} points"

    @admin.display(description="hidden", ordering="hidden")
    def deleted(self, log: AlertLog) -> str:
        """Return a note on rows that the client deleted, a dash for all others."""
        return "by the client" if log.hidden else NO_VALUE

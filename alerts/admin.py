"""Price alerts and their log in the admin, to look at: what fired, when, and by which quotes."""

from django.contrib import admin
from unfold.paginator import InfinitePaginator

from alerts.models import Alert, AlertLog
from backoffice.base import ReadOnlyPage
from backoffice.columns import NOTHING, column, prices, time, time_ms
from backoffice.filters import ChoicesDropdownFilter, SecondsRange
from market.admin import SymbolFilter

WORDS = ("indicator_name", "message", "comment")


@admin.register(Alert)
class AlertPage(ReadOnlyPage[Alert]):
    paginator = InfinitePaginator
    list_display = (
        "id",
        column("account_id", "login", str, order="account"),
        column("symbol_id", "symbol", str, order="symbol"),
        "side",
        "condition",
        *prices("target_price", "channel_low", "channel_high", "move_threshold"),
        "status",
        "repeat_mode",
        time("created_at", "created"),
        time("triggered_at", "triggered"),
    )
    list_filter = (
        ("status", ChoicesDropdownFilter),
        SymbolFilter,
        ("condition", ChoicesDropdownFilter),
        ("created_at", SecondsRange),
    )
    search_numbers = ("id", "account")
    search_fields = ("symbol__name",)
    fieldsets = (
        (None, {"fields": ("id", "account", "symbol", ("status", "repeat_mode"), *WORDS)}),
        (
            "Condition",
            {
                "fields": (
                    ("side", "condition"),
                    tuple(prices("target_price", "move_threshold")),
                    tuple(prices("channel_low", "channel_high")),
                    (*prices("reference_price"), time("reference_time", "reference time")),
                )
            },
        ),
        (
            "Times",
            {
                "fields": (
                    (time("created_at", "created"), time("updated_at", "updated")),
                    (time("expires_at", "expires"), time("triggered_at", "triggered")),
                    tuple(prices("triggered_price")),
                )
            },
        ),
        ("Evaluation", {"fields": (("armed", "fresh"), ("wake_up", "wake_down"), "seen")}),
    )


@admin.register(AlertLog)
class AlertLogPage(ReadOnlyPage[AlertLog]):
    paginator = InfinitePaginator
    list_display = (
        "id",
        column("login", "login", str),
        "symbol",
        "side",
        "condition",
        *prices("target_price", "triggered_price", "previous_price"),
        time_ms("quote_time", "quote"),
        time_ms("evaluated_at", "evaluated"),
        "lag",
        "deleted",
    )
    list_filter = (
        SymbolFilter,
        ("condition", ChoicesDropdownFilter),
        "hidden",
        ("triggered_at", SecondsRange),
    )
    search_numbers = ("login", "alert")
    search_fields = ("symbol",)
    fieldsets = (
        (
            None,
            {"fields": ("id", "alert", column("login", "login", str), "symbol", *WORDS, "deleted")},
        ),
        ("Condition", {"fields": (("side", "condition"), *prices("target_price"))}),
        (
            "Evidence",
            {
                "fields": (
                    tuple(prices("previous_price", "triggered_price")),
                    (time_ms("quote_time", "quote"), "quote_number"),
                    (time_ms("evaluated_at", "evaluated"), "lag"),
                )
            },
        ),
    )

    @admin.display(description="lag, ms")
    def lag(self, log: AlertLog) -> str:
        """From the quote, by its source's clock, to the evaluation, by ours."""
        return f"{log.evaluated_at - log.quote_time:,}"

    @admin.display(description="hidden", ordering="hidden")
    def deleted(self, log: AlertLog) -> str:
        """Marks only what the client no longer sees."""
        return "by the client" if log.hidden else NOTHING

"""Admin pages of delivery addresses and deliveries: what was sent where, and the answers."""

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from alerts.backoffice.delivery_state import describe_state, format_next_try
from alerts.deliveries import resend
from alerts.deliveries.enums import Channel
from alerts.deliveries.models import Address, Delivery
from audit import recording
from backoffice.columns import (
    NO_VALUE,
    Column,
    field_column,
    format_utc,
    time_column,
    time_ms_column,
)
from backoffice.pages.admin_pages import ReadOnlyInline, ReadOnlyPage
from backoffice.pages.client_columns import client_columns
from backoffice.pages.list_cards import CardColumns
from backoffice.pages.list_filters import ChoicesDropdownFilter, MillisecondsRange, titled_filter
from core.clock import HOUR_S
from core.locks import transactional
from core.text_search import make_word_vector

CREATED, DONE = time_ms_column("created_at", "written"), time_ms_column("done_at", "done")


@admin.display(description="next try (UTC)", ordering="next_try")
def show_next_try(delivery: Delivery) -> str:
    return format_next_try(delivery)


@admin.display(description="state", ordering="state")
def show_state(delivery: Delivery) -> str:
    return describe_state(delivery)


@admin.display(description="firing")
def show_firing(delivery: Delivery) -> str:
    """Return symbol and price of the firing, or how many a summary is about."""
    if delivery.log is not None:  # the list has the login beside it
        return str(delivery.log).partition(" ")[2]
    return f"{delivery.left_out} summed up" if delivery.left_out else NO_VALUE


FIRING: Column = show_firing
FIRING.css_class = "text"
NEXT_TRY: Column = show_next_try
STATE: Column = show_state
STATE.css_class = "text"
CHANNEL = field_column("address.channel", "channel", lambda value: Channel(value).label)
HOUR = field_column(
    "hour", "hour (UTC)", lambda value: format_utc(value * HOUR_S) if value else NO_VALUE
)
SECRETS = ("code", "secret", "old_secret")


@admin.register(Address)
class AddressPage(ReadOnlyPage[Address]):
    """Delivery addresses, without the codes and secrets that would allow impersonation."""

    group_path = "account__group"
    card = CardColumns(
        title=("account_id", "channel"),
        texts=("address", "state"),
        details=("failures",),
    )
    list_display = (
        "id",
        *client_columns("account_id"),
        "channel",
        "address",
        "state",
        "reason",
        "failures",
        time_column("created_at", "set"),
        time_column("updated_at", "changed"),
    )
    list_filter = (("channel", ChoicesDropdownFilter), ("state", ChoicesDropdownFilter))
    search_numbers = ("id", "account")
    search_clients = ("account",)
    search_words = (make_word_vector("address"),)
    fields = (
        ("account", "channel"),
        "address",
        ("state", "reason"),
        ("failures", time_column("failing_since", "failing since"), "last_answer"),
        (HOUR, "fired"),
        (time_column("created_at", "set"), time_column("updated_at", "changed")),
    )

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Refuse filters by secrets, which would reveal them letter by letter."""
        name = lookup.partition("__")[0]
        return name not in SECRETS and super().lookup_allowed(lookup, value, request)


@admin.register(Delivery)
class DeliveryPage(ReadOnlyPage[Delivery]):
    group_path = "address__account__group"
    list_select_related = ("address", "log")
    card = CardColumns(title=("address_account_id", "address"), texts=("show_state", "created_at"))
    list_display = (
        "id",
        *client_columns("address.account_id"),
        field_column("address", "address", str, css_class="text"),
        FIRING,
        STATE,
        "attempts",
        "answer",
        NEXT_TRY,
        CREATED,
    )
    export_columns = (
        CHANNEL,
        DONE,
    )
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("address__channel", ChoicesDropdownFilter),
        ("created_at", titled_filter(MillisecondsRange, "written")),
    )
    search_numbers = ("id", "log", "address__account")
    search_clients = ("address__account",)
    search_words = (make_word_vector("address__address"),)
    fields = (
        ("log", "address"),
        (HOUR, "left_out"),
        (STATE, "attempts", "answer"),
        (NEXT_TRY, CREATED, DONE),
    )
    actions = ("send_again",)  # type: ignore[assignment]  # the base has none, and no type

    def has_resend_permission(self, request: HttpRequest) -> bool:
        """Check whether the user may resend deliveries."""
        return request.user.has_perm("alerts.resend_delivery")

    @admin.action(description="Send again", permissions=["resend"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        """Resend the chosen deliveries; each keeps the message id that receivers know."""
        chosen = list(queryset)
        sent = resend_and_record(request, chosen)
        self.message_user(request, f"{len(sent)} of {len(chosen)} will be sent again.")
        if len(sent) < len(chosen):
            message = (
                f"Not sent: {len(chosen) - len(sent)}, of verifications and to addresses "
                "that are not verified."
            )
            self.message_user(request, message, messages.WARNING)


@transactional
def resend_and_record(request: HttpRequest, chosen: list[Delivery]) -> set[int]:
    """Resend the deliveries that may be resent, with audit entries; return their ids."""
    sent = resend.resend_deliveries([delivery.pk for delivery in chosen])
    for delivery in chosen:
        if delivery.pk in sent:
            login = delivery.address.account_id
            recording.record_entry(request, "send_again", delivery, login=login)
    return sent


class DeliveryInline(ReadOnlyInline):
    """The deliveries of a log row."""

    model = Delivery
    fields = readonly_fields = ("address", STATE, "attempts", "answer", NEXT_TRY, CREATED, DONE)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Model]:
        return super().get_queryset(request).select_related("address")

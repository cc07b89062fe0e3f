"""Read-only admin pages of nights and what they charged."""

from decimal import Decimal

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from backoffice.columns import (
    NO_VALUE,
    Column,
    field_column,
    format_amount,
    money_column,
    time_column,
)
from backoffice.pages.admin_pages import ReadOnlyPage
from backoffice.pages.client_columns import client_columns
from backoffice.pages.list_cards import CardColumns
from backoffice.pages.list_filters import DropdownFilter
from core.users import signed_in_user
from trading.models import Rollover, SwapCharge
from trading.rollover.run import charged_totals

CURRENCY = "trade.account.group.currency"
NIGHTS = 60  # offered by the filter of the charges
ALL_GROUPS_FIELDS = ("charged", "sums")  # sums over all groups


@admin.register(Rollover)
class RolloverPage(ReadOnlyPage[Rollover]):
    """The page of the nights: a few hundred rows a year."""

    small = True
    list_display = ("night", time_column("moment", "moment"), "state", *ALL_GROUPS_FIELDS)
    ordering = ("-night",)
    fields = ("night", time_column("moment", "moment"), "state", *ALL_GROUPS_FIELDS)

    def get_list_display(self, request: HttpRequest) -> tuple[Column, ...]:
        return self._visible_fields(request, self.list_display)

    def get_fields(self, request: HttpRequest, obj: Rollover | None = None) -> tuple[Column, ...]:
        return self._visible_fields(request, self.fields)

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Rollover | None:
        """Return the night; an unfinished one with what it has charged so far."""
        night = super().get_object(request, object_id, from_field)
        if night is not None and not night.finished:
            for name, value in charged_totals(night.night).items():
                setattr(night, name, value)
        return night

    def _visible_fields(
        self, request: HttpRequest, names: tuple[Column, ...]
    ) -> tuple[Column, ...]:
        """Return the fields without the sums over all groups for users limited to some groups."""
        user = signed_in_user(request)
        if user.visible_groups is None:
            return names
        return tuple(name for name in names if name not in ALL_GROUPS_FIELDS)

    @admin.display(description="state", ordering="finished")
    def state(self, night: Rollover) -> str:
        """Return whether every account is charged."""
        return (
            f"finished {time_column('finished', '')(night)}" if night.finished else "not finished"
        )

    @admin.display(description="swaps")
    def sums(self, night: Rollover) -> str:
        """Return the sums by currency as text."""
        by_currency: dict[str, str] = night.amounts
        texts = (
            f"{format_amount(Decimal(at), currency)} {currency}"
            for currency, at in by_currency.items()
        )
        return ", ".join(texts) or NO_VALUE


class NightFilter(DropdownFilter):
    """A filter by one of the newest nights."""

    title = "night"
    parameter_name = "night"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        nights = Rollover.objects.order_by("-night").values_list("night", flat=True)
        return [(str(night), str(night)) for night in nights[:NIGHTS]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> QuerySet[Model]:
        chosen = self.value()
        known = dict(self.lookup_choices)
        return queryset.filter(night=chosen) if chosen in known else queryset


@admin.register(SwapCharge)
class SwapChargePage(ReadOnlyPage[SwapCharge]):
    """The page of the charges: a row for each trade and night."""

    group_path = "trade__account__group"
    card = CardColumns(
        title=("trade_symbol_id", "trade_account_id"),
        figure="amount",
        texts=("night_id",),
        details=("trade_id",),
    )
    list_display = (
        "id",
        field_column("night_id", "night", str),
        field_column("trade_id", "order", str),
        *client_columns("trade.account_id"),
        field_column("trade.symbol_id", "symbol", lambda name: name or ""),
        "days",
        money_column("amount", "amount", CURRENCY),
        field_column("correction_id", "booked as", lambda order: str(order or NO_VALUE)),
    )
    list_select_related = ("trade__account__group",)
    ordering = ("-id",)
    list_filter = (NightFilter,)
    search_numbers = ("trade", "trade__account")
    search_clients = ("trade__account",)
    fields = (
        ("night", "trade"),
        ("days", money_column("amount", "amount", CURRENCY)),
        "terms",
        "correction",
    )

"""The admin page of account types: what a group trades on other terms than the symbols' own."""

from typing import TYPE_CHECKING, ClassVar

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest

from backoffice.columns import NO_VALUE, field_column
from backoffice.pages.list_cards import CardColumns
from backoffice.pages.preview_mixin import PreviewMixin
from market.backoffice.schedule_pages import NamePatternPage
from market.backoffice.symbol_form import LABELS, LOT_FIELDS, LOTS_HELP, POINTS_HELP, SWAP_HELP
from market.backoffice.terms_rules import find_problems
from market.enums import CommissionPer, CommissionType
from market.models import GroupTerms

if TYPE_CHECKING:
    TermsModelForm = ModelForm[GroupTerms]
else:
    TermsModelForm = ModelForm

OPEN_HELP = "Empty: as the symbol."
HELP_TEXTS: dict[str, str] = {
    "position": "The lowest comes first: of the entries that fit a symbol the first one counts.",
    "bid_markup": "Clients see the market's bid less so many points.",
    "ask_markup": "Clients see the market's ask and so many points.",
    "spread": "In points around the market's mid, however wide the market is. Not with a mark-up.",
    "comm_base": f"Charged at the open, in the unit of its type. {OPEN_HELP}",
    "comm_type": "Percent is of the deal's value.",
    "comm_lots": "“Per deal” does not go by the size, except for percent.",
    "comm_currency": "Of a commission in money; empty: the account's.",
    "comm_minimum": "In the commission's currency.",
    "swap_long": f"{SWAP_HELP} {OPEN_HELP}",
    "swap_short": f"{SWAP_HELP} {OPEN_HELP}",
    "swap_free": "No swap at all; a fee may stand for it.",
    "swap_fee": "Money a lot and night in the account's currency.",
    "swap_grace": "So many nights after the open cost nothing.",
    "leverage_cap": f"At most 1 : so much, also where a symbol's tiers allow more. {OPEN_HELP}",
    "stops_level": f"{POINTS_HELP} {OPEN_HELP}",
    "freeze_level": f"{POINTS_HELP} {OPEN_HELP}",
    "trade": OPEN_HELP,
    "lot_min": f"{LOTS_HELP} {OPEN_HELP}",
    "lot_max": f"{LOTS_HELP} {OPEN_HELP}",
    "lot_step": f"{LOTS_HELP} {OPEN_HELP}",
}


class GroupTermsForm(TermsModelForm):
    """Validates the terms together, and beside those of the group's other entries."""

    class Meta:
        help_texts: ClassVar = HELP_TEXTS
        labels: ClassVar = LABELS
        field_classes: ClassVar = LOT_FIELDS

    def clean(self) -> dict[str, object] | None:
        cleaned = super().clean()
        if cleaned is None or self.errors.keys() & {"symbols", "group"}:
            return cleaned
        entry = GroupTerms(**cleaned)
        if "group" not in cleaned:  # that of an existing entry is no field of the form
            entry.group = self.instance.group
        others = GroupTerms.objects.filter(group=entry.group_id, enabled=True)
        others = others.exclude(pk=self.instance.pk).order_by("position", "id")
        for field, problem in find_problems(entry, list(others)):
            if field not in self.errors:  # else it is judged without what was typed
                self.add_error(field if field in self.fields else None, problem)
        return cleaned


@admin.register(GroupTerms)
class GroupTermsPage(PreviewMixin[GroupTerms], NamePatternPage[GroupTerms]):
    """Each save is previewed: whom the terms would call or stop out."""

    form = GroupTermsForm
    group_path = "group"
    card = CardColumns(title=("group", "symbols"), texts=("prices", "commission"))
    list_display = (
        "group",
        field_column("position", "order", str),
        "symbols",
        "means",
        "prices",
        "commission",
        "swap",
        "leverage_cap",
        "enabled",
    )
    list_display_links = ("group", "symbols")
    list_select_related = ("group",)
    list_filter = ("group", "enabled")
    search_fields = ("group__name", "symbols")
    fieldsets: ClassVar = (
        (None, {"fields": (("group", "enabled"), ("symbols", "means"), "position")}),
        ("Prices", {"fields": (("bid_markup", "ask_markup"), "spread")}),
        (
            "Commission",
            {
                "fields": (
                    ("comm_base", "comm_type"),
                    "comm_lots",
                    ("comm_currency", "comm_minimum"),
                )
            },
        ),
        (
            "Swap",
            {
                "fields": (
                    "swap_type",
                    ("swap_long", "swap_short"),
                    "swap_free",
                    ("swap_fee", "swap_grace"),
                )
            },
        ),
        (
            "Trading",
            {
                "fields": (
                    ("trade", "leverage_cap"),
                    ("lot_min", "lot_max"),
                    "lot_step",
                    ("stops_level", "freeze_level"),
                )
            },
        ),
    )

    def get_readonly_fields(
        self, request: HttpRequest, obj: GroupTerms | None = None
    ) -> tuple[str, ...]:
        """Return also the group of an existing entry: another group's is another entry."""
        return ("means", "group") if obj else ("means",)

    @admin.display(description="prices")
    def prices(self, obj: GroupTerms) -> str:
        if obj.spread is not None:
            return f"spread {obj.spread} points"
        markup = obj.markup
        return f"bid −{markup.bid}, ask +{markup.ask}" if any(markup[:2]) else NO_VALUE

    @admin.display(description="commission")
    def commission(self, obj: GroupTerms) -> str:
        if obj.comm_base is None:
            return NO_VALUE
        unit = obj.comm_currency
        if obj.comm_type is not None and (obj.comm_type != CommissionType.MONEY or not unit):
            unit = CommissionType(obj.comm_type).label
        per = "" if obj.comm_lots is None else CommissionPer(obj.comm_lots).label
        return " ".join(filter(None, (f"{obj.comm_base.normalize():f}", unit, per)))

    @admin.display(description="swap")
    def swap(self, obj: GroupTerms) -> str:
        if not obj.swap_free:
            swaps = (obj.swap_long, obj.swap_short)
            if swaps == (None, None):
                return NO_VALUE
            return " / ".join(NO_VALUE if one is None else f"{one.normalize():f}" for one in swaps)
        if not obj.swap_fee:
            return "swap-free"
        after = f" after {obj.swap_grace} nights" if obj.swap_grace else ""
        return f"swap-free, fee {obj.swap_fee.normalize():f} a lot{after}"

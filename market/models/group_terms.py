"""Account types: what the accounts of a group trade on other terms than the symbol's own."""

from collections.abc import Iterator
from decimal import Decimal
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from accounts.models import Group
from market import enums
from market.constraints import NOT_NEGATIVE
from market.leverage_tiers import HIGHEST_LEVERAGE
from market.models.markup import Markup
from market.schedules import MaskField

MOST_POINTS = 1_000_000
OWN_FIELDS = (  # of Symbol, each with the same meaning there
    "comm_base", "comm_type", "comm_lots", "swap_type", "swap_long", "swap_short",
    "stops_level", "freeze_level", "trade", "lot_min", "lot_max", "lot_step",
)  # fmt: skip


POINTS = [MaxValueValidator(MOST_POINTS)]


class GroupTerms(models.Model):
    """The terms of an account group for the symbols of a name pattern.

    What is left open (null) comes from the symbol. Of several entries that fit a symbol the first
    one by `position` counts, whole. Rows are not deleted but switched off.
    """

    group = models.ForeignKey(Group, models.PROTECT, related_name="terms")
    symbols = MaskField()
    position = models.PositiveIntegerField("order", default=0)
    enabled = models.BooleanField(default=True)

    bid_markup = models.PositiveIntegerField(
        "taken from the bid, points", null=True, blank=True, validators=POINTS
    )
    ask_markup = models.PositiveIntegerField(
        "added to the ask, points", null=True, blank=True, validators=POINTS
    )
    spread = models.PositiveIntegerField(
        "fixed spread, points",
        null=True,
        blank=True,
        validators=POINTS,
        help_text="Around the market's mid, instead of a mark-up.",
    )
    comm_base = models.DecimalField(
        "commission",
        null=True,
        blank=True,
        max_digits=12,
        decimal_places=4,
        validators=NOT_NEGATIVE,
    )
    comm_type = models.IntegerField(choices=enums.CommissionType, null=True, blank=True)
    comm_lots = models.IntegerField(choices=enums.CommissionPer, null=True, blank=True)
    comm_currency = models.CharField(
        "currency of the commission",
        max_length=8,
        blank=True,
        help_text="Of a commission in money; empty is the account's.",
    )
    comm_minimum = models.DecimalField(
        "least commission a deal",
        null=True,
        blank=True,
        max_digits=12,
        decimal_places=4,
        validators=NOT_NEGATIVE,
    )
    swap_type = models.IntegerField(choices=enums.SwapType, null=True, blank=True)
    swap_long = models.DecimalField(
        "swap of a buy", null=True, blank=True, max_digits=12, decimal_places=4
    )
    swap_short = models.DecimalField(
        "swap of a sell", null=True, blank=True, max_digits=12, decimal_places=4
    )
    swap_free = models.BooleanField("swap-free", default=False)
    swap_fee = models.DecimalField(
        "fee a lot and night instead of a swap",
        null=True,
        blank=True,
        max_digits=12,
        decimal_places=4,
        validators=NOT_NEGATIVE,
        help_text="In the account's currency.",
    )
    swap_grace = models.PositiveSmallIntegerField(
        "nights without the fee", null=True, blank=True, validators=[MaxValueValidator(3650)]
    )
    leverage_cap = models.PositiveIntegerField(
        "highest leverage",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(HIGHEST_LEVERAGE)],
    )
    stops_level = models.PositiveIntegerField(
        "stops level, points", null=True, blank=True, validators=POINTS
    )
    freeze_level = models.PositiveIntegerField(
        "freeze level, points", null=True, blank=True, validators=POINTS
    )
    trade = models.IntegerField(choices=enums.TradeMode, null=True, blank=True)
    lot_min = models.PositiveIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    lot_max = models.PositiveIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])
    lot_step = models.PositiveIntegerField(null=True, blank=True, validators=[MinValueValidator(1)])

    class Meta:
        verbose_name = "terms of a group"
        verbose_name_plural = "terms of account groups"
        ordering: ClassVar = ["group__name", "position", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(spread__isnull=True)
                | Q(bid_markup__isnull=True, ask_markup__isnull=True),
                name="terms_spread_or_markup",
            ),
            models.CheckConstraint(
                condition=Q(swap_free=False)
                | Q(swap_type__isnull=True, swap_long__isnull=True, swap_short__isnull=True),
                name="terms_swap_or_swap_free",
            ),
            models.CheckConstraint(
                condition=Q(swap_free=True) | Q(swap_fee__isnull=True, swap_grace__isnull=True),
                name="terms_fee_is_swap_free",
            ),
            models.CheckConstraint(
                condition=Q(leverage_cap__isnull=True) | Q(leverage_cap__gte=1),
                name="terms_leverage_cap",
            ),
            *(
                models.CheckConstraint(
                    condition=Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__gte": least}),
                    name=f"terms_{name}",
                )
                for name, least in (
                    ("comm_base", 0),
                    ("comm_minimum", 0),
                    ("swap_fee", 0),
                    ("lot_min", 1),
                    ("lot_max", 1),
                    ("lot_step", 1),
                )
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group}: {self.symbols}"

    @property
    def markup(self) -> Markup:
        """Return how the group's prices differ from the market's."""
        return Markup(self.bid_markup or 0, self.ask_markup or 0, self.spread)

    def overrides(self) -> Iterator[tuple[str, object]]:
        """Yield the attributes of Symbol that the entry sets, but for the leverage tiers."""
        for name in OWN_FIELDS:
            value = getattr(self, name)
            if value is not None:
                yield name, value
        yield "markup", self.markup
        yield "comm_currency", self.comm_currency
        yield "comm_minimum", self.comm_minimum or Decimal(0)
        if self.swap_free:
            yield "swap_free", True
            yield "swap_fee", self.swap_fee or Decimal(0)
            yield "swap_grace", self.swap_grace or 0

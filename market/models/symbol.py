"""Symbols and their groups."""

from decimal import Decimal
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from core.fields import MoneyField, PriceField
from market import enums
from market.constraints import (
    LARGEST_DOUBLE_INT,
    LONGEST_AGE,
    NOT_NEGATIVE,
    POSITIVE,
    SYMBOL_CONSTRAINTS,
    validate_name,
)
from market.leverage_tiers import validate_tiers
from market.models.markup import NO_MARKUP, Markup
from market.querysets import SymbolQuerySet
from market.schedules import Schedule

LOT = 100  # hundredths of a lot in 1.00 lot: the unit of volumes


def format_lots(volume: float, *, thousands: bool = False) -> str:
    """Format a volume in minimal lots as lots with two decimals, e.g. `1.50` or `1,234.50`."""
    return f"{volume / LOT:{',' if thousands else ''}.2f}"


class SymbolGroup(models.Model):
    """A group of symbols, such as Forex or Metals, as clients see it."""

    name = models.CharField(max_length=32, primary_key=True)
    sort_index = models.IntegerField(default=0)
    schedule = models.ForeignKey(
        Schedule,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        help_text="When its symbols trade; empty is round the clock.",
    )

    class Meta:
        ordering: ClassVar = ["sort_index", "name"]

    def __str__(self) -> str:
        return self.name


class Symbol(models.Model):
    """An instrument. Volumes are in hundredths of a lot (100 = 1.00 lot), distances in points.

    `TermsTable.instrument` returns it as an account group trades it: a copy with what the group's
    terms say otherwise. Only such a copy has the attributes that are no fields: the group's
    mark-up, the currency and the least amount of its commission, its swap-free fee.
    """

    markup: Markup = NO_MARKUP
    comm_currency = ""  # of `comm_base` where its type is money; empty: the account's
    comm_minimum = Decimal(0)  # least commission a deal, in the commission's currency
    swap_free = False
    swap_fee = Decimal(0)  # money a lot and night in the account's currency, instead of a swap
    swap_grace = 0  # nights that the fee is not charged for

    name = models.CharField(max_length=16, primary_key=True, validators=[validate_name])
    group = models.ForeignKey(SymbolGroup, models.PROTECT, related_name="symbols")
    description = models.CharField(max_length=128, blank=True)
    currency = models.CharField("base currency", max_length=8)
    quote_currency = models.CharField(max_length=8)
    margin_currency = models.CharField(max_length=8)
    digits = models.PositiveSmallIntegerField(default=5, validators=[MaxValueValidator(8)])
    contract_size = models.DecimalField(
        max_digits=18, decimal_places=4, default=100_000, validators=POSITIVE
    )
    sort_index = models.IntegerField(default=0)

    trade = models.IntegerField(choices=enums.TradeMode, default=enums.TradeMode.FULL)
    exemode = models.IntegerField(choices=enums.ExecutionMode, default=enums.ExecutionMode.MARKET)
    long_only = models.BooleanField(default=False)
    lot_min = models.PositiveIntegerField(default=1, validators=[MinValueValidator(1)])
    lot_max = models.PositiveIntegerField(default=10_000, validators=[MinValueValidator(1)])
    lot_step = models.PositiveIntegerField(default=1, validators=[MinValueValidator(1)])
    stops_level = models.PositiveIntegerField(default=0)
    freeze_level = models.PositiveIntegerField(default=0)
    schedule = models.ForeignKey(
        Schedule,
        models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        help_text="When it trades; empty is as its group.",
    )

    profit_mode = models.IntegerField(choices=enums.ProfitMode, default=enums.ProfitMode.FOREX)
    margin_mode = models.IntegerField(choices=enums.MarginMode, default=enums.MarginMode.FOREX)
    margin_divider = models.DecimalField(
        "margin factor", max_digits=12, decimal_places=8, default=1, validators=POSITIVE
    )
    margin_initial = MoneyField("futures margin a lot", validators=NOT_NEGATIVE)
    margin_hedged = models.DecimalField(
        "contract size of a covered pair",
        max_digits=18,
        decimal_places=4,
        default=0,
        validators=NOT_NEGATIVE,
    )
    leverage_tiers = models.JSONField(
        "leverage by size",
        default=list,
        blank=True,
        help_text="[[50, 500], [null, 200]]: up to 50 lots at most 500, what is above at most 200.",
    )
    tick_size = PriceField(validators=NOT_NEGATIVE)
    tick_value = MoneyField(validators=NOT_NEGATIVE)

    comm_base = models.DecimalField(
        "commission", max_digits=12, decimal_places=4, default=0, validators=NOT_NEGATIVE
    )
    comm_type = models.IntegerField(choices=enums.CommissionType, default=0)
    comm_lots = models.IntegerField(choices=enums.CommissionPer, default=0)

    swap_enable = models.BooleanField("swaps are charged", default=False)
    swap_type = models.IntegerField(choices=enums.SwapType, default=enums.SwapType.POINTS)
    swap_long = models.DecimalField(max_digits=12, decimal_places=4, default=0)
    swap_short = models.DecimalField(max_digits=12, decimal_places=4, default=0)
    swap_rollover3days = models.IntegerField(
        "weekday of the triple swap", choices=enums.Weekday, default=enums.Weekday.WEDNESDAY
    )

    quote_timeout = models.PositiveIntegerField(
        "seconds until a quote is stale, and an outage",
        default=60,
        validators=[MinValueValidator(1)],
    )
    filter_percent = models.DecimalField(
        "largest jump between two quotes, percent (0 none)",
        max_digits=6,
        decimal_places=3,
        default=5,
        validators=NOT_NEGATIVE,
    )
    filter_confirmations = models.PositiveSmallIntegerField(
        "further quotes in a row after which a jump is believed", default=3
    )
    max_source_age = models.PositiveIntegerField(
        "seconds after which a quote comes too late to be traded (0 never)",
        default=300,
        db_default=300,
        validators=[MaxValueValidator(LONGEST_AGE)],
    )
    demo_price = PriceField("price at which the simulated feed starts", validators=NOT_NEGATIVE)
    demo_spread = models.PositiveIntegerField("spread of the simulated feed, points", default=10)

    # What terminals show; nothing is computed with them.
    icon = models.CharField(max_length=256, blank=True, default="", db_default="")
    exchange = models.CharField(max_length=64, blank=True, default="", db_default="")
    category = models.CharField(max_length=64, blank=True, default="", db_default="")
    industry = models.CharField(max_length=64, blank=True, default="", db_default="")
    sector = models.CharField(max_length=64, blank=True, default="", db_default="")
    shareholders = models.PositiveIntegerField("number of shareholders", default=0, db_default=0)
    market_cap = models.PositiveBigIntegerField(
        default=0, db_default=0, validators=[MaxValueValidator(LARGEST_DOUBLE_INT)]
    )
    spread_balance = models.SmallIntegerField(default=0, db_default=0)

    objects = SymbolQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["sort_index", "name"]
        constraints: ClassVar = SYMBOL_CONSTRAINTS

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Validate the leverage tiers and the lot limits, for the admin's form."""
        self.leverage_tiers = self.leverage_tiers or []
        faults = self._find_lot_faults()
        try:
            validate_tiers(self.leverage_tiers)
        except ValidationError as error:
            faults["leverage_tiers"] = error.messages
        if faults:
            raise ValidationError(faults)

    def _find_lot_faults(self) -> dict[str, list[str]]:
        """Return what is wrong with the lot limits, by field."""
        least, most, step = self.lot_min, self.lot_max, self.lot_step
        if None in (least, most, step) or step < 1:
            return {}  # the form says so at the field itself
        if least > most:
            return {"lot_max": ["Must not be less than lot min."]}
        if least % step or most % step:
            return {"lot_step": ["Lot min and lot max must be multiples of it."]}
        return {}

    @property
    def point(self) -> Decimal:
        """Return the last decimal of the price: 10^−digits."""
        return Decimal(1).scaleb(-self.digits)

    @property
    def tick(self) -> Decimal:
        """Return the grid of prices: the tick size, or a point where none is set."""
        return self.tick_size or self.point

    def base_units(self, volume: int) -> Decimal:
        """Return V = L·K: units of the base for a volume in hundredths of a lot."""
        return self.contract_size * volume / LOT

"""Nights whose swaps are booked, and the swaps."""

from typing import ClassVar

from django.db import models

from core.fields import MoneyField
from trading.models.trade import Trade


class Rollover(models.Model):
    """A night whose swaps and end of day are to be booked; it is done once `finished` is set.

    Only then do `charged` and `amounts` hold what was charged; before, its swap charges do.
    """

    night = models.DateField("the day that ended", primary_key=True)
    moment = models.BigIntegerField("unix seconds of 17:00 New York")
    finished = models.BigIntegerField("unix seconds, 0 not yet", default=0)
    charged = models.PositiveIntegerField("trades charged", default=0)
    amounts = models.JSONField("sum of the swaps by currency", default=dict, blank=True)

    class Meta:
        ordering: ClassVar = ["night"]

    def __str__(self) -> str:
        return str(self.night)


class SwapCharge(models.Model):
    """The swap of one trade for one night, with the terms that it was computed from.

    It is part of the trade's storage or, where the trade was closed before, in a finance
    row (`correction`).
    """

    trade = models.ForeignKey(
        Trade, models.PROTECT, db_column="order", related_name="swaps", db_index=False
    )
    night = models.ForeignKey(
        Rollover, models.PROTECT, db_column="night", related_name="swaps", db_index=False
    )
    days = models.PositiveSmallIntegerField("nights charged at once", default=1)
    amount = MoneyField()
    terms = models.JSONField("type, rate, price, volume and conversion", default=dict)
    correction = models.OneToOneField(
        Trade, models.PROTECT, db_column="correction_order", null=True, related_name="late_swap"
    )

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["trade", "night"], name="one_swap_a_night")
        ]
        indexes: ClassVar = [models.Index(fields=["night", "-id"], name="swap_by_night")]

    def __str__(self) -> str:
        return f"swap of #{self.trade_id} for {self.night_id}"

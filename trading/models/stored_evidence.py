"""The evidence of fills and of what the margin rules did."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.models import Account
from core.fields import PriceField
from trading.models.trade import Trade
from trading.querysets import FillQuerySet


class Fill(models.Model):
    """The evidence of one fill: what was decided, with which quote, rates and rules."""

    class Kind(models.TextChoices):
        OPEN = "open"
        ACTIVATE = "activate"
        CLOSE = "close"

    trade = models.ForeignKey(Trade, models.PROTECT, db_column="order", related_name="fills")
    kind = models.CharField(max_length=8, choices=Kind)
    time = models.BigIntegerField("unix seconds")
    price = PriceField()
    volume = models.BigIntegerField()
    quote = models.JSONField("bid, ask, time, received, number of the quote that filled")
    seen = models.JSONField("bid and ask with the group's mark-up, if it has one", null=True)
    rates = models.JSONField("conversion rates with their sides and chains", default=dict)
    rules = models.JSONField("the group's choices that decided", default=dict)
    before = models.JSONField("the account's figures before it", default=dict)
    after = models.JSONField("the account's figures after it", default=dict)
    around = models.JSONField("the quotes around it, oldest first", default=list)

    objects = FillQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [
            # The fills that `trading.evidence.quotes_around` has still to complete: mostly none.
            models.Index(fields=["id"], name="fill_without_quotes", condition=Q(around=[])),
            # The backoffice's list by time; activations are the rare kind.
            models.Index(fields=["time", "id"], name="fill_by_time"),
            models.Index(fields=["-id"], name="fill_activations", condition=Q(kind="activate")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of #{self.trade_id}"


class MarginAction(models.Model):
    """The evidence of what the margin rules did to an account (domain.md, section 6)."""

    class Kind(models.TextChoices):
        CALL = "call", "margin call"
        RECOVERY = "recovery", "recovery from a margin call"
        STOP_OUT = "stop_out", "stop-out"
        COMPENSATION = "compensation", "negative balance protection"

    account = models.ForeignKey(
        Account, models.PROTECT, db_column="login", related_name="margin_actions"
    )
    kind = models.CharField(max_length=12, choices=Kind)
    time = models.BigIntegerField("unix seconds")
    trade = models.ForeignKey(
        Trade, models.PROTECT, db_column="order", null=True, related_name="margin_actions"
    )
    before = models.JSONField("the account's figures before it", default=dict)
    after = models.JSONField("the account's figures after it", default=dict)
    quotes = models.JSONField("the quotes it was judged by, by symbol", default=dict)
    seen = models.JSONField("their bid and ask with the group's mark-ups, by symbol", null=True)
    rules = models.JSONField("the group's choices that decided", default=dict)

    class Meta:
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [  # the backoffice's list, by its filters
            models.Index(fields=["kind", "-id"], name="margin_action_by_kind"),
            models.Index(fields=["time", "id"], name="margin_action_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.account_id}"

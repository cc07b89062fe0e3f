"""Price alerts, their log, and the checkpoint of the evaluation."""

from math import inf
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from accounts.models import Account, Group
from alerts import enums
from alerts.conditions import ConditionState, Firing, WakePrices
from alerts.deliveries.models import Address, Delivery
from alerts.querysets import AlertLogQuerySet, AlertQuerySet
from core.fields import PriceField
from core.json import plain_digits
from core.money import exact_decimal
from market.group_quotes import SeenPrices
from market.models import Symbol
from market.quotes.quote_ranges import BID, SUM

__all__ = ["Address", "Alert", "AlertCheckpoint", "AlertLog", "DayTotal", "Delivery", "HourTotal"]

EVALUATED_COLUMNS = (
    "status",
    "armed",
    "reference_price",
    "reference_time",
    "triggered_at",
    "triggered_price",
    "wake_up",
    "wake_down",
    "watched",
    "rests_until",
    "seen",
    "fresh",
    "updated_at",
)
IS_ACTIVE = Q(status=enums.AlertStatus.ACTIVE)
WATCHED = ("symbol", Coalesce("watched", "side"))  # in indexes: what wake levels are of


class Alert(models.Model):
    """A price alert. Times are unix seconds; thresholds are prices, or percent for 10 and 11.

    It looks at the price that its account sees. It is compiled into at most two wake levels on
    the market's price of its side, or with a fixed spread on the sum of bid and ask (`watched`):
    as long as that stays below `wake_up` and above `wake_down`, nothing can happen to the alert,
    so a window of quotes finds the few due alerts by two partial indexes. `fresh` marks an
    unevaluated alert, which no window has processed since it was written: only quotes after
    sequence number `seen` count for it. For all others those after the AlertCheckpoint count.
    An alert without either level sleeps until `rests_until` (unix seconds), the end of the
    cool-down after its last firing. Whoever writes an alert sets `fresh`, or windows may
    overlook it (see `WakeLevels`), and calls `mark_changed_after_commit`. `revision` grows
    with every edit by its owner, which takes precedence over the evaluation.
    """

    account = models.ForeignKey(
        Account, models.PROTECT, db_column="login", related_name="alerts", db_index=False
    )
    symbol = models.ForeignKey(
        Symbol, models.PROTECT, db_column="symbol", related_name="+", db_index=False
    )
    indicator_name = models.CharField(max_length=256, blank=True)
    message = models.CharField(max_length=256, blank=True)
    comment = models.CharField(max_length=256, blank=True)
    side = models.IntegerField(choices=enums.AlertSide)
    condition = models.IntegerField(choices=enums.Condition)
    repeat_mode = models.IntegerField(choices=enums.RepeatMode)
    status = models.IntegerField(choices=enums.AlertStatus, default=enums.AlertStatus.ACTIVE)
    target_price = PriceField()
    channel_low = PriceField()
    channel_high = PriceField()
    move_threshold = PriceField()
    reference_price = PriceField()
    reference_time = models.BigIntegerField(default=0)
    created_at = models.BigIntegerField()
    updated_at = models.BigIntegerField()
    expires_at = models.BigIntegerField("0 never", default=0)
    triggered_at = models.BigIntegerField(default=0)
    triggered_price = PriceField()
    cooldown = models.PositiveIntegerField("seconds between two firings", default=1)

    armed_at = models.BigIntegerField(
        "made or armed again by its owner, unix seconds (0 unknown)", default=0, db_default=0
    )
    armed = models.BooleanField("the condition was false since it last fired", default=True)
    wake_up = models.FloatField(null=True)
    wake_down = models.FloatField(null=True)
    watched = models.IntegerField("what the wake levels are of, if not of its side", null=True)
    rests_until = models.BigIntegerField("no firing before, unix seconds", default=0)
    fresh = models.BooleanField(default=True)
    seen = models.BigIntegerField(default=0)
    revision = models.PositiveIntegerField(default=1)

    objects = AlertQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["account", "-id"], name="alert_of_login"),
            models.Index(
                *WATCHED,
                "wake_up",
                name="alert_up",
                condition=IS_ACTIVE & Q(wake_up__isnull=False),
            ),
            models.Index(
                *WATCHED,
                "wake_down",
                name="alert_down",
                condition=IS_ACTIVE & Q(wake_down__isnull=False),
            ),
            models.Index(fields=["id"], name="alert_fresh", condition=IS_ACTIVE & Q(fresh=True)),
            models.Index(
                *WATCHED,
                "expires_at",
                name="alert_ends",
                condition=IS_ACTIVE & Q(expires_at__gt=0),
            ),
            models.Index(
                *WATCHED,
                "rests_until",
                name="alert_rests",
                condition=IS_ACTIVE & Q(wake_up__isnull=True, wake_down__isnull=True),
            ),
            # The backoffice's list, by its filters.
            models.Index(fields=["status", "-id"], name="alert_by_status"),
            models.Index(fields=["symbol", "-id"], name="alert_by_symbol"),
            models.Index(fields=["created_at", "id"], name="alert_by_creation"),
        ]

    def __str__(self) -> str:
        return f"{self.symbol_id} {self.get_condition_display()}"

    def condition_state(self, quote_timeout: int) -> ConditionState:
        """Return the alert as a ConditionState; `quote_timeout` is its symbol's, in seconds."""
        targeted = self.condition in enums.TARGET_CONDITIONS
        repeat = self.repeat_mode == enums.RepeatMode.REPEAT
        return ConditionState(
            condition=enums.Condition(self.condition),
            low=self.target_price if targeted else self.channel_low,
            high=self.target_price if targeted else self.channel_high,
            threshold=self.move_threshold,
            repeat=repeat,
            expires_at=self.expires_at,
            outage=quote_timeout * 1000,
            reference=self.reference_price,
            armed=self.armed,
            cooldown=self.cooldown,
            rests_until=self.rests_until if repeat else 0,
            status=enums.AlertStatus(self.status),
        )

    @property
    def watched_side(self) -> int:
        """Return what the wake levels are compared with: BID, ASK or SUM of `quote_ranges`."""
        return self.side if self.watched is None else self.watched

    def set_wake_prices(self, prices: WakePrices, view: SeenPrices | None) -> None:
        """Compile the prices that the account sees by the view into levels of the market's."""
        self.watched, (self.wake_up, self.wake_down) = None, prices
        if view is not None:
            self.watched = SUM if view.is_of_sum else None
            self.wake_up, self.wake_down = view.market_levels(*prices, of_bid=self.side == BID)

    def wait_for_any_quote(self) -> None:
        """Be due at the next quote of the symbol, whatever its price."""
        self.watched, self.wake_up, self.wake_down = None, -inf, None

    @property
    def wakes_after(self) -> int | None:
        """Return the unix second after which a quote of any price may matter; None: never."""
        ends = [self.expires_at] if self.expires_at else []
        if self.wake_up is None and self.wake_down is None:
            ends.append(self.rests_until - 1)
        return min(ends, default=None)

    def record_firing(self, firing: Firing) -> None:
        """Store the firing; a repeating move is measured from its price."""
        self.triggered_at = firing.quote.second
        self.triggered_price = exact_decimal(firing.quote.price)
        if (
            self.condition in enums.MOVING_CONDITIONS
            and self.repeat_mode == enums.RepeatMode.REPEAT
        ):
            self.reference_price = self.triggered_price
            self.reference_time = self.triggered_at

    def evaluated_state(self) -> tuple[object, ...]:
        """Return the values of EVALUATED_COLUMNS, which the evaluation may change."""
        return tuple(getattr(self, name) for name in EVALUATED_COLUMNS)


class HourTotal(models.Model):
    """A login's firings in the newest hour that had any; hours are unix hours.

    `notified`: its owner was notified that the hourly limit is reached (see
    `apply_hourly_limit`).
    """

    login = models.BigIntegerField(primary_key=True)
    hour = models.BigIntegerField(default=0)
    fired = models.PositiveIntegerField(default=0)
    notified = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.login}: {self.fired}"

    def add_firing(self, hour: int) -> None:
        """Count one firing in `hour`; one from an older hour counts in the newest."""
        if hour > self.hour:
            self.hour, self.fired, self.notified = hour, 0, False
        self.fired += 1


class DayTotal(models.Model):
    """The firings of a day (UTC, by the time of evaluation) in one symbol and account group."""

    day = models.DateField()
    group = models.ForeignKey(Group, models.PROTECT, related_name="+", db_index=False)
    symbol = models.CharField(max_length=16)
    fired = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["day", "group", "symbol"], name="one_total_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.symbol}: {self.fired}"


class AlertLog(models.Model):
    """One firing with its evidence: the quotes before and at the trigger, and the times.

    It outlives the alert: the texts of the alert are copied. `hidden` marks a row that the
    client deleted; support still sees it.
    """

    alert = models.ForeignKey(Alert, models.PROTECT, related_name="logs", db_index=False)
    login = models.BigIntegerField()
    symbol = models.CharField(max_length=16)
    indicator_name = models.CharField(max_length=256, blank=True)
    message = models.CharField(max_length=256, blank=True)
    comment = models.CharField(max_length=256, blank=True)
    side = models.IntegerField(choices=enums.AlertSide)
    condition = models.IntegerField(choices=enums.Condition)
    target_price = PriceField()
    triggered_price = PriceField()
    triggered_at = models.BigIntegerField("time of the quote, unix seconds")
    previous_price = PriceField(null=True)
    quote_time = models.BigIntegerField("time of the quote, unix ms")
    quote_number = models.BigIntegerField()
    evaluated_at = models.BigIntegerField("unix ms")
    market_bid = PriceField(null=True, default=None)  # these, where the account saw another quote
    market_ask = PriceField(null=True, default=None)
    markup = models.PositiveIntegerField("mark-up of the side, points", null=True)
    spread = models.PositiveIntegerField("fixed spread, points", null=True)
    hidden = models.BooleanField("deleted by the client", default=False)

    objects = AlertLogQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["login", "-id"], name="alert_log_of_login"),
            # The backoffice's list, by its filters.
            models.Index(fields=["symbol", "-id"], name="alert_log_by_symbol"),
            models.Index(fields=["condition", "-id"], name="alert_log_by_condition"),
            models.Index(fields=["triggered_at", "id"], name="alert_log_by_time"),
            models.Index(fields=["-id"], name="alert_log_hidden", condition=Q(hidden=True)),
        ]
        constraints: ClassVar = [
            # The last defence of "exactly once": a quote fires an alert once.
            models.UniqueConstraint(fields=["alert", "quote_number"], name="one_log_a_quote")
        ]

    def __str__(self) -> str:
        return f"{self.login} {self.symbol} {plain_digits(self.triggered_price)}"


class AlertCheckpoint(models.Model):
    """The last batch of the tick log that was evaluated; the active worker locks the row.

    `quiet` holds the wake levels, which tell the windows in which nothing can happen to any
    evaluated alert. `markups` are those that these were compiled by (JSON: group → symbol →
    mark-up and digits); empty where there never were any.
    """

    shard = models.PositiveIntegerField(primary_key=True)
    batch = models.BigIntegerField(default=0)
    quiet = models.TextField(default="", blank=True)
    markups = models.TextField(default="", db_default="", blank=True)

    class Meta:
        db_table = "alerts_alertplace"  # as it was created

    def __str__(self) -> str:
        return f"evaluated to {self.batch}"

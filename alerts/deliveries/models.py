"""Clients' delivery addresses, and the deliveries to them."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from accounts.models import Account
from alerts.deliveries.enums import FAILING_AFTER, AddressState, Channel, DeliveryState
from alerts.deliveries.querysets import AddressQuerySet, DeliveryQuerySet
from core.text_search import make_word_vector

LONGEST_ADDRESS = 500


class Address(models.Model):
    """An e-mail address or a webhook of a client; a changed address is a new row.

    `code` verifies it until `code_until` (unix seconds): it is mailed to the mailbox, or is
    the challenge that the webhook answers. `secret` signs (`whsec_…`), and the old one as
    well until `old_until`. During an attempt, and for a while after failures, no other
    delivery is sent to it: `rest_until`, unix ms. `fired` firings were enqueued in unix
    hour `hour`: those beyond the hourly limit become one summary.
    """

    account = models.ForeignKey(
        Account, models.PROTECT, db_column="login", related_name="addresses", db_index=False
    )
    channel = models.IntegerField(choices=Channel)
    address = models.CharField(max_length=LONGEST_ADDRESS)
    state = models.IntegerField(choices=AddressState, default=AddressState.UNVERIFIED)
    reason = models.CharField("why it is not verified", max_length=200, blank=True)
    code = models.CharField(max_length=64, blank=True)
    code_until = models.BigIntegerField(default=0)
    secret = models.CharField(max_length=100, blank=True)
    secret_time = models.BigIntegerField("secret made, unix seconds", default=0)
    old_secret = models.CharField(max_length=100, blank=True)
    old_until = models.BigIntegerField(default=0)
    created_at = models.BigIntegerField("unix seconds")
    updated_at = models.BigIntegerField("unix seconds")
    rest_until = models.BigIntegerField(default=0)
    failures = models.PositiveIntegerField("failures since the last success", default=0)
    failing_since = models.BigIntegerField("first of those failures, unix seconds", default=0)
    last_answer = models.CharField(
        "answer to the last of those failures",
        max_length=200,
        blank=True,
        default="",
        db_default="",
    )
    hour = models.BigIntegerField("newest hour with firings, unix hours", default=0)
    fired = models.PositiveIntegerField("firings in that hour", default=0)

    objects = AddressQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-id"]
        verbose_name_plural = "addresses"
        indexes: ClassVar = [
            models.Index(fields=["account", "-id"], name="address_of_login"),
            # The backoffice's lists, by their filters and their search.
            models.Index(fields=["channel", "-id"], name="address_by_channel"),
            models.Index(fields=["state", "-id"], name="address_by_state"),
            GinIndex(make_word_vector("address"), name="address_by_words"),
            models.Index(
                fields=["-failures"],
                name="address_failing",
                condition=Q(failures__gte=FAILING_AFTER),
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["account", "channel"],
                condition=Q(state__lt=AddressState.ENDED),
                name="one_address_a_channel",
            )
        ]

    def __str__(self) -> str:
        return self.address


class Delivery(models.Model):
    """One message to one address: a firing, or without a log row the address's verification.

    With an `hour` (unix hours) it is that hour's summary: `left_out` firings were beyond
    the hourly limit of the address and are sent in no other way.

    `next_try` is unix ms. A worker moves it on before it sends, so that another one tries
    again if it dies; `attempts` then tells the two apart. `step` is the index in the retry
    schedule, which resending sets back to 0.
    """

    address = models.ForeignKey(Address, models.PROTECT, related_name="deliveries", db_index=False)
    log = models.ForeignKey(
        "alerts.AlertLog",
        models.CASCADE,
        related_name="deliveries",
        null=True,
        blank=True,
        db_index=False,  # one_delivery_an_address begins with it
    )
    hour = models.BigIntegerField("hour that it sums up, unix hours", null=True, blank=True)
    left_out = models.PositiveIntegerField("firings that it sums up", default=0)
    state = models.IntegerField(choices=DeliveryState, default=DeliveryState.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    step = models.PositiveIntegerField(default=0)
    answer = models.CharField("last answer", max_length=200, blank=True)
    next_try = models.BigIntegerField("next try, unix ms")
    created_at = models.BigIntegerField("unix ms")
    done_at = models.BigIntegerField("delivered or given up, unix ms", default=0)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-id"]
        verbose_name_plural = "deliveries"
        permissions: ClassVar = [("resend_delivery", "Can send deliveries again")]
        indexes: ClassVar = [
            models.Index(
                fields=["next_try", "id"],
                name="delivery_due",
                condition=Q(state=DeliveryState.WAITING),
            ),
            models.Index(fields=["address", "-id"], name="delivery_of_address"),
            # The backoffice's list, by its filters.
            models.Index(fields=["state", "-id"], name="delivery_by_state"),
            models.Index(fields=["state", "-log"], name="delivery_by_outcome"),  # of the alert log
            models.Index(fields=["created_at", "id"], name="delivery_by_creation"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["log", "address"], name="one_delivery_an_address"),
            models.UniqueConstraint(
                fields=["address", "hour"],
                condition=Q(hour__isnull=False),
                name="one_summary_an_hour",
            ),
        ]

    def __str__(self) -> str:
        return self.message_id

    @property
    def login(self) -> int:
        """Return the login of its client, as staff scope and audit ask for it."""
        login: int = self.address.account_id
        return login

    @property
    def is_verification(self) -> bool:
        """Check whether this is the address's verification."""
        return self.log_id is None and self.hour is None

    @property
    def message_id(self) -> str:
        """Return the id by which receivers recognise a message, the same for every attempt."""
        return f"msg_{self.pk}"

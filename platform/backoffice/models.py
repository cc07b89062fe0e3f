"""The backoffice's models: approvals, e-mails, and one without a table for permissions."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.functional import Promise

from core.clock import now_ms
from core.fields import MoneyField
from core.json import plain_digits


class Approval(models.Model):
    """An action that waits for a second person; times are unix milliseconds.

    `action` on the object `key` of `model` is executed with `data` when it is approved, once. The
    row stays when it is decided: who requested, who decided, when and why.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "waiting"
        APPROVED = "approved", "approved"
        REFUSED = "refused", "refused"
        EXPIRED = "expired", "expired"
        CANCELLED = "cancelled", "cancelled"

    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False
    )
    asked_at = models.BigIntegerField("asked at")
    expires_at = models.BigIntegerField("expires at")
    model = models.CharField(max_length=64)
    key = models.CharField(max_length=64)
    action = models.CharField(max_length=32)
    title = models.CharField("what", max_length=64)
    login = models.BigIntegerField("login it is about", null=True)
    amount = MoneyField()
    currency = models.CharField(max_length=8)
    reason = models.CharField(max_length=128)
    data = models.JSONField("what was filled in", default=dict)
    state = models.CharField(max_length=16, choices=State, default=State.WAITING)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    decided_at = models.BigIntegerField("decided at", default=0)
    decision = models.CharField("why it was decided so", max_length=128, blank=True)
    outcome = models.CharField("what was booked", max_length=256, blank=True, db_default="")
    booked = models.CharField("the row that was booked", max_length=128, blank=True, db_default="")

    class Meta:
        ordering: ClassVar = ["-id"]
        permissions: ClassVar = [("decide_approval", "Can approve or refuse what others ask for")]
        indexes: ClassVar = [
            models.Index(fields=["state", "id"], name="approval_by_state"),
            models.Index(fields=["login", "id"], name="approval_by_login"),
            models.Index(fields=["asked_at"], name="approval_by_time"),
            models.Index(fields=["booked"], name="approval_by_booked_row", condition=~Q(booked="")),
        ]

    def __str__(self) -> str:
        return f"{self.title} {plain_digits(self.amount)} {self.currency} of {self.login}"

    @property
    def is_open(self) -> bool:
        """Return whether it can still be decided."""
        return self.state == self.State.WAITING and self.expires_at > now_ms()

    @property
    def state_label(self) -> str | Promise:
        """Return the state for people: expired also before that is stored."""
        is_overdue = self.state == self.State.WAITING and not self.is_open
        return (self.State.EXPIRED if is_overdue else self.State(self.state)).label


class OutgoingMail(models.Model):
    """An e-mail that a worker sends once; times are unix seconds.

    `key` says what it is, such as the report of a day to a login: it is queued once. `due` is
    the next try, NULL once it was sent or given up; then its content is deleted.
    """

    key = models.CharField(max_length=96, unique=True)
    to = models.CharField(max_length=254)
    subject = models.CharField(max_length=200)
    text = models.TextField()
    attachment_name = models.CharField(max_length=128, blank=True)
    attachment_type = models.CharField(max_length=128, blank=True)
    attachment = models.BinaryField(default=b"")
    created_at = models.BigIntegerField()
    due = models.BigIntegerField(null=True)
    tries = models.PositiveIntegerField(default=0)
    sent_at = models.BigIntegerField(default=0)
    error = models.CharField("why the last try failed", max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["due", "id"], name="mail_due", condition=Q(due__isnull=False))
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def state(self) -> str:
        """Return whether it was sent, waits or was given up, for people."""
        if self.sent_at:
            return "sent"
        return "given up" if self.due is None else "waiting"


class Right(models.Model):
    """A permission that staff have on all pages alike."""

    class Meta:
        managed = False
        default_permissions = ()
        permissions: ClassVar = [("export", "Can take lists away as files")]

    def __str__(self) -> str:
        return "right"

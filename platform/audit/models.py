"""Audit entries and sign-in attempts: rows are added and never edited."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from core.text_search import make_word_vector

# The columns by which the admin lists are searched.
ENTRY_WORDS = make_word_vector("action", "label", "reason", "key", "address", "model")
SIGN_IN_WORDS = make_word_vector("outcome", "address", "agent")


class Entry(models.Model):
    """One change by staff: who, when, from where, why, and the values before and after.

    The database refuses to edit or delete it. `form` is the key of the submitted form, so
    that a form that is sent twice takes effect once.
    """

    time = models.BigIntegerField("time, unix ms")
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        db_column="staff",
        null=True,
        related_name="+",
        db_index=False,
    )
    address = models.CharField(max_length=45, blank=True)
    action = models.CharField(max_length=32)
    model = models.CharField("what", max_length=64, blank=True)
    key = models.CharField(max_length=64, blank=True)
    label = models.CharField("which", max_length=128, blank=True)
    login = models.BigIntegerField("login it is about", null=True)
    reason = models.CharField(max_length=256, blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    form = models.CharField(max_length=36, null=True, unique=True)  # noqa: DJ001 - NULLs differ

    class Meta:
        ordering: ClassVar = ["-id"]
        verbose_name_plural = "entries"
        indexes: ClassVar = [
            models.Index(fields=["staff", "id"], name="audit_by_staff"),
            models.Index(fields=["model", "key", "id"], name="audit_by_row"),  # an object's history
            models.Index(
                fields=["login", "id"], name="audit_by_login", condition=Q(login__isnull=False)
            ),
            models.Index(fields=["time"], name="audit_by_time"),
            # The filters, in the order of the list.
            models.Index(fields=["action", "id"], name="audit_by_action"),
            models.Index(fields=["model", "id"], name="audit_by_model"),
            GinIndex(ENTRY_WORDS, name="audit_by_words"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.label}".strip()


class SignIn(models.Model):
    """One sign-in attempt. `login` is what was typed, if it was a number, else 0."""

    class Door(models.TextChoices):
        API = "api", "REST API"
        ADMIN = "admin", "backoffice"

    time = models.BigIntegerField("time, unix ms")
    login = models.BigIntegerField()
    address = models.CharField(max_length=45, blank=True)
    # The network by which `core.client_address` counts: of IPv6 that of one customer.
    network = models.CharField(max_length=45, blank=True, db_default="", editable=False)
    agent = models.CharField("browser or program", max_length=256, blank=True)
    door = models.CharField(max_length=8, choices=Door)
    outcome = models.CharField(max_length=32)  # OK, or the code of the refusal

    class Meta:
        ordering: ClassVar = ["-id"]
        verbose_name = "sign-in"
        indexes: ClassVar = [
            models.Index(fields=["login", "id"], name="sign_in_by_login"),
            models.Index(fields=["address", "id"], name="sign_in_by_address"),
            models.Index(fields=["login", "time"], name="sign_in_tries"),  # counted by the lockout
            models.Index(fields=["time"], name="sign_in_by_time"),
            models.Index(fields=["door", "id"], name="sign_in_by_door"),
            GinIndex(SIGN_IN_WORDS, name="sign_in_by_words"),
            models.Index(fields=["-id"], name="sign_in_refused", condition=~Q(outcome="OK")),
        ]

    def __str__(self) -> str:
        return f"{self.login}: {self.outcome}"

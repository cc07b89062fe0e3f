"""Sign-ups that wait for the code that was mailed; they have no account yet."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q


class PendingSignUp(models.Model):
    """A sign-up, and the code that proves its mailbox. Times are unix seconds.

    `login` is the account's once it is opened: until `until` a repeated confirmation gets
    the same one.
    """

    email = models.EmailField()
    code = models.CharField(max_length=16)
    password = models.CharField("hash", max_length=128)
    group = models.CharField(max_length=32, blank=True)
    leverage = models.PositiveIntegerField(null=True)
    profile = models.JSONField(default=dict)
    tries = models.PositiveSmallIntegerField("wrong codes", default=0)
    login = models.BigIntegerField(null=True)
    until = models.BigIntegerField()
    mail_due = models.BigIntegerField(null=True)  # next attempt; null: nothing is to be sent
    mail_tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["mail_due"], name="sign_up_mails", condition=Q(mail_due__isnull=False)
            ),
            models.Index(fields=["until"], name="sign_up_until"),
        ]

    def __str__(self) -> str:
        return f"sign-up {self.pk}"

    def account_fields(self) -> dict[str, Any]:
        """Return the arguments of `open_account` except the password."""
        terms = {"group": self.group or None, "leverage": self.leverage}
        return {**terms, "email": self.email, **self.profile}

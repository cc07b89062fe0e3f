"""The second factor of staff: what their telephone knows, and codes for when it is gone."""

from typing import ClassVar

from django.conf import settings
from django.db import models


class Factor(models.Model):
    """The TOTP secret (RFC 6238) of one staff member.

    `last_step` is the time step of the last code that was taken: none is taken twice.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        primary_key=True,
        db_column="login",
        related_name="+",
    )
    secret = models.CharField(max_length=64)
    last_step = models.BigIntegerField(default=0)
    created = models.BigIntegerField("enrolled, unix time")

    def __str__(self) -> str:
        return f"second factor of {self.pk}"


class RecoveryCode(models.Model):
    """One code that stands in for the telephone, once; only its hash is kept."""

    factor = models.ForeignKey(Factor, models.CASCADE, db_column="login", related_name="codes")
    digest = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["factor", "digest"], name="one_recovery_code")
        ]

    def __str__(self) -> str:
        return f"recovery code of {self.factor_id}"

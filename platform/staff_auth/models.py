"""The second factor of staff: the TOTP secret and the recovery codes."""

from typing import ClassVar

from django.conf import settings
from django.db import models


class Factor(models.Model):
    """The TOTP secret (RFC 6238) of one staff member.

    `last_step` is the time step of the last accepted code: no code is accepted twice.
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
    """One code that replaces the app once; only its hash is stored."""

    factor = models.ForeignKey(Factor, models.CASCADE, db_column="login", related_name="codes")
    digest = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["factor", "digest"], name="one_recovery_code")
        ]

    def __str__(self) -> str:
        return f"recovery code of {self.factor_id}"

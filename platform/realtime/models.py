"""The account event log: append-only, gapless per login."""

from typing import ClassVar

from django.db import models

from core.json import DecimalDecoder


class AccountEvent(models.Model):
    """One lossless event of one account; `event` is the stream's array (stream.md, section 3)."""

    pk = models.CompositePrimaryKey("login", "seq")
    login = models.BigIntegerField()
    seq = models.BigIntegerField()
    time = models.BigIntegerField("unix time")
    event = models.JSONField(decoder=DecimalDecoder)

    class Meta:
        ordering: ClassVar = ["login", "seq"]

    def __str__(self) -> str:
        return f"{self.login}/{self.seq}"

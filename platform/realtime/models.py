"""The account event log, append-only and gapless per login, and the stored notifications."""

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


class Notification(models.Model):
    """A message to the client, stored in the transaction of what it tells; times are unix.

    `message` is its title, `description` its body; `open_time` is when the client read it.
    """

    login = models.BigIntegerField()
    token = models.CharField(max_length=48)
    message = models.CharField(max_length=128)
    description = models.TextField()
    create_time = models.BigIntegerField(db_index=True)
    open_time = models.BigIntegerField(default=0)
    type = models.SmallIntegerField()
    status = models.SmallIntegerField()
    level = models.SmallIntegerField()
    data = models.JSONField(decoder=DecimalDecoder)

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["login", "-id"], name="notification_of_login")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["login", "token"], name="notification_once")
        ]

    def __str__(self) -> str:
        return f"{self.login}/{self.token}"

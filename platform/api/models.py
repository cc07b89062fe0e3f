"""Writes that were sent with an Idempotency-Key, and what they were answered."""

from django.db import models


class IdempotencyKey(models.Model):
    """The first response to a login's write under a key, committed with the write's effect."""

    pk = models.CompositePrimaryKey("login", "key")
    login = models.BigIntegerField()
    key = models.CharField(max_length=64)
    route = models.CharField(max_length=128)
    fingerprint = models.CharField("keyed hash of query and body", max_length=64)
    status = models.PositiveSmallIntegerField("HTTP status")
    # Text, not jsonb: a repeat is answered with the same bytes.
    answer = models.TextField("JSON body")
    created = models.BigIntegerField("unix time", db_index=True)

    class Meta:
        verbose_name = "idempotency key"

    def __str__(self) -> str:
        return f"{self.login}/{self.key}"

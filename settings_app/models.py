"""Settings that terminals store for a client: window layouts, colours, anything."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import models

from accounts.models import User
from core.text_search import make_word_vector
from settings_app.querysets import SettingQuerySet


class Setting(models.Model):
    """One value under (`prefix`, `name`) of a login; `prefix` names the terminal.

    The value is stored as JSON text, not as jsonb: nothing searches inside it, the order of
    keys stays, and U+0000, which jsonb cannot hold, is no special case.
    """

    user = models.ForeignKey(
        User, models.PROTECT, db_column="login", related_name="settings", db_index=False
    )
    prefix = models.CharField(max_length=32)
    name = models.CharField(max_length=64)
    value = models.TextField("JSON")
    updated_time = models.BigIntegerField("unix seconds")

    objects = SettingQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["user", "prefix", "name"]
        # The backoffice's search.
        indexes: ClassVar = [GinIndex(make_word_vector("prefix", "name"), name="setting_by_words")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "prefix", "name"], name="one_value_a_name")
        ]

    def __str__(self) -> str:
        return f"{self.prefix}/{self.name}"

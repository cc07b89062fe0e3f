"""Queries of settings."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.db import models

from core.fields import OctetLength

if TYPE_CHECKING:
    from settings_app.models import Setting

STRUCTURE = ("prefix", "name", "value", "updated_time")


class SettingQuerySet(models.QuerySet["Setting"]):
    """Queries of settings."""

    def of_login(self, login: int, prefix: str | None = None) -> "SettingQuerySet":
        """Return the settings of one login, of all its terminals or of one."""
        mine = self.filter(user=login)
        return mine if prefix is None else mine.filter(prefix=prefix)

    def records(self) -> "models.QuerySet[Setting, tuple[object, ...]]":
        """Return rows with the columns of STRUCTURE; the value is its JSON text."""
        return self.order_by("prefix", "name").values_list(*STRUCTURE)

    def count_and_bytes(self) -> tuple[int, int]:
        """Return the number of these settings and the bytes of their values."""
        return self.count_with_replaced("", [""])[:2]

    def count_with_replaced(self, prefix: str, names: Collection[str]) -> tuple[int, int, int, int]:
        """Return number and bytes of all, then of those that new values would replace.

        These are the ones that have the prefix and one of the names.
        """
        size = OctetLength("value")
        these = models.Q(prefix=prefix, name__in=names)
        found = self.aggregate(
            number=models.Count("*"),
            size=models.Sum(size, default=0),
            these=models.Count("pk", filter=these),
            freed=models.Sum(size, filter=these, default=0),
        )
        return found["number"], found["size"], found["these"], found["freed"]

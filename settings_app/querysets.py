"""Reads of settings."""

from typing import TYPE_CHECKING, Any

from django.db import models
from orjson import Fragment

if TYPE_CHECKING:
    from settings_app.models import Setting  # noqa: F401 - ruff does not see it in a base's brackets

STRUCTURE = ("prefix", "name", "value", "updated_time")


class SettingQuerySet(models.QuerySet["Setting"]):
    """Settings."""

    def of(self, login: int, prefix: str | None = None) -> "SettingQuerySet":
        """The settings of one login, of all its terminals or of one."""
        mine = self.filter(user=login)
        return mine if prefix is None else mine.filter(prefix=prefix)

    def records(self) -> list[tuple[Any, ...]]:
        """The rows of STRUCTURE; the stored JSON goes out as it is."""
        return [
            (prefix, name, Fragment(value), time)
            for prefix, name, value, time in self.order_by("prefix", "name").values_list(*STRUCTURE)
        ]

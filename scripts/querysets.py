"""Queries of scripts."""

from typing import TYPE_CHECKING

from django.db import models
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from core.fields import OctetLength
from scripts.enums import Visibility

if TYPE_CHECKING:
    from scripts.models import Script

STRUCTURE = (
    "id",
    "login",
    "name",
    "script",
    "description",
    "kind",
    "language",
    "type",
    "visibility",
    "autostart",
    "enabled",
    "created_time",
    "updated_time",
)
# Columns whose name here differs from the wire's, or that are flags on the wire.
WIRE_COLUMNS: dict[str, str | Combinable] = {
    "login": models.F("user_id"),
    "type": models.F("visibility"),
    "autostart": Cast("autostart", models.IntegerField()),
    "enabled": Cast("enabled", models.IntegerField()),
}


class ScriptQuerySet(models.QuerySet["Script"]):
    """Queries of scripts."""

    def of_login(self, login: int) -> "ScriptQuerySet":
        """Return the scripts of one login."""
        return self.filter(user=login)

    def visible_to(self, login: int) -> "ScriptQuerySet":
        """Return the scripts of one login, and those that are public."""
        return self.filter(models.Q(user=login) | models.Q(visibility=Visibility.PUBLIC))

    def records(self) -> "models.QuerySet[Script, tuple[object, ...]]":
        """Return rows with the columns of STRUCTURE, oldest first."""
        columns = [WIRE_COLUMNS.get(name, models.F(name)) for name in STRUCTURE]
        return self.order_by("id").values_list(*columns)

    def count_and_bytes(self) -> tuple[int, int]:
        """Return the number of these scripts and the bytes of their texts."""
        found = self.aggregate(
            number=models.Count("*"), size=models.Sum(OctetLength("script"), default=0)
        )
        return found["number"], found["size"]

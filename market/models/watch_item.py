"""Watch lists."""

from typing import ClassVar

from django.db import models

from market.models.symbol import Symbol
from market.querysets import WatchQuerySet


class WatchItem(models.Model):
    """A symbol on a login's market watch list; `prefix` names the list.

    An empty prefix means every list of the login. On a list of its own prefix the item goes
    before it, also to hide it there.
    """

    login = models.BigIntegerField()
    prefix = models.CharField(max_length=32, blank=True)
    symbol = models.ForeignKey(Symbol, models.CASCADE, db_column="symbol", related_name="+")
    sort_index = models.IntegerField(default=0)
    color = models.CharField(max_length=7, blank=True)
    hidden = models.BooleanField(default=False, db_default=False)

    objects = WatchQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["sort_index", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["login", "prefix", "symbol"], name="one_watch_a_symbol")
        ]

    def __str__(self) -> str:
        return f"{self.login} {self.prefix} {self.symbol_id}"

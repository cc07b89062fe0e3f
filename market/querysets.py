"""Reads of symbols, candles and watch lists."""

from collections import defaultdict
from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from market.models import Candle, Symbol, WatchItem  # noqa: F401 - named in a base class


class SymbolQuerySet(models.QuerySet["Symbol"]):
    """Symbols."""

    def listed(self) -> "SymbolQuerySet":
        """The symbols that clients see, in the market's order."""
        return self.select_related("group").order_by("group__sort_index", "sort_index", "name")


class CandleQuerySet(models.QuerySet["Candle"]):
    """Candles."""

    def newest(self, symbols: list[str], resolution: int, since: int) -> "dict[str, list[Candle]]":
        """Each symbol's candles of the resolution from `since` (unix seconds) on, oldest first."""
        found: dict[str, list[Candle]] = defaultdict(list)
        rows = self.filter(symbol__in=symbols, resolution=resolution, time__gte=since)
        for candle in rows.order_by("symbol", "time"):
            found[candle.symbol_id].append(candle)
        return found


class WatchQuerySet(models.QuerySet["WatchItem"]):
    """Watch lists."""

    def of(self, login: int, prefix: str) -> "WatchQuerySet":
        """The items of one list."""
        return self.filter(login=login, prefix=prefix)

"""Queries of symbols, candles and watch lists."""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import connections, models

from core.clock import DAY_S
from core.postgresql import prepared_cursor
from market.enums import Resolution

FAR_FUTURE = 2**62  # unix seconds after every candle
COLUMNS = ("symbol_id", "resolution", "time", "open", "high", "low", "close", "volume")
NEWEST = """
    SELECT candle.symbol, resolution, time, open, high, low, close, volume
    FROM unnest(%s::text[]) AS asked (symbol) CROSS JOIN LATERAL (
        SELECT * FROM market_candle
        WHERE market_candle.symbol = asked.symbol AND resolution = %s AND time <= %s
        ORDER BY time DESC LIMIT %s
    ) AS candle ORDER BY candle.symbol, candle.time
"""

# The place and the writer of both rows: an update moves the place even within one transaction.
SYMBOL_VERSION = """
concat_ws(' ', market_symbol.ctid, market_symbol.xmin, market_symbolgroup.ctid,
    market_symbolgroup.xmin)
"""
SYMBOL_VERSIONS = f"""
SELECT string_agg({SYMBOL_VERSION}, ',' ORDER BY market_symbolgroup.sort_index,
    market_symbol.sort_index, market_symbol.name)
FROM market_symbol JOIN market_symbolgroup ON market_symbolgroup.name = market_symbol.group_id
"""  # noqa: S608 - of constants
TERMS_VERSION = "concat_ws(' ', market_groupterms.ctid, market_groupterms.xmin)"
TERMS_VERSIONS = f"""
SELECT string_agg({TERMS_VERSION}, ',' ORDER BY position, id) FROM market_groupterms
"""  # noqa: S608 - of constants
CATALOG_VERSIONS = f"SELECT ({SYMBOL_VERSIONS}), ({TERMS_VERSIONS})"

if TYPE_CHECKING:
    from market.models import Candle, Symbol, WatchItem  # noqa: F401 - named in a base class


class SymbolQuerySet(models.QuerySet["Symbol"]):
    """Queries of symbols."""

    def in_market_order(self) -> "SymbolQuerySet":
        """Return the symbols with their groups, in the order in which clients see them."""
        return self.select_related("group").order_by("group__sort_index", "sort_index", "name")


def read_catalog_versions() -> tuple[str, str]:
    """Return the versions of all rows of symbols and of terms: where they are, who wrote them."""
    with prepared_cursor() as cursor:
        cursor.execute(CATALOG_VERSIONS)
        symbols, terms = cursor.fetchone()
    return str(symbols or ""), str(terms or "")


class CandleQuerySet(models.QuerySet["Candle"]):
    """Queries of candles."""

    def newest(
        self, symbols: list[str], resolution: int, count: int, until: int = FAR_FUTURE
    ) -> "dict[str, list[Candle]]":
        """Return each symbol's last candles that begin at `until` or before, oldest first.

        `until` is unix seconds. The candles may be of any age: one statement, one probe of
        the index a symbol.
        """
        found: dict[str, list[Candle]] = defaultdict(list)
        with connections[self.db].cursor() as cursor:
            cursor.execute(NEWEST, [symbols, resolution, until, count])
            for row in cursor:
                found[row[0]].append(self.model(**dict(zip(COLUMNS, row, strict=True))))
        return found

    def daily_closes(self, symbol: str, moments: Mapping[str, int]) -> dict[str, Decimal]:
        """Return, by name, the close of the last day that had ended at each moment.

        Moments are unix seconds; one before the first day's end has none. One query, one
        probe of the index a moment.
        """
        days = self.filter(symbol=symbol, resolution=Resolution.DAY).order_by("-time")
        probes: list[models.QuerySet[Candle, tuple[str, Decimal]]] = [
            days.filter(time__lte=moment - DAY_S).values_list(models.Value(name), "close")[:1]
            for name, moment in moments.items()
        ]
        return dict(probes[0].union(*probes[1:], all=True))

    def newest_time(self, symbol: str, resolution: int, *, before: int) -> int | None:
        """Return the start of the last candle that begins before `before` (unix seconds)."""
        rows = self.filter(symbol=symbol, resolution=resolution, time__lt=before)
        return rows.order_by("-time").values_list("time", flat=True).first()


class WatchQuerySet(models.QuerySet["WatchItem"]):
    """Queries of watch lists."""

    def of_list(self, login: int, prefix: str) -> "list[WatchItem]":
        """Return what is seen on one list: its own items go before common ones."""
        rows = self.filter(login=login, prefix__in=("", prefix)).select_related("symbol")
        items = {item.symbol_id: item for item in sorted(rows, key=lambda item: item.prefix)}
        seen = (item for item in items.values() if not item.hidden)
        return sorted(seen, key=lambda item: (item.sort_index, item.pk))

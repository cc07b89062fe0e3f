"""Health of each symbol's quotes: age, spread, refusals and gaps."""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

import orjson
from django.db import Error

from core import redis
from core.clock import now_ms
from market import catalog
from market.enums import Refusal
from market.feed.intake import UNKNOWN_SYMBOLS
from market.feed.publisher import ALL_REFUSED, GAPS, LONGEST_GAPS, REFUSED, ROUNDED
from market.models import Symbol
from market.quotes.quote import LatestQuotes, Quote
from market.sessions.state import is_open


class AllRefused(NamedTuple):
    """A symbol in an open market without an accepted quote for its `quote_timeout`."""

    symbol: str
    since: int  # receipt of the first refused one, unix ms
    reason: str  # of the newest refusal


@dataclass(frozen=True, slots=True)
class SymbolHealth:
    """One symbol; `age` is of its newest quote in ms, None where there never was one."""

    symbol: str
    quote: Quote | None
    digits: int
    age: int | None
    is_open: bool
    is_stale: bool
    refused: Counter[str] = field(default_factory=Counter)
    rounded: int = 0  # quotes with more decimals than the symbol's digits
    all_refused: AllRefused | None = None
    gaps: int = 0
    longest_gap: int = 0  # ms of open market

    @property
    def prices(self) -> tuple[Decimal | None, Decimal | None]:
        """Return bid and ask, None before the first quote."""
        return (self.quote.bid, self.quote.ask) if self.quote else (None, None)

    @property
    def spread(self) -> float | None:
        """Return ask − bid in points."""
        if self.quote is None:
            return None
        return float((self.quote.ask - self.quote.bid).scaleb(self.digits))


def read_feed_health() -> list[SymbolHealth]:
    """Return all symbols in the market's order.

    Refusals and gaps are counted since Redis was empty.

    Raises:
        RedisError: Redis does not answer.
    """
    pipe = redis.sync_client().pipeline(transaction=False)
    pipe.hgetall(REFUSED)
    pipe.hgetall(ROUNDED)
    pipe.hgetall(GAPS)
    pipe.zrange(LONGEST_GAPS, 0, -1, withscores=True)
    refused, rounded, gaps, longest = pipe.execute()
    by_symbol = count_refusals(refused)
    symbols = catalog.current_catalog().symbols
    refused_symbols = {one.symbol: one for one in symbols_all_refused()}
    quotes, at, silences = LatestQuotes().load(symbols), now_ms(), dict(longest)
    return [
        _symbol_health(
            symbol,
            quotes.get(name),
            at,
            refused=by_symbol.get(name, Counter()),
            rounded=int(rounded.get(name, 0)),
            all_refused=refused_symbols.get(name),
            gaps=int(gaps.get(name, 0)),
            longest_gap=int(silences.get(name, 0)),
        )
        for name, symbol in symbols.items()
    ]


def silent_symbols() -> list[str]:
    """Return the symbols without a current quote in an open market."""
    symbols = catalog.current_catalog().symbols
    quotes, at = LatestQuotes().load(symbols), now_ms()
    return [name for name, symbol in symbols.items() if _is_silent(symbol, quotes.get(name), at)]


def _is_silent(symbol: Symbol, quote: Quote | None, at: int) -> bool:
    """Return whether the symbol could be traded at `at` (unix ms) but for its quotes."""
    is_current = quote is not None and at - quote.received <= symbol.quote_timeout * 1000
    return not is_current and is_open(symbol, None, at / 1000)


def count_refusals(counts: dict[str, str]) -> dict[str, Counter[str]]:
    """Return the counts of the feed's hash `SYMBOL:REASON`, by symbol and reason."""
    found: dict[str, Counter[str]] = {}
    for name, count in counts.items():
        symbol, _, reason = name.rpartition(":")
        found.setdefault(symbol, Counter())[reason] = int(count)
    return found


def symbols_all_refused() -> list[AllRefused]:
    """Return the symbols whose quotes are all refused although they could be traded now.

    Raises:
        RedisError: Redis does not answer.
    """
    found = redis.sync_client().hgetall(ALL_REFUSED)
    if not found:
        return []
    try:
        symbols = catalog.current_catalog().symbols
        at = now_ms() / 1000
        return [
            AllRefused(name, *orjson.loads(found[name]))
            for name, symbol in symbols.items()
            if name in found and is_open(symbol, None, at)
        ]
    except Error:  # the database is unavailable, which another check reports
        return []


def count_unknown_symbol_quotes() -> int:
    """Return how many quotes of symbols that do not exist were refused."""
    count = redis.sync_client().hget(REFUSED, f"{UNKNOWN_SYMBOLS}:{Refusal.UNKNOWN_SYMBOL}")
    return int(count or 0)


def _symbol_health(symbol: Symbol, quote: Quote | None, at: int, **counts: Any) -> SymbolHealth:
    """Return the symbol's health at `at` (unix ms)."""
    age = max(0, at - quote.received) if quote else None
    trades, stale = is_open(symbol, None, at / 1000), _is_silent(symbol, quote, at)
    return SymbolHealth(symbol.name, quote, symbol.digits, age, trades, is_stale=stale, **counts)

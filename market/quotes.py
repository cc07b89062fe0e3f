"""Quotes as the platform reads them: the newest of each symbol, from Redis or where it is gone.

`Quote.number` orders all quotes by receipt: `batch · BATCH_SIZE + index`, where `batch` is the
number of the path entry in Redis. An order or alert stores the number it was priced with and
sees every later one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from redis.exceptions import RedisError

from core import redis
from core.clock import now_ms
from core.money import exact
from core.redis_keys import QUOTES, StoredQuote
from market.errors import OffQuotes
from market.models import LastQuote, Symbol

BATCH_SIZE = 10_000  # most quotes of one batch of the path


@dataclass(frozen=True, slots=True)
class Quote:
    """One tradable quote. `time` (the source's) and `received` are unix milliseconds."""

    symbol: str
    bid: Decimal
    ask: Decimal
    time: int
    received: int
    number: int

    @property
    def mid(self) -> Decimal:
        return (self.bid + self.ask) / 2

    def opening(self, direction: int) -> Decimal:
        """The side on which a position opens: ask for a buy (+1), bid for a sell (-1)."""
        return self.ask if direction > 0 else self.bid

    def closing(self, direction: int) -> Decimal:
        """The side on which a position closes, which also prices its floating profit."""
        return self.bid if direction > 0 else self.ask


class Quotes(Protocol):
    """Where prices come from: the newest known ones, or those of a moment in the path."""

    def get(self, symbol: str) -> Quote | None: ...


class FixedQuotes:
    """The quotes of one moment."""

    def __init__(self, quotes: Mapping[str, Quote]) -> None:
        self._quotes = quotes

    def get(self, symbol: str) -> Quote | None:
        return self._quotes.get(symbol)


class LatestQuotes:
    """The newest quotes, read once and kept: one request sees one price of a symbol.

    With Redis away the rows of LastQuote answer; the rule on a quote's age holds for both.
    """

    def __init__(self) -> None:
        self._known: dict[str, Quote | None] = {}

    def get(self, symbol: str) -> Quote | None:
        if symbol not in self._known:
            self.load([symbol])
        return self._known[symbol]

    def load(self, symbols: Iterable[str]) -> "LatestQuotes":
        """Read several symbols in one round trip."""
        wanted = [s for s in dict.fromkeys(symbols) if s not in self._known]
        if wanted:
            self._known.update(read(wanted))
        return self


def read(symbols: list[str]) -> dict[str, Quote | None]:
    """The newest quote of each symbol, None where there never was one."""
    found: dict[str, Quote | None] = dict.fromkeys(symbols)
    try:
        values: Any = redis.client().hmget(QUOTES, symbols)
        for symbol, value in zip(symbols, values, strict=True):
            if value is not None:
                found[symbol] = _kept(symbol, value)
    except RedisError:
        pass
    missing = [symbol for symbol, quote in found.items() if quote is None]
    if missing:
        for row in LastQuote.objects.filter(symbol__in=missing):
            found[row.symbol_id] = Quote(
                row.symbol_id, row.bid, row.ask, row.time, row.received, row.number
            )
    return found


_newest: dict[str, tuple[str, Quote]] = {}  # of each symbol, as it stands in the hash


def _kept(symbol: str, value: str) -> Quote:
    """The quote of the entry; between two quotes of a symbol it is decoded once a process."""
    kept = _newest.get(symbol)
    if kept is None or kept[0] != value:
        _newest[symbol] = kept = (value, decode_quote(symbol, value))
    return kept[1]


def decode_quote(symbol: str, value: str) -> Quote:
    """Decode a quote from its entry in the hash of newest quotes."""
    bid, ask, time, received, number = StoredQuote.decode(value)
    return Quote(symbol, exact(bid), exact(ask), int(time), int(received), int(number))


def tradable(symbol: Symbol, quotes: Quotes) -> Quote:
    """The symbol's quote if it was received within the symbol's limit.

    Raises:
        OffQuotes: there is none, or it is stale.
    """
    quote = quotes.get(symbol.name)
    if quote is None:
        raise OffQuotes(f"there is no quote of {symbol.name}")
    if now_ms() - quote.received > symbol.quote_timeout * 1000:
        raise OffQuotes(f"the last quote of {symbol.name} is too old")
    return quote

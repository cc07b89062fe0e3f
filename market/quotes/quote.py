"""Quotes as the platform reads them: the newest of each symbol, from Redis or else PostgreSQL.

`Quote.seq_no` orders all quotes by receipt: `batch · BATCH_SIZE + index`, where `batch` is
the number of the tick log's entry in Redis. An order or alert stores the number it was
priced with and is evaluated on every later quote.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from redis.exceptions import RedisError

from core.clock import now_ms
from core.errors import as_sentence
from core.money import exact_decimal
from core.redis_keys import StoredQuote
from market.errors import OffQuotes
from market.models import LastQuote, Markup, Symbol
from market.quotes.shared_quotes import NO_VERSION, SharedQuotes, current_shared_quotes

BATCH_SIZE = 10_000  # most quotes of one batch of the tick log


@dataclass(frozen=True, slots=True)
class Quote:
    """One tradable quote; `time` (of the source) and `received` are unix milliseconds.

    `unmarked` is the market's quote where this one has an account group's mark-up.
    """

    symbol: str
    bid: Decimal
    ask: Decimal
    time: int
    received: int
    seq_no: int
    unmarked: "Quote | None" = None

    @property
    def market(self) -> "Quote":
        """Return the market's quote, without a mark-up."""
        return self.unmarked or self

    def with_markup(self, markup: Markup, symbol: Symbol) -> "Quote":
        """Return the market's quote with a mark-up."""
        market = self.market
        bid, ask = markup.apply(market.bid, market.ask, symbol.point)
        return Quote(self.symbol, bid, ask, self.time, self.received, self.seq_no, market)

    @property
    def mid(self) -> Decimal:
        """Return the middle of bid and ask."""
        return (self.bid + self.ask) / 2

    def opening_price(self, direction: int) -> Decimal:
        """Return the price at which a position opens: ask for a buy (+1), bid for a sell."""
        return self.ask if direction > 0 else self.bid

    def closing_price(self, direction: int) -> Decimal:
        """Return the price at which a position closes: bid for a buy (+1), ask for a sell.

        Floating profit is computed at it too.
        """
        return self.bid if direction > 0 else self.ask


class Quotes(Protocol):
    """A source of quotes: the newest ones, or those of one moment in the tick log."""

    def get(self, symbol: str) -> Quote | None: ...


class FixedQuotes:
    """The quotes of one moment."""

    def __init__(self, quotes: Mapping[str, Quote]) -> None:
        self._quotes = quotes

    def get(self, symbol: str) -> Quote | None:
        return self._quotes.get(symbol)


class LatestQuotes:
    """The newest quotes, read once and cached: one request sees one price of a symbol.

    With Redis unavailable they come from the rows of LastQuote; the limit on a quote's age
    holds for both.
    """

    def __init__(self) -> None:
        self._cached: dict[str, Quote | None] = {}
        self._sources: list[SharedQuotes] = []  # that they were read from

    def get(self, symbol: str) -> Quote | None:
        if symbol not in self._cached:
            self.load([symbol])
        return self._cached[symbol]

    def load(self, symbols: Iterable[str]) -> "LatestQuotes":
        """Read the quotes of several symbols in one round trip."""
        wanted = [s for s in dict.fromkeys(symbols) if s not in self._cached]
        if wanted:
            shared = find_shared_quotes()
            if shared not in self._sources:
                self._sources.append(shared)
            self._cached.update(_quotes_of(shared, wanted))
        return self

    @property
    def shared(self) -> SharedQuotes | None:
        """Return the shared quotes that all were read from; None if there were several."""
        return self._sources[0] if len(self._sources) == 1 else None


def shared_quotes_of(quotes: Quotes) -> SharedQuotes | None:
    """Return the shared quotes that all of `quotes` are, None if they are none or of several times.

    A source that leaves quotes out, as a subclass may, shares nothing.
    """
    shared = quotes.shared if type(quotes) is LatestQuotes else None
    return None if shared is None or shared.version == NO_VERSION else shared


def find_shared_quotes() -> SharedQuotes:
    """Return the shared quotes, empty ones without a version while Redis is unavailable."""
    try:
        return current_shared_quotes()
    except RedisError:
        return SharedQuotes(NO_VERSION, {})


def read_newest_quotes(symbols: list[str]) -> dict[str, Quote | None]:
    """Return the newest quote of each symbol, None where there never was one."""
    return _quotes_of(find_shared_quotes(), symbols)


def _quotes_of(shared: SharedQuotes, symbols: list[str]) -> dict[str, Quote | None]:
    """Return the shared quotes, from PostgreSQL where there is none."""
    found: dict[str, Quote | None] = {}
    for symbol in symbols:
        quote = shared.quotes.get(symbol)
        if quote is None and symbol in shared.values:
            quote = shared.quotes[symbol] = _decode_cached(symbol, shared.values[symbol])
        found[symbol] = quote
    missing = [symbol for symbol, quote in found.items() if quote is None]
    if missing:
        for row in LastQuote.objects.filter(symbol__in=missing):
            found[row.symbol_id] = Quote(
                row.symbol_id, row.bid, row.ask, row.time, row.received, row.number
            )
    return found


_decoded: dict[str, tuple[str, Quote]] = {}  # symbol → entry, its quote


def _decode_cached(symbol: str, value: str) -> Quote:
    """Return the quote of the entry, decoded once a process while the entry stays the same."""
    cached = _decoded.get(symbol)
    if cached is None or cached[0] != value:
        _decoded[symbol] = cached = (value, decode_quote(symbol, value))
    return cached[1]


def decode_quote(symbol: str, value: str) -> Quote:
    """Decode a quote from its entry in the hash of newest quotes."""
    bid, ask, time, received, number = StoredQuote.decode(value)
    return Quote(
        symbol, exact_decimal(bid), exact_decimal(ask), int(time), int(received), int(number)
    )


def require_quote(quotes: Quotes, symbol: Symbol) -> Quote:
    """Return the symbol's quote, however old.

    Raises:
        OffQuotes: there is none.
    """
    quote = quotes.get(symbol.name)
    if quote is None:
        raise OffQuotes(f"there is no quote of {symbol.name}")
    return quote


def require_tradable_quote(symbol: Symbol, quotes: Quotes) -> Quote:
    """Return the symbol's quote if it was received within its `quote_timeout`.

    Raises:
        OffQuotes: there is none, or it is stale.
    """
    quote = quotes.get(symbol.name)
    if quote is None:
        raise OffQuotes(f"there is no quote of {symbol.name}")
    if now_ms() - quote.received > symbol.quote_timeout * 1000:
        age = (now_ms() - quote.received) // 1000
        text = f"the last quote of {symbol.name} is too old"
        figures = f"it came {age:,} seconds ago, of at most {symbol.quote_timeout:,}"
        raise OffQuotes(text, form_message=as_sentence(f"{text}: {figures}"))
    return quote

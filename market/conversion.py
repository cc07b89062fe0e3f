"""Conversion rates between currencies, over at most three symbols.

Domain rules, section 3: each step has its own side; without a path it is OffQuotes, never
1.0.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import islice

from market.enums import MarginMode, ProfitMode
from market.errors import OffQuotes
from market.models import Symbol
from market.quotes.quote import Quote, Quotes, shared_quotes_of

ONE = Decimal(1)
LONGEST_CHAIN = 3
PATHS = 12  # most chains tried between two currencies


class ConversionSide(StrEnum):
    """Whether the converted currency is sold or bought, which decides each step's bid or ask."""

    SOLD = "sold"
    BOUGHT = "bought"
    MID = "mid"


def conversion_sides(*, at_mid: bool) -> tuple[ConversionSide, ConversionSide]:
    """Return the sides that convert a gain and a loss (domain rules, section 3).

    The currency of a gain is sold and that of a loss is bought, unless all is converted at mid.
    """
    return (
        (ConversionSide.MID, ConversionSide.MID)
        if at_mid
        else (ConversionSide.SOLD, ConversionSide.BOUGHT)
    )


@dataclass(frozen=True, slots=True)
class ConversionRate:
    """`amount · value` converts; `chain` is the evidence: [symbol, side used, its price]."""

    value: Decimal
    chain: list[list[str]]


@dataclass(frozen=True, slots=True)
class ConversionStep:
    """One symbol of a path; `forward` leads from its base to its quote currency."""

    symbol: str
    forward: bool


class Converter:
    """Conversion paths over a fixed set of symbols; rates are computed from the given quotes."""

    def __init__(self, symbols: Iterable[Symbol]) -> None:
        self._edges: dict[str, list[tuple[str, ConversionStep]]] = {}
        for symbol in sorted(symbols, key=lambda s: s.name):
            if not is_currency_pair(symbol):
                continue
            for start, end, forward in (
                (symbol.currency, symbol.quote_currency, True),
                (symbol.quote_currency, symbol.currency, False),
            ):
                self._edges.setdefault(start, []).append(
                    (end, ConversionStep(symbol.name, forward))
                )
        self._paths: dict[tuple[str, str], list[list[ConversionStep]]] = {}
        self._symbols: dict[tuple[str, str], tuple[str, ...]] = {}

    def find_paths(self, source: str, target: str) -> list[list[ConversionStep]]:
        """Return the chains from shortest to longest, by name among equals; at most PATHS."""
        key = (source, target)
        if key not in self._paths:
            self._paths[key] = list(islice(self._search_paths(source, target), PATHS))
        return self._paths[key]

    def likely_symbols(self, source: str, target: str) -> tuple[str, ...]:
        """Return the symbols of the first chain, whose quotes most likely convert `source`."""
        key = (source, target)
        if key not in self._symbols:
            first = self.find_paths(source, target)[:1] if source != target else []
            self._symbols[key] = tuple(step.symbol for path in first for step in path)
        return self._symbols[key]

    def find_rate(
        self, source: str, target: str, side: ConversionSide, quotes: Quotes
    ) -> ConversionRate:
        """Return the rate from `source` to `target` over the first chain that has quotes.

        Raises:
            OffQuotes: no chain of at most three symbols has a quote at every step.
        """
        if source == target:
            return ConversionRate(ONE, [])
        for path in self.find_paths(source, target):
            steps = [(step, quotes.get(step.symbol)) for step in path]
            quoted = [(step, quote) for step, quote in steps if quote is not None]
            if len(quoted) == len(steps):
                return multiply_steps(quoted, side)
        raise OffQuotes(f"nothing converts {source} to {target}")

    def find_shared_rate(
        self, source: str, target: str, side: ConversionSide, quotes: Quotes
    ) -> ConversionRate:
        """Return `find_rate`, worked out once for all requests that read the same newest quotes.

        Raises:
            OffQuotes: as `find_rate`.
        """
        shared = shared_quotes_of(quotes)
        if shared is None:
            return self.find_rate(source, target, side, quotes)
        key = (self, source, target, side)
        rate: ConversionRate | None = shared.rates.get(key)
        if rate is None:
            rate = self.find_rate(source, target, side, quotes)
            if (
                shared_quotes_of(quotes) is shared
            ):  # else a step's quote was only read now, and is newer
                shared.rates[key] = rate
        return rate

    def _search_paths(self, source: str, target: str) -> Iterator[list[ConversionStep]]:
        """Yield the chains of at most LONGEST_CHAIN steps, breadth first."""
        queue: deque[tuple[str, list[ConversionStep], set[str]]] = deque([(source, [], {source})])
        while queue:
            currency, steps, seen = queue.popleft()
            for reached, step in self._edges.get(currency, ()):
                if reached == target:
                    yield [*steps, step]
                elif reached not in seen and len(steps) + 1 < LONGEST_CHAIN:
                    queue.append((reached, [*steps, step], seen | {reached}))


def is_currency_pair(symbol: Symbol) -> bool:
    """Return True if the symbol's price is an exchange rate; no CFD's price is."""
    forex = symbol.profit_mode == ProfitMode.FOREX and symbol.margin_mode == MarginMode.FOREX
    return forex and symbol.currency != symbol.quote_currency


def multiply_steps(
    steps: Iterable[tuple[ConversionStep, Quote]], side: ConversionSide
) -> ConversionRate:
    """Return the product of the steps, each at its own side."""
    value, chain = ONE, []
    for step, quote in steps:
        if side is ConversionSide.MID:
            used, price = "mid", quote.mid
        elif step.forward == (side is ConversionSide.SOLD):
            used, price = "bid", quote.bid
        else:
            used, price = "ask", quote.ask
        value = value * price if step.forward else value / price
        chain.append([step.symbol, used, str(price)])
    return ConversionRate(value, chain)

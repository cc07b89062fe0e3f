"""Conversion rates between currencies, walked over at most three symbols.

Domain rules, section 3: each step has its own side, no path means OffQuotes and never 1.0.
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
from market.quotes import Quote, Quotes

ONE = Decimal(1)
LONGEST_CHAIN = 3
PATHS = 12  # chains that are kept as alternatives


class Side(StrEnum):
    """How the converted currency changes hands, which decides each step's bid or ask."""

    SOLD = "sold"
    BOUGHT = "bought"
    MID = "mid"


def conversion_sides(*, at_mid: bool) -> tuple[Side, Side]:
    """Return the sides that convert a gain and a loss (domain rules, section 3).

    The currency of a gain is sold and that of a loss is bought, unless all is converted at mid.
    """
    return (Side.MID, Side.MID) if at_mid else (Side.SOLD, Side.BOUGHT)


@dataclass(frozen=True, slots=True)
class Rate:
    """`amount · value` converts; `chain` is the evidence: [symbol, side used, its price]."""

    value: Decimal
    chain: list[list[str]]


@dataclass(frozen=True, slots=True)
class Step:
    """One symbol of a path; `forward` when it is walked from its base to its quote currency."""

    symbol: str
    forward: bool


class Converter:
    """Paths over a fixed set of symbols; rates come with the quotes of the moment."""

    def __init__(self, symbols: Iterable[Symbol]) -> None:
        self._edges: dict[str, list[tuple[str, Step]]] = {}
        for symbol in sorted(symbols, key=lambda s: s.name):
            if not is_pair(symbol):
                continue
            for start, end, forward in (
                (symbol.currency, symbol.quote_currency, True),
                (symbol.quote_currency, symbol.currency, False),
            ):
                self._edges.setdefault(start, []).append((end, Step(symbol.name, forward)))
        self._paths: dict[tuple[str, str], list[list[Step]]] = {}
        self._symbols: dict[tuple[str, str], tuple[str, ...]] = {}

    def paths(self, source: str, target: str) -> list[list[Step]]:
        """The chains from shortest to longest, by name among equals; at most PATHS of them."""
        key = (source, target)
        if key not in self._paths:
            self._paths[key] = list(islice(self._search(source, target), PATHS))
        return self._paths[key]

    def symbols(self, source: str, target: str) -> tuple[str, ...]:
        """The symbols whose quotes most likely convert `source`: those of the first chain."""
        key = (source, target)
        if key not in self._symbols:
            first = self.paths(source, target)[:1] if source != target else []
            self._symbols[key] = tuple(step.symbol for path in first for step in path)
        return self._symbols[key]

    def rate(self, source: str, target: str, side: Side, quotes: Quotes) -> Rate:
        """The rate from `source` to `target` over the first chain that has quotes.

        Raises:
            OffQuotes: no chain of at most three symbols, or none with a quote at every step.
        """
        if source == target:
            return Rate(ONE, [])
        for path in self.paths(source, target):
            steps = [(step, quotes.get(step.symbol)) for step in path]
            quoted = [(step, quote) for step, quote in steps if quote is not None]
            if len(quoted) == len(steps):
                return walked(quoted, side)
        raise OffQuotes(f"nothing converts {source} to {target}")

    def _search(self, source: str, target: str) -> Iterator[list[Step]]:
        queue: deque[tuple[str, list[Step], set[str]]] = deque([(source, [], {source})])
        while queue:
            currency, steps, seen = queue.popleft()
            for reached, step in self._edges.get(currency, ()):
                if reached == target:
                    yield [*steps, step]
                elif reached not in seen and len(steps) + 1 < LONGEST_CHAIN:
                    queue.append((reached, [*steps, step], seen | {reached}))


def is_pair(symbol: Symbol) -> bool:
    """Whether the symbol's price is an exchange rate: a CFD on an index in euros is none."""
    forex = symbol.profit_mode == ProfitMode.FOREX and symbol.margin_mode == MarginMode.FOREX
    return forex and symbol.currency != symbol.quote_currency


def walked(steps: Iterable[tuple[Step, Quote]], side: Side) -> Rate:
    """The product of the steps, each at its own side."""
    value, chain = ONE, []
    for step, quote in steps:
        if side is Side.MID:
            used, price = "mid", quote.mid
        elif step.forward == (side is Side.SOLD):
            used, price = "bid", quote.bid
        else:
            used, price = "ask", quote.ask
        value = value * price if step.forward else value / price
        chain.append([step.symbol, used, str(price)])
    return Rate(value, chain)

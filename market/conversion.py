"""Conversion rates between currencies, walked over at most three symbols.

Domain rules, section 3: each step has its own side, no path means OffQuotes and never 1.0.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from market.errors import OffQuotes
from market.models import Symbol
from market.quotes import Quotes

ONE = Decimal(1)
LONGEST_CHAIN = 3


class Side(StrEnum):
    """How the converted currency changes hands, which decides each step's bid or ask."""

    SOLD = "sold"
    BOUGHT = "bought"
    MID = "mid"


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
            if symbol.currency == symbol.quote_currency:
                continue  # an index in its own currency converts nothing
            for start, end, forward in (
                (symbol.currency, symbol.quote_currency, True),
                (symbol.quote_currency, symbol.currency, False),
            ):
                self._edges.setdefault(start, []).append((end, Step(symbol.name, forward)))
        self._paths: dict[tuple[str, str], list[Step] | None] = {}

    def path(self, source: str, target: str) -> list[Step]:
        """The shortest chain of symbols, the alphabetically first among equals."""
        key = (source, target)
        if key not in self._paths:
            self._paths[key] = self._search(source, target)
        found = self._paths[key]
        if found is None:
            raise OffQuotes(f"nothing converts {source} to {target}")
        return found

    def rate(self, source: str, target: str, side: Side, quotes: Quotes) -> Rate:
        """The rate from `source` to `target`.

        Raises:
            OffQuotes: no chain of at most three symbols, or a step without a quote.
        """
        value, chain = ONE, []
        if source == target:
            return Rate(ONE, [])
        for step in self.path(source, target):
            quote = quotes.get(step.symbol)
            if quote is None:
                raise OffQuotes(f"there is no quote of {step.symbol} to convert with")
            if side is Side.MID:
                used, price = "mid", quote.mid
            elif step.forward == (side is Side.SOLD):
                used, price = "bid", quote.bid
            else:
                used, price = "ask", quote.ask
            value = value * price if step.forward else value / price
            chain.append([step.symbol, used, str(price)])
        return Rate(value, chain)

    def _search(self, source: str, target: str) -> list[Step] | None:
        queue: deque[tuple[str, list[Step]]] = deque([(source, [])])
        seen = {source}
        while queue:
            currency, steps = queue.popleft()
            for reached, step in self._edges.get(currency, ()):
                if reached == target:
                    return [*steps, step]
                if reached not in seen and len(steps) + 1 < LONGEST_CHAIN:
                    seen.add(reached)
                    queue.append((reached, [*steps, step]))
        return None

"""Prices and conversion rates as float ranges: from a batch's lowest to its highest."""

from typing import NamedTuple

from market.conversion import Converter, Side, Step

Bounds = tuple[float, float]  # lowest and highest
ONE: Bounds = (1.0, 1.0)


class Span(NamedTuple):
    """The lowest and highest bid and ask of a symbol; of a single quote both are the same."""

    bid_low: float
    bid_high: float
    ask_low: float
    ask_high: float

    @classmethod
    def point(cls, bid: float, ask: float) -> "Span":
        """Return the range of a single quote."""
        return cls(bid, bid, ask, ask)

    def reaching(self, bid: float, ask: float) -> "Span":
        """Return the range with one more quote in it."""
        return Span(
            min(self.bid_low, bid), max(self.bid_high, bid),
            min(self.ask_low, ask), max(self.ask_high, ask),
        )  # fmt: skip

    @property
    def mid(self) -> Bounds:
        """Return the lowest and highest middle of bid and ask."""
        return (self.bid_low + self.ask_low) / 2, (self.bid_high + self.ask_high) / 2

    @property
    def is_point(self) -> bool:
        """Return whether the range is that of a single quote."""
        return self.bid_low == self.bid_high and self.ask_low == self.ask_high

    def side(self, step: Step, side: Side) -> Bounds:
        """Return the prices that a conversion's step is made at (see `market.conversion`)."""
        if side is Side.MID:
            return self.mid
        if step.forward == (side is Side.SOLD):
            return self.bid_low, self.bid_high
        return self.ask_low, self.ask_high


class Rates:
    """The price ranges of the symbols at one point, and the rates that follow from them."""

    def __init__(self, converter: Converter) -> None:
        self.spans: dict[str, Span] = {}
        self._converter = converter
        self._paths: dict[tuple[str, str], list[Step] | None] = {}
        self._bounds: dict[tuple[str, str, Side], Bounds | None] = {}

    def over(self, converter: Converter) -> "Rates":
        """Return the same prices with the conversion paths of another converter."""
        rates = Rates(converter)
        rates.spans = dict(self.spans)
        return rates

    def set(self, symbol: str, span: Span) -> bool:
        """Set a symbol's range; return True for its very first, which may open new conversions."""
        first = symbol not in self.spans
        self.spans[symbol] = span
        self._bounds.clear()
        if first:
            self._paths.clear()
        return first

    def path(self, source: str, target: str) -> list[Step] | None:
        """Return the first chain that has prices at every step; None where there is none."""
        key = (source, target)
        if key not in self._paths:
            chains = self._converter.paths(source, target) if source != target else [[]]
            quoted = (c for c in chains if all(step.symbol in self.spans for step in c))
            self._paths[key] = next(quoted, None)
        return self._paths[key]

    def bounds(self, source: str, target: str, side: Side) -> Bounds | None:
        """Return the lowest and highest rate; None where nothing converts."""
        key = (source, target, side)
        if key not in self._bounds:
            self._bounds[key] = self._walked(source, target, side)
        return self._bounds[key]

    def _walked(self, source: str, target: str, side: Side) -> Bounds | None:
        path = self.path(source, target)
        if path is None:
            return None
        low, high = ONE
        for step in path:
            lower, higher = self.spans[step.symbol].side(step, side)
            if step.forward:
                low, high = low * lower, high * higher
            else:
                low, high = low / higher, high / lower
        return low, high

"""Prices and conversion rates as float ranges: from a batch's lowest to its highest."""

from typing import NamedTuple

from market.conversion import ConversionSide, ConversionStep, Converter

Bounds = tuple[float, float]  # lowest and highest
ONE: Bounds = (1.0, 1.0)


class QuoteRange(NamedTuple):
    """The lowest and highest bid and ask of a symbol; of a single quote both are the same."""

    bid_low: float
    bid_high: float
    ask_low: float
    ask_high: float

    @classmethod
    def from_quote(cls, bid: float, ask: float) -> "QuoteRange":
        """Return the range of a single quote."""
        return cls(bid, bid, ask, ask)

    def extended_to(self, bid: float, ask: float) -> "QuoteRange":
        """Return the range with one more quote in it."""
        return QuoteRange(
            min(self.bid_low, bid),
            max(self.bid_high, bid),
            min(self.ask_low, ask),
            max(self.ask_high, ask),
        )

    @property
    def mid(self) -> Bounds:
        """Return the lowest and highest middle of bid and ask."""
        return (self.bid_low + self.ask_low) / 2, (self.bid_high + self.ask_high) / 2

    @property
    def is_single_quote(self) -> bool:
        """Return whether the range is that of a single quote."""
        return self.bid_low == self.bid_high and self.ask_low == self.ask_high

    def bounds_for(self, step: ConversionStep, side: ConversionSide) -> Bounds:
        """Return the prices that a conversion's step is made at (see `market.conversion`)."""
        if side is ConversionSide.MID:
            return self.mid
        if step.forward == (side is ConversionSide.SOLD):
            return self.bid_low, self.bid_high
        return self.ask_low, self.ask_high


class RateRanges:
    """The price ranges of the symbols at one point, and the rates that follow from them."""

    def __init__(self, converter: Converter) -> None:
        self.ranges: dict[str, QuoteRange] = {}
        self._converter = converter
        self._paths: dict[tuple[str, str], list[ConversionStep] | None] = {}
        self._bounds: dict[tuple[str, str, ConversionSide], Bounds | None] = {}

    def with_converter(self, converter: Converter) -> "RateRanges":
        """Return the same prices with the conversion paths of another converter."""
        rates = RateRanges(converter)
        rates.ranges = dict(self.ranges)
        return rates

    def set_range(self, symbol: str, quote_range: QuoteRange) -> bool:
        """Set a symbol's range; return True for its very first, which may open new conversions."""
        first = symbol not in self.ranges
        self.ranges[symbol] = quote_range
        self._bounds.clear()
        if first:
            self._paths.clear()
        return first

    def conversion_path(self, source: str, target: str) -> list[ConversionStep] | None:
        """Return the first chain that has prices at every step; None where there is none."""
        key = (source, target)
        if key not in self._paths:
            chains = self._converter.find_paths(source, target) if source != target else [[]]
            quoted = (c for c in chains if all(step.symbol in self.ranges for step in c))
            self._paths[key] = next(quoted, None)
        return self._paths[key]

    def bounds(self, source: str, target: str, side: ConversionSide) -> Bounds | None:
        """Return the lowest and highest rate; None where nothing converts."""
        key = (source, target, side)
        if key not in self._bounds:
            self._bounds[key] = self._multiplied_bounds(source, target, side)
        return self._bounds[key]

    def _multiplied_bounds(self, source: str, target: str, side: ConversionSide) -> Bounds | None:
        path = self.conversion_path(source, target)
        if path is None:
            return None
        low, high = ONE
        for step in path:
            lower, higher = self.ranges[step.symbol].bounds_for(step, side)
            if step.forward:
                low, high = low * lower, high * higher
            else:
                low, high = low / higher, high / lower
        return low, high

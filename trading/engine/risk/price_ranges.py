"""Prices and conversion rates as float ranges: from a batch's lowest to its highest."""

from typing import NamedTuple

from market.catalog import Catalog
from market.conversion import ConversionSide, ConversionStep
from market.models import NO_MARKUP, Markup, Symbol
from market.terms.market_levels import marked_up

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

    def with_markup(self, markup: Markup, digits: int) -> "QuoteRange":
        """Return the range of a group's prices, exact where it is that of a single quote."""
        if markup == NO_MARKUP:
            return self
        bid_low, ask_low = marked_up(self.bid_low, self.ask_low, markup, digits)
        if self.is_single_quote:
            return self.from_quote(bid_low, ask_low)
        bid_high, ask_high = marked_up(self.bid_high, self.ask_high, markup, digits)
        return QuoteRange(bid_low, bid_high, ask_low, ask_high)

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
    """The price ranges of the symbols at one point, and the rates that follow from them.

    They are the market's; where a group is given, its mark-ups are applied.
    """

    def __init__(self, catalog: Catalog) -> None:
        self.ranges: dict[str, QuoteRange] = {}
        self._catalog = catalog
        self._paths: dict[tuple[str, str], list[ConversionStep] | None] = {}
        self._bounds: dict[tuple[str, str, ConversionSide, int | None], Bounds | None] = {}

    def set_catalog(self, catalog: Catalog) -> None:
        """Use the conversion paths and terms of another catalog."""
        self._catalog = catalog
        self._paths.clear()
        self._bounds.clear()

    def set_range(self, symbol: str, quote_range: QuoteRange) -> bool:
        """Set a symbol's range; return True for its very first, which may open new conversions."""
        first = symbol not in self.ranges
        self.ranges[symbol] = quote_range
        self._bounds.clear()
        if first:
            self._paths.clear()
        return first

    def range_of(self, symbol: Symbol, markup: Markup) -> QuoteRange | None:
        """Return the range of the symbol's prices with a group's mark-up, None without any."""
        market = self.ranges.get(symbol.name)
        return None if market is None else market.with_markup(markup, symbol.digits)

    def conversion_path(self, source: str, target: str) -> list[ConversionStep] | None:
        """Return the first chain that has prices at every step; None where there is none."""
        key = (source, target)
        if key not in self._paths:
            chains = (
                self._catalog.converter.find_paths(source, target) if source != target else [[]]
            )
            quoted = (c for c in chains if all(step.symbol in self.ranges for step in c))
            self._paths[key] = next(quoted, None)
        return self._paths[key]

    def bounds(
        self, source: str, target: str, side: ConversionSide, group: int | None = None
    ) -> Bounds | None:
        """Return the lowest and highest rate; None where nothing converts.

        It is that of the market, or else of the prices that a group (its id) sees.
        """
        key = (source, target, side, group)
        if key not in self._bounds:
            self._bounds[key] = self._multiplied_bounds(*key)
        return self._bounds[key]

    def _multiplied_bounds(
        self, source: str, target: str, side: ConversionSide, group: int | None
    ) -> Bounds | None:
        path = self.conversion_path(source, target)
        if path is None:
            return None
        low, high = ONE
        for step in path:
            lower, higher = self._range_of_group(step.symbol, group).bounds_for(step, side)
            if step.forward:
                low, high = low * lower, high * higher
            else:
                low, high = low / higher, high / lower
        return low, high

    def _range_of_group(self, symbol: str, group: int | None) -> QuoteRange:
        market = self.ranges[symbol]
        if group is None or symbol not in self._catalog.symbols:
            return market
        markup = self._catalog.terms.markup(group, symbol)
        return market.with_markup(markup, self._catalog.symbols[symbol].digits)

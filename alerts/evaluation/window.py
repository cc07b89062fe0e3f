"""A window of the tick log: the quotes of some batches, by symbol and side."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import NamedTuple

from alerts.conditions import MarketPrices, SideQuote
from alerts.enums import AlertSide
from market.group_quotes import SeenPrices
from market.quotes.quote_ranges import PriceRange, ranges_of_ticks
from market.quotes.tick_log import Batch, PreviousQuote, Tick

_seq_no = attrgetter("seq_no")


class QuoteRun(NamedTuple):
    """Consecutive quotes of one symbol and side, and the one before them, if there was one."""

    previous: SideQuote | None
    quotes: list[SideQuote]

    @property
    def last(self) -> SideQuote | None:
        """Return the newest quote, or None without any."""
        return self.quotes[-1] if self.quotes else self.previous


class QuoteWindow:
    """The quotes of consecutive batches."""

    def __init__(self, batches: Iterable[Batch]) -> None:
        self._ticks: dict[str, list[Tick]] = {}
        self._previous: dict[str, PreviousQuote | None] = {}
        self._runs: dict[tuple[str, int, int, SeenPrices | None], QuoteRun] = {}
        for batch in batches:
            for tick in batch.ticks:
                if tick.symbol not in self._ticks:
                    self._ticks[tick.symbol] = []
                    self._previous[tick.symbol] = batch.previous.get(tick.symbol)
                self._ticks[tick.symbol].append(tick)

    def quote_run(
        self, symbol: str, side: int, seen: int, view: SeenPrices | None = None
    ) -> QuoteRun:
        """Return one side's quotes after sequence number `seen`, as the view shows them."""
        ticks = self._ticks.get(symbol, [])
        begin = bisect_right(ticks, seen, key=_seq_no)
        key = (symbol, side, begin, view)
        if key not in self._runs:
            quotes = [
                SideQuote(price, tick.time, tick.received, tick.seq_no, market)
                for tick in ticks[max(begin - 1, 0) :]
                for price, market in [_price_of_side(tick, side, view)]
            ]
            previous = quotes.pop(0) if begin else self._quote_before(symbol, side, view)
            self._runs[key] = QuoteRun(previous, quotes)
        return self._runs[key]

    def price_ranges(self, seen: int, *, sums: bool = False) -> Iterator[PriceRange]:
        """Yield the market's price ranges of all sides that moved after sequence number `seen`.

        The quote before them is included, so that no step between two quotes is outside.
        """
        for symbol, ticks in self._ticks.items():
            begin = bisect_right(ticks, seen, key=_seq_no)
            if begin == len(ticks):
                continue
            moved = ticks[begin:] if begin else ticks
            before = ticks[begin - 1] if begin else self._previous[symbol]
            yield from ranges_of_ticks(symbol, moved, before, sums=sums)

    def _quote_before(self, symbol: str, side: int, view: SeenPrices | None) -> SideQuote | None:
        """Return the quote before the window as a SideQuote without source time and number."""
        before = self._previous.get(symbol)
        if before is None:
            return None
        price, market = _price_of_side(before, side, view)
        return SideQuote(price, 0, before.received, 0, market)


def _price_of_side(
    quote: Tick | PreviousQuote, side: int, view: SeenPrices | None
) -> tuple[float, MarketPrices | None]:
    """Return one side's price as the view shows it, and the market's where it is another."""
    bid, ask = quote.bid, quote.ask
    if view is None:
        return bid if side == AlertSide.BID else ask, None
    markup = view.markup
    points = markup.bid if side == AlertSide.BID else markup.ask
    fixed = markup.spread is not None
    market = MarketPrices(bid, ask, None if fixed else points, markup.spread)
    return view.apply(bid, ask)[side], market

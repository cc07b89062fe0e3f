"""Ranges of prices in quotes, and the levels that they cross."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from market.quotes.tick_log import Batch, PreviousQuote, Tick
from market.terms.market_levels import sum_in_units

BID, ASK, SUM = 0, 1, 2  # SUM: bid + ask in units (`sum_in_units`), which fixed spreads follow
# By side: symbol → [up, down, ends]. Nothing happens as long as the price stays below `up` and
# above `down` and no quote is later than `ends` (unix seconds). Without a third side nothing
# depends on sums.
SideLevels = Sequence[Mapping[str, Sequence[float]]]


class PriceRange(NamedTuple):
    """The range of one side of a symbol: no price was outside of [low, high].

    `newest` (unix seconds): what ends before it has ended.
    """

    symbol: str
    side: int
    low: float
    high: float
    newest: int


def crosses(price_range: PriceRange, levels: SideLevels) -> bool:
    """Return whether the range crosses a level, or its side has none: then nothing is known."""
    bounds = levels[price_range.side].get(price_range.symbol)
    if bounds is None:
        return True
    up, down, ends = bounds
    return price_range.high >= up or price_range.low <= down or price_range.newest > ends


def ranges_of_ticks(
    symbol: str, ticks: Sequence[Tick], before: Tick | PreviousQuote | None, *, sums: bool = False
) -> Iterator[PriceRange]:
    """Yield the ranges of both sides of a symbol's consecutive quotes, with `sums` theirs as well.

    The quote before them is included, so that no step between two quotes is outside.
    """
    newest = -(-max(tick.time for tick in ticks) // 1000)
    bids, asks = [tick.bid for tick in ticks], [tick.ask for tick in ticks]
    if before is not None:
        bids.append(before.bid)
        asks.append(before.ask)
    yield PriceRange(symbol, BID, min(bids), max(bids), newest)
    yield PriceRange(symbol, ASK, min(asks), max(asks), newest)
    if sums:
        both = [float(sum_in_units(*prices)) for prices in zip(bids, asks, strict=True)]
        yield PriceRange(symbol, SUM, min(both), max(both), newest)


def ranges_of_batches(batches: Iterable[Batch], *, sums: bool = False) -> Iterator[PriceRange]:
    """Yield the ranges of all sides that moved in consecutive batches."""
    moved: dict[str, list[Tick]] = {}
    previous: dict[str, PreviousQuote | None] = {}
    for batch in batches:
        for tick in batch.ticks:
            if tick.symbol not in moved:
                moved[tick.symbol] = []
                previous[tick.symbol] = batch.previous.get(tick.symbol)
            moved[tick.symbol].append(tick)
    for symbol, ticks in moved.items():
        yield from ranges_of_ticks(symbol, ticks, previous[symbol], sums=sums)

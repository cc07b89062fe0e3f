"""A window of the tick log: the quotes of some batches, by symbol and side."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import NamedTuple

from alerts.conditions import Point
from alerts.enums import Side
from market.path import Batch, Before, Tick

BID, ASK = int(Side.BID), int(Side.ASK)
_number = attrgetter("number")


class Hull(NamedTuple):
    """The range of one side of a symbol in a window: no price was outside of [low, high].

    `newest` (unix seconds): an alert with an expiry before it has expired.
    """

    symbol: str
    side: int
    low: float
    high: float
    newest: int


class Course(NamedTuple):
    """Consecutive quotes of one symbol and side, and the one before them, if there was one."""

    before: Point | None
    points: list[Point]

    @property
    def last(self) -> Point | None:
        """Return the newest quote, or None without any."""
        return self.points[-1] if self.points else self.before


class Window:
    """The quotes of consecutive batches."""

    def __init__(self, batches: Iterable[Batch]) -> None:
        self._ticks: dict[str, list[Tick]] = {}
        self._before: dict[str, Before | None] = {}
        self._courses: dict[tuple[str, int, int], Course] = {}
        for batch in batches:
            for tick in batch.ticks:
                if tick.symbol not in self._ticks:
                    self._ticks[tick.symbol] = []
                    self._before[tick.symbol] = batch.before.get(tick.symbol)
                self._ticks[tick.symbol].append(tick)

    def course(self, symbol: str, side: int, seen: int) -> Course:
        """Return one side's quotes after sequence number `seen`."""
        ticks = self._ticks.get(symbol, [])
        begin = bisect_right(ticks, seen, key=_number)
        key = (symbol, side, begin)
        if key not in self._courses:
            points = [_point(tick, side) for tick in ticks[max(begin - 1, 0) :]]
            first = points.pop(0) if begin else self._first(symbol, side)
            self._courses[key] = Course(first, points)
        return self._courses[key]

    def hulls(self, seen: int) -> Iterator[Hull]:
        """Yield the price ranges of all sides that moved after sequence number `seen`.

        The quote before them is included, so that no step between two quotes is outside.
        """
        for symbol, ticks in self._ticks.items():
            begin = bisect_right(ticks, seen, key=_number)
            if begin == len(ticks):
                continue
            moved = ticks[begin:] if begin else ticks
            newest = -(-max(tick.time for tick in moved) // 1000)
            before = ticks[begin - 1] if begin else self._before[symbol]
            bids, asks = [tick.bid for tick in moved], [tick.ask for tick in moved]
            if before is not None:
                bids.append(before.bid)
                asks.append(before.ask)
            yield Hull(symbol, BID, min(bids), max(bids), newest)
            yield Hull(symbol, ASK, min(asks), max(asks), newest)

    def _first(self, symbol: str, side: int) -> Point | None:
        """Return the quote before the window as a SideQuote without source time and number."""
        before = self._before.get(symbol)
        if before is None:
            return None
        price = before.bid if side == Side.BID else before.ask
        return Point(price, 0, before.received, 0)


def _point(tick: Tick, side: int) -> Point:
    """Return one side of a tick."""
    price = tick.bid if side == Side.BID else tick.ask
    return Point(price, tick.time, tick.received, tick.number)

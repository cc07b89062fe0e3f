"""A window of the path: the quotes of some batches, by symbol and side."""

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
    """What one side of a symbol reached: nothing outside of [low, high].

    `newest` (unix seconds): an alert that expires before it has expired.
    """

    symbol: str
    side: int
    low: float
    high: float
    newest: int


class Course(NamedTuple):
    """One side's quotes, and the one before them where there was one."""

    before: Point | None
    points: list[Point]

    @property
    def last(self) -> Point | None:
        """The newest quote."""
        return self.points[-1] if self.points else self.before


class Window:
    """Some batches in their order."""

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
        """One side's quotes with a number beyond `seen`."""
        ticks = self._ticks.get(symbol, [])
        begin = bisect_right(ticks, seen, key=_number)
        key = (symbol, side, begin)
        if key not in self._courses:
            points = [_point(tick, side) for tick in ticks[max(begin - 1, 0) :]]
            first = points.pop(0) if begin else self._first(symbol, side)
            self._courses[key] = Course(first, points)
        return self._courses[key]

    def hulls(self, seen: int) -> Iterator[Hull]:
        """The hulls of all sides that moved beyond `seen`.

        The quote before is in them: then no segment is outside.
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
        before = self._before.get(symbol)
        if before is None:
            return None
        price = before.bid if side == Side.BID else before.ask
        return Point(price, 0, before.received, 0)


def _point(tick: Tick, side: int) -> Point:
    price = tick.bid if side == Side.BID else tick.ask
    return Point(price, tick.time, tick.received, tick.number)

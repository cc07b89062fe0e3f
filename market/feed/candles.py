"""Candles built from ticks: bid prices in half-open buckets [time, time + length).

A bucket goes by the source time. The last bucket of each symbol and resolution stays open
in memory with all its values, so storing a candle replaces its row, and storing it twice
changes nothing.
"""

from collections.abc import Mapping
from typing import NamedTuple

from market.enums import Resolution

BUCKET_LENGTHS = [(int(resolution), int(resolution) * 60) for resolution in Resolution]


class CandleBar(NamedTuple):
    """A candle as it is stored; `time` is its start in unix seconds, prices are bids."""

    symbol: str
    resolution: int
    time: int
    open: float
    high: float
    low: float
    close: float
    volume: int


CandleKey = tuple[str, int, int]  # symbol, resolution in minutes, start in unix seconds


class _OpenBucket:
    """The bucket that is being filled; `begin` and `end` are unix milliseconds."""

    __slots__ = ("begin", "close", "end", "high", "length", "low", "open", "resolution", "volume")

    def __init__(self, resolution: int, length: int) -> None:
        self.resolution, self.length = resolution, length * 1000
        self.begin = self.end = 0
        self.open = self.high = self.low = self.close = 0.0
        self.volume = 0

    def to_bar(self, symbol: str) -> CandleBar:
        """Return the bucket as a candle, as it is now."""
        prices = (self.open, self.high, self.low, self.close)
        return CandleBar(symbol, self.resolution, self.begin // 1000, *prices, self.volume)

    def restart(self, begin: int, bid: float, stored: CandleBar | None) -> None:
        """Begin a new bucket; continue `stored` where an earlier process began it."""
        self.begin, self.end = begin, begin + self.length
        self.open, self.high, self.low, self.volume = bid, bid, bid, 0
        if stored is not None:
            self.open, self.high, self.low = stored.open, stored.high, stored.low
            self.volume = stored.volume


class CandleBuilder:
    """Builds all resolutions of all symbols; `stored` holds the candles to be continued."""

    def __init__(self, stored: Mapping[CandleKey, CandleBar] | None = None) -> None:
        self._stored = dict(stored or {})
        self._open: dict[str, list[_OpenBucket]] = {}
        self._changed: set[str] = set()
        self._closed: dict[CandleKey, CandleBar] = {}

    def add(self, symbol: str, bid: float, time: int) -> None:
        """Count one accepted quote; `time` is the source time in unix milliseconds."""
        buckets = self._open.get(symbol)
        if buckets is None:
            buckets = self._open[symbol] = [_OpenBucket(*length) for length in BUCKET_LENGTHS]
        self._changed.add(symbol)
        for bucket in buckets:
            if not bucket.begin <= time < bucket.end:
                self._begin_bucket(symbol, bucket, bid, time)
            if bid > bucket.high:
                bucket.high = bid
            elif bid < bucket.low:
                bucket.low = bid
            bucket.close = bid
            bucket.volume += 1

    def take_changed(self) -> dict[CandleKey, CandleBar]:
        """Return the candles that changed since the last call, as they are now."""
        bars, self._closed = self._closed, {}
        for symbol in self._changed:
            for bucket in self._open[symbol]:
                bar = bucket.to_bar(symbol)
                bars[bar[:3]] = bar
        self._changed.clear()
        return bars

    def _begin_bucket(self, symbol: str, bucket: _OpenBucket, bid: float, time: int) -> None:
        """Keep the finished bucket for `take_changed` and begin the one that holds `time`."""
        if bucket.volume:
            bar = bucket.to_bar(symbol)
            self._closed[bar[:3]] = bar
        begin = time - time % bucket.length
        key = (symbol, bucket.resolution, begin // 1000)
        bucket.restart(begin, bid, self._stored.pop(key, None))

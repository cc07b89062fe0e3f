"""Believable candles for the time before a demo's first quote, which go over into its quotes.

The random walk of `random_walk` is continued backwards from the price at which the quotes
begin, in steps of seconds for the last days and of up to half an hour years ago. All candles are
made of these same steps, so those of one length are the sum of the shorter ones.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from core.clock import DAY_S
from market.enums import Resolution
from market.feed.adapters.random_walk import (
    DOLLAR,
    OTHER_VOLATILITY,
    QUOTES_A_SECOND,
    TRADING_YEAR,
    VOLATILITY,
)
from market.feed.candles import CandleBar
from market.hours import ALWAYS, ONE_DAY, Hours
from market.models import Symbol

DAYS = 730
HOUR_DAYS = 90  # for which there are hours as well
MINUTE_DAYS = 3  # for which there are minutes as well
# Days before today's midnight at which steps of so many seconds begin.
STEPS = ((DAYS, 1800), (HOUR_DAYS, 300), (MINUTE_DAYS, 4))
LONG_PULL = math.log(2) / (45 * DAY_S)  # a second; half of the way to the demo price in 45 days

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class TimeGrid(NamedTuple):
    """The steps of time before `now`, unix seconds: where each begins, and how long it is."""

    begins: Ints
    lengths: Ints
    now: int

    @classmethod
    def before(cls, now: int) -> "TimeGrid":
        """Return the grid of DAYS days before today's midnight (UTC), and of today."""
        midnight = now - now % DAY_S
        starts = [midnight - days * DAY_S for days, _ in STEPS]
        parts = [
            np.arange(start, end, step, dtype=np.int64)
            for start, end, (_, step) in zip(starts, [*starts[1:], now], STEPS, strict=True)
        ]
        begins = np.concatenate(parts)
        return cls(begins, np.diff(begins, append=now), now)


@dataclass(frozen=True, slots=True)
class PastWalk:
    """One symbol's walk before now.

    `logs` are the logarithms of the mid at the end of each step; in steps that are not `opened`
    the market was closed, and the price stood still.
    """

    symbol: Symbol
    opened: NDArray[np.bool_]
    logs: Floats


def make_history(
    symbols: Iterable[Symbol], hours: Mapping[str, Hours], now: int, seed: str
) -> Iterator[CandleBar]:
    """Yield the candles before `now` (unix seconds) of the symbols that have a demo price.

    The last ones end with the bid of the demo price, and are to be continued by quotes.
    """
    grid = TimeGrid.before(now)
    walks: dict[str, PastWalk] = {}
    majors: dict[str, tuple[PastWalk, int]] = {}
    for symbol in sorted(symbols, key=lambda s: s.name):
        if symbol.demo_price <= 0:
            continue
        walk = _walk_back(symbol, hours.get(symbol.name, ALWAYS), grid, seed)
        walks[symbol.name] = walk
        if symbol.quote_currency == DOLLAR != symbol.currency:
            majors[symbol.currency] = walk, 1
        elif symbol.currency == DOLLAR != symbol.quote_currency:
            majors[symbol.quote_currency] = walk, -1
    for walk in walks.values():
        yield from _make_candles(_follow_majors(walk, majors), grid, seed)


def _random_of(symbol: Symbol, seed: str) -> np.random.Generator:
    return np.random.default_rng(crc32(f"{seed} {symbol.name}".encode()))


def _walk_back(symbol: Symbol, hours: Hours, grid: TimeGrid, seed: str) -> PastWalk:
    """Return an Ornstein-Uhlenbeck walk from the demo price backwards, in open time.

    It is a Brownian motion B with changed time: X(t) = e^(-pt) · B((e^(2pt) - 1) / 2p) for the
    time t before now and the pull p.
    """
    opened = _open_steps(hours, grid)
    lengths = np.where(opened, grid.lengths, 0)
    before_now = lengths.sum() - np.cumsum(lengths)  # open seconds from a step's end until now
    changed_time = np.expm1(2 * LONG_PULL * before_now) / (2 * LONG_PULL)
    yearly = VOLATILITY.get(symbol.group_id, OTHER_VOLATILITY)
    steps = np.sqrt(-np.diff(changed_time)) * yearly / math.sqrt(TRADING_YEAR)
    steps *= _random_of(symbol, seed).standard_normal(len(steps))
    motion = np.append(np.cumsum(steps[::-1])[::-1], 0.0)
    return PastWalk(
        symbol,
        opened,
        math.log(float(symbol.demo_price)) + np.exp(-LONG_PULL * before_now) * motion,
    )


def _open_steps(hours: Hours, grid: TimeGrid) -> NDArray[np.bool_]:
    """Return for each step whether the market was open when it began."""
    opened = np.zeros(len(grid.begins), dtype=np.bool_)
    if hours.is_always_open():
        return ~opened
    day = datetime.fromtimestamp(int(grid.begins[0]), UTC).date() - ONE_DAY
    last = datetime.fromtimestamp(grid.now, UTC).date() + ONE_DAY
    while day <= last:
        for opens, closes in hours.open_times(day):
            first, end = np.searchsorted(grid.begins, (opens, closes))
            opened[first:end] = True
        day += ONE_DAY
    return opened


def _follow_majors(walk: PastWalk, majors: Mapping[str, tuple[PastWalk, int]]) -> PastWalk:
    """Return a cross as its majors make it, at its own price now; others as they are."""
    symbol = walk.symbol
    base, quote = majors.get(symbol.currency), majors.get(symbol.quote_currency)
    if base is None or quote is None or symbol.currency == symbol.quote_currency:
        return walk
    derived = base[0].logs * base[1] - quote[0].logs * quote[1]
    return PastWalk(symbol, walk.opened, derived + (walk.logs[-1] - derived[-1]))


def _make_candles(walk: PastWalk, grid: TimeGrid, seed: str) -> Iterator[CandleBar]:
    """Yield the walk's candles, by length and time."""
    symbol, tick = walk.symbol, float(walk.symbol.tick)
    width = max(1, round(symbol.demo_spread * float(symbol.point) / tick))
    bids = np.maximum(1, np.rint(np.exp(walk.logs) / tick - width / 2))
    bids = np.round(bids * tick, symbol.digits)[walk.opened]
    begins, lengths = grid.begins[walk.opened], grid.lengths[walk.opened]
    volumes = _random_of(symbol, f"{seed} volume").poisson(QUOTES_A_SECOND * lengths)
    midnight = grid.now - grid.now % DAY_S
    for resolution, days in (
        (Resolution.DAY, DAYS), (Resolution.HOUR, HOUR_DAYS), (Resolution.MINUTE, MINUTE_DAYS)
    ):  # fmt: skip
        first = int(np.searchsorted(begins, midnight - days * DAY_S))
        opens = np.concatenate((bids[:1], bids[:-1]))[first:]
        columns = _aggregate(
            begins[first:], int(resolution) * 60, opens, bids[first:], volumes[first:]
        )
        for values in zip(*columns, strict=True):
            yield CandleBar._make((symbol.name, int(resolution), *values))


def _aggregate(
    begins: Ints, length: int, opens: Floats, closes: Floats, volumes: Ints
) -> Sequence[list[float]]:
    """Return time, open, high, low, close and volume of each bucket that has a step."""
    buckets = begins - begins % length
    if not len(buckets):
        return [[]] * 6
    first = np.flatnonzero(np.diff(buckets, prepend=-1))
    last = np.append(first[1:], len(buckets)) - 1
    return [
        buckets[first].tolist(),
        opens[first].tolist(),
        np.maximum.reduceat(np.maximum(opens, closes), first).tolist(),
        np.minimum.reduceat(np.minimum(opens, closes), first).tolist(),
        closes[last].tolist(),
        np.add.reduceat(volumes, first).tolist(),
    ]

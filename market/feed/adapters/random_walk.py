"""Believable prices: a seeded random walk per symbol, crosses derived from their majors.

Quotes arrive as a Poisson process. Independent prices follow a log-normal walk that is
pulled back to the demo price within days; spreads vary around the demo spread. Equal seeds
and equal starts give equal quotes, however the time is divided into calls.
"""

import heapq
import math
from collections.abc import Iterable, Iterator, Mapping
from random import Random

from core.clock import DAY_S, HOUR_S
from market.feed.intake import RawTick
from market.models import Symbol

QUOTES_A_SECOND = 4.0  # of each symbol, on average
TRADING_YEAR = 252 * DAY_S  # seconds that a market trades in a year
VOLATILITY = {"Forex": 0.14, "Metals": 0.22, "Indices": 0.22, "Crypto": 0.65}  # a year
OTHER_VOLATILITY = 0.2
PULL = math.log(2) / DAY_S  # a second; half of the way back to the demo price in a day
SPREAD_PULL = 0.2  # of the way back to the demo spread, a quote
NOISE_PULL = math.log(2) / 30  # a second; what a cross does by itself lasts half a minute
GAP_PULL = math.log(2) / HOUR_S  # a second; without a jump after quotes of another source
DOLLAR = "USD"


class _Instrument:
    """One symbol's walk; `time` is unix milliseconds, `log` the logarithm of the mid."""

    def __init__(self, symbol: Symbol, mid: float, begin: int) -> None:
        self.name, self.base, self.quote = symbol.name, symbol.currency, symbol.quote_currency
        self.tick, self.digits = float(symbol.tick), symbol.digits
        self.anchor = math.log(float(symbol.demo_price))
        self.volatility = VOLATILITY.get(symbol.group_id, OTHER_VOLATILITY) / math.sqrt(
            TRADING_YEAR
        )
        self.usual_spread = max(1.0, symbol.demo_spread * float(symbol.point) / self.tick)  # ticks
        self.spread = self.usual_spread
        self.log, self.time = math.log(mid), begin
        self.noise = 0.0  # of a cross: its own part of the price
        self.gap = 0.0  # of a cross: how far from its majors it started

    def walk(self, seconds: float, random: Random) -> None:
        """Move the price by an independent step, over `seconds`."""
        step = random.gauss(0.0, self.volatility * math.sqrt(seconds))
        self.log += step + (self.anchor - self.log) * (1 - math.exp(-PULL * seconds))

    def follow_majors(self, derived_log: float, seconds: float, random: Random) -> None:
        """Set a cross's price from its majors' (a logarithm) and a little noise of its own."""
        own = random.gauss(0.0, self.tick / math.exp(self.log) / 2)
        self.noise = self.noise * math.exp(-NOISE_PULL * seconds) + own
        self.gap *= math.exp(-GAP_PULL * seconds)
        self.log = derived_log + self.noise + self.gap

    def next_prices(self, random: Random) -> tuple[float, float]:
        """Move the spread; return bid and ask on the tick grid, at least one tick apart."""
        towards = SPREAD_PULL * (self.usual_spread - self.spread)
        self.spread += towards + random.gauss(0.0, 0.08 * self.usual_spread)
        self.spread = min(max(self.spread, 0.5 * self.usual_spread), 3 * self.usual_spread)
        width = max(1, round(self.spread))
        low = max(1, round(math.exp(self.log) / self.tick - width / 2))
        return round(low * self.tick, self.digits), round((low + width) * self.tick, self.digits)


class RandomWalk:
    """The walks of all symbols; `mids` are the prices to go on from, `begin` is unix ms."""

    def __init__(
        self, symbols: Iterable[Symbol], mids: Mapping[str, float], seed: str, begin: int
    ) -> None:
        self._random = Random(seed)  # noqa: S311 - prices of a demo, not secrets
        self._known: dict[str, _Instrument] = {}
        self._majors: dict[str, tuple[_Instrument, int]] = {}
        self._due: list[tuple[float, str]] = []
        self.add_symbols(symbols, mids, begin)

    def add_symbols(self, symbols: Iterable[Symbol], mids: Mapping[str, float], begin: int) -> None:
        """Add the symbols that have a demo price and are not yet known."""
        for symbol in sorted(symbols, key=lambda s: s.name):
            if symbol.name in self._known or symbol.demo_price <= 0:
                continue
            mid = mids.get(symbol.name) or float(symbol.demo_price)
            found = self._known[symbol.name] = _Instrument(symbol, mid, begin)
            if found.quote == DOLLAR != found.base:
                self._majors[found.base] = (found, 1)
            elif found.base == DOLLAR != found.quote:
                self._majors[found.quote] = (found, -1)
            heapq.heappush(self._due, (begin + self._draw_interval(), found.name))
        for found in self._known.values():
            derived = self._derived_log_price(found)
            if derived is not None and found.time == begin:
                found.gap = found.log - derived

    def quotes_until(self, moment: int) -> Iterator[RawTick]:
        """Yield the quotes before `moment` (unix ms) in time order, received at `moment`."""
        while self._due and self._due[0][0] < moment:
            due, name = self._due[0]
            heapq.heapreplace(self._due, (due + self._draw_interval(), name))
            found = self._known[name]
            seconds, found.time = max(0.001, (due - found.time) / 1000), int(due)
            derived = self._derived_log_price(found)
            if derived is None:
                found.walk(seconds, self._random)
            else:
                found.follow_majors(derived, seconds, self._random)
            bid, ask = found.next_prices(self._random)
            yield name, bid, ask, int(due), moment

    def skip_until(self, moment: int) -> None:
        """Leave out the quotes before `moment` (unix ms), after a pause of the process."""
        late = [entry for entry in self._due if entry[0] < moment]
        if late:
            rest = [entry for entry in self._due if entry[0] >= moment]
            self._due = rest + [(moment + self._draw_interval(), name) for _, name in late]
            heapq.heapify(self._due)

    def _draw_interval(self) -> float:
        """Draw the milliseconds until a symbol's next quote."""
        return self._random.expovariate(QUOTES_A_SECOND) * 1000

    def _derived_log_price(self, found: _Instrument) -> float | None:
        """Return a cross's log price by its majors, None where the symbol walks by itself."""
        base, quote = self._majors.get(found.base), self._majors.get(found.quote)
        if base is None or quote is None or found.base == found.quote:
            return None
        return base[0].log * base[1] - quote[0].log * quote[1]

"""The feed adapter `simulated`: the demo's market, going on from the last known quotes."""

import threading
from collections.abc import Iterable, Mapping

from core.clock import now, now_ms
from market.feed.adapters.feed_adapter import FeedAdapter, wait_until
from market.feed.adapters.random_walk import RandomWalk
from market.feed.candles import CandleBar
from market.feed.intake import Intake
from market.hours import Hours
from market.models import Symbol
from market.quotes.tick_log import Tick

LONGEST_PAUSE = 2000  # ms; after a longer one the market goes on from now


class SimulatedAdapter(FeedAdapter):
    """Quotes of all symbols that have a demo price, several a second while the market is open."""

    name = "simulated"

    def __init__(self, seed: int = 1) -> None:
        self._seed = seed

    def make_history(
        self, symbols: Iterable[Symbol], hours: Mapping[str, Hours]
    ) -> Iterable[CandleBar]:
        from market.feed.adapters import random_history  # numpy: only where it is needed

        return random_history.make_history(symbols, hours, now(), str(self._seed))

    def start(self, symbols: Iterable[Symbol], quotes: dict[str, Tick]) -> None:
        mids = {quote.symbol: (quote.bid + quote.ask) / 2 for quote in quotes.values()}
        self._last = begin = now_ms()
        # the seed includes the start, so a restart does not repeat the earlier walk.
        self._walk = RandomWalk(symbols, mids, f"{self._seed} {begin}", begin)
        self._quoted = set(mids)

    def update_symbols(self, symbols: Iterable[Symbol]) -> None:
        self._walk.add_symbols(symbols, {}, now_ms())

    def pump(self, intake: Intake, until: float, stop: threading.Event) -> bool:
        wait_until(until, stop)
        moment = now_ms()
        if moment - self._last > LONGEST_PAUSE:
            self._walk.skip_until(moment)
        self._last = moment
        for tick in self._walk.quotes_until(moment):
            # A closed market has a last price too: a symbol without any gets its first quote.
            if tick[0] not in self._quoted or intake.trades(tick[0], moment / 1000):
                self._quoted.add(tick[0])
                intake.accept(*tick)
        return True

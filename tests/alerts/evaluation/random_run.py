"""Publishes quotes in batches of any size while random alerts are created in between."""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from random import Random

from alerts.evaluation.evaluate import evaluate_new_batches
from core.money import exact_decimal
from market.feed.intake import RawTick
from market.quotes.tick_log import Tick
from tests.alerts.evaluation import random_alerts
from tests.alerts.small_feed import Feed

GRID = Decimal("0.00001")
HOUR = 3600


class RandomRun:
    """A run over random alerts, and what has happened so far."""

    def __init__(self, dice: Random, logins: Sequence[int]) -> None:
        self.alerts: list[random_alerts.RandomAlert] = []
        self.ticks: dict[str, list[Tick]] = defaultdict(list)
        self._dice, self._logins, self._feed = dice, logins, Feed()

    def publish_wave(self, quotes: Sequence[RawTick], alerts: int, *, evaluating: bool) -> None:
        """Publish the quotes; create the alerts after the first tenth, some windows late."""
        self._publish(quotes[: len(quotes) // 10], evaluating=evaluating)
        for _ in range(alerts):
            self._create()
        self._publish(quotes[len(quotes) // 10 :], evaluating=evaluating)

    def finish(self) -> None:
        """Evaluate the remaining windows."""
        evaluate_new_batches()

    def _publish(self, quotes: Sequence[RawTick], *, evaluating: bool) -> None:
        begin = 0
        while begin < len(quotes):
            end = begin + self._dice.randint(1, 60)
            for tick in self._feed.publish_batch(list(quotes[begin:end])).ticks:
                self.ticks[tick.symbol].append(tick)
            begin = end
            if evaluating and self._dice.random() < 0.2:
                evaluate_new_batches()

    def _create(self) -> None:
        symbol = self._dice.choice(sorted(self.ticks))
        last = self.ticks[symbol][-1]
        price = exact_decimal(last.bid)
        step = (price / 20_000).quantize(GRID)
        end = last.time // 1000 + self._dice.randint(60, 12 * HOUR)
        self.alerts.append(
            random_alerts.create_random_alert(self._dice, self._logins, symbol, price, step, end)
        )

"""Workers that are killed at any statement: no log row and no event is lost or doubled."""

import random
import time
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings

from accounts.models import Account
from alerts.evaluation.evaluate import evaluate_new_batches, evaluate_window
from alerts.models import Alert, AlertCheckpoint, AlertLog
from market.quotes.tick_log import Tick
from realtime.models import AccountEvent
from tests.alerts.evaluation import random_alerts
from tests.alerts.evaluation.killed_workers import killed_workers
from tests.alerts.small_feed import SPREAD, START, Feed

pytestmark = pytest.mark.django_db(transaction=True)
STEP = Decimal("0.0001")
BATCHES, ALERTS, WAIT = 90, 130, 90


class Crash(Exception):
    """The worker dies here."""


@pytest.mark.parametrize("after", [False, True])
def test_a_crash_at_any_statement_leaves_nothing_half_written(
    feed: Feed, alert: Callable[..., Alert], alice: Account, after: bool
) -> None:
    feed.publish(1.0)
    alert(repeat_mode=1, condition=12)
    alert(repeat_mode=1, condition=2)
    evaluate_new_batches()
    fatal, firings = 0, 0
    while True:
        fatal += 1
        feed.publish(1.2 if fatal % 2 else 1.0)
        if not dies_at(fatal, after):
            break
        assert AlertLog.objects.count() == firings
        evaluate_new_batches()
        firings += 2 if fatal % 2 else 1
        assert AlertLog.objects.count() == firings
    assert fatal > 8
    events = AccountEvent.objects.filter(login=alice.login).order_by("seq")
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert sum(event.event[-1] == 5 for event in events) == AlertLog.objects.count()


def dies_at(fatal: int, after: bool) -> bool:
    """Evaluate until the fatal statement, before or after it; False where there is none."""
    left = fatal

    def mortal(execute: Any, *args: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0 and not after:
            raise Crash
        result = execute(*args)
        if left == 0:
            raise Crash
        return result

    try:
        with connection.execute_wrapper(mortal):
            evaluate_window()
    except Crash:
        return True
    return False


def test_three_randomly_killed_workers_log_what_the_oracle_expects(
    feed: Feed, alice: Account, bob: Account, tmp_path: Path, settings: Settings
) -> None:
    settings.ALERT_FIRINGS_HOUR = 0
    dice = random.Random("mortal workers")
    ticks: dict[str, list[Tick]] = defaultdict(list)
    prices = {"EURUSD": 11_000, "GBPUSD": 12_000}
    alerts: list[random_alerts.RandomAlert] = []
    publish(feed, dice, prices, ticks)
    evaluate_new_batches()
    with killed_workers(tmp_path):
        for number in range(BATCHES):
            if number % 30 == 0:
                alerts += create(dice, [alice.login, bob.login], prices)
            publish(feed, dice, prices, ticks)
            wait_for_workers(feed.batch - 3)
        wait_for_workers(feed.batch)
    evaluate_new_batches()
    assert random_alerts.verify_log(alerts, ticks) > ALERTS


def publish(
    feed: Feed, dice: random.Random, prices: dict[str, int], ticks: dict[str, list[Tick]]
) -> None:
    """A batch of quotes on a coarse grid, with gaps."""
    quotes = []
    for _ in range(dice.randint(1, 12)):
        symbol = dice.choice(sorted(prices))
        prices[symbol] += dice.choice([-30, -5, -1, 0, 1, 5, 30])
        feed.time += dice.choice([10, 300, 900])
        bid = float(prices[symbol] * STEP)
        quotes.append((symbol, bid, round(bid + SPREAD, 8), feed.time, feed.time))
    for tick in feed.publish_batch(quotes).ticks:
        ticks[tick.symbol].append(tick)


def create(
    dice: random.Random, logins: list[int], prices: dict[str, int]
) -> list[random_alerts.RandomAlert]:
    """Some alerts around the prices; those that end do so while quotes come."""
    made = []
    for _ in range(ALERTS // 3):
        symbol = dice.choice(sorted(prices))
        end = START // 1000 + dice.randint(30, 240)
        made.append(
            random_alerts.create_random_alert(
                dice, logins, symbol, prices[symbol] * STEP, STEP, end
            )
        )
    return made


def wait_for_workers(batch: int) -> None:
    """Wait until the workers have evaluated up to the batch, however often they are killed."""
    deadline = time.monotonic() + WAIT
    while AlertCheckpoint.objects.get().batch < batch:
        assert time.monotonic() < deadline, "the workers do not get on"
        time.sleep(0.01)

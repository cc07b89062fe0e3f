"""The feed wakes the evaluation exactly for quotes that may matter to an alert."""

import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from random import Random
from typing import Any

import orjson
import pytest
from django.db import connection
from pytest_django import Settings

from accounts.models import Account
from alerts import services, tasks
from alerts.enums import AlertStatus
from alerts.evaluation import queries
from alerts.evaluation.evaluate import evaluate_new_batches
from alerts.evaluation.published_levels import TASK
from alerts.models import Alert, AlertCheckpoint, AlertLog
from config.celery import app
from core import redis
from core.clock import now
from core.redis_keys import alive_key
from market.quotes.awaited_levels import LIFE, levels_key
from market.quotes.tick_log import batch_of
from tests import factories
from tests.alerts.evaluation.random_alerts import create_random_alert
from tests.alerts.evaluation.waking_feed import WakingFeed, start_worker
from tests.alerts.small_feed import START

pytestmark = pytest.mark.django_db(transaction=True)
Create = Callable[..., Alert]


@pytest.fixture
def feed(alice: Account, settings: Settings) -> Iterator[WakingFeed]:
    settings.TASK_WAKE_INTERVAL = 0
    for name in ("EURUSD", "GBPUSD"):
        factories.symbol(name)
    start_worker()
    with app.connection_for_read() as broker:
        channel: Any = broker.default_channel
        yield WakingFeed(channel.client)


@pytest.fixture
def between(feed: WakingFeed, alert: Create) -> tuple[Alert, Alert]:
    """EURUSD's bid is evaluated at 1.05, between the levels 1.0 and 1.1."""
    feed.publish(1.05)
    down, up = alert(condition=1, target_price=1.0), alert(target_price=1.1)
    evaluate_new_batches()
    feed.wakes(1.05)
    evaluate_new_batches()
    assert not feed.wakes(1.05)
    return down, up


def test_only_a_reached_level_wakes(feed: WakingFeed, between: object) -> None:
    assert not feed.wakes(1.06, 1.09999, 1.00001)
    assert feed.wakes(1.1)


def test_a_level_reached_within_a_batch_wakes(feed: WakingFeed, between: object) -> None:
    assert feed.wakes(1.05, 1.0, 1.05)


def test_a_reached_level_wakes_until_it_is_evaluated(feed: WakingFeed, between: object) -> None:
    assert feed.wakes(1.1)
    assert feed.wakes(1.05)
    evaluate_new_batches()
    assert AlertLog.objects.count() == 1
    assert not feed.wakes(1.05)


def test_a_new_alert_nearer_than_the_published_levels_fires_at_its_touch(
    feed: WakingFeed, between: object, alert: Create
) -> None:
    alert(target_price=1.07)
    assert feed.wakes(1.07)
    evaluate_new_batches()
    assert AlertLog.objects.count() == 1


def test_a_new_alert_wakes_only_until_it_is_known(
    feed: WakingFeed, between: object, alert: Create
) -> None:
    alert(target_price=1.07)
    assert feed.wakes(1.05)
    evaluate_new_batches()
    assert not feed.wakes(1.06)
    assert feed.wakes(1.07)


def test_an_edited_alert_wakes_at_its_new_level(
    feed: WakingFeed, between: tuple[Alert, Alert], alice: Account
) -> None:
    services.update_alert(login=alice.login, alert_id=between[1].pk, target_price=Decimal("1.06"))
    assert feed.wakes(1.05)
    evaluate_new_batches()
    assert not feed.wakes(1.055)
    assert feed.wakes(1.06)


def test_an_alert_written_while_the_evaluation_runs_is_not_overlooked(
    feed: WakingFeed, between: object, alert: Create, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = queries.load_unevaluated_alerts

    def load_and_write_meanwhile() -> list[Alert]:
        found = load()
        monkeypatch.setattr(queries, "load_unevaluated_alerts", load)
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
        return found

    def write() -> None:
        alert(target_price=1.07)
        connection.close()

    feed.publish(1.05)
    monkeypatch.setattr(queries, "load_unevaluated_alerts", load_and_write_meanwhile)
    evaluate_new_batches()
    assert Alert.objects.filter(fresh=True).exists()
    assert feed.wakes(1.07)
    evaluate_new_batches()
    assert AlertLog.objects.count() == 1


@pytest.mark.parametrize(
    "content", ["", "[1]", '[1, "", [3, 4]]', "null", '["a","",[{},{}]]', '[1,"",[{"A":[1]},{}]]']
)
def test_unreadable_levels_wake_at_any_quote(
    feed: WakingFeed, between: object, content: str
) -> None:
    redis.sync_client().set(levels_key(TASK), content)
    assert feed.wakes(1.05)


def test_an_empty_redis_wakes_at_any_quote_until_the_evaluation_has_run(
    feed: WakingFeed, between: object
) -> None:
    redis.sync_client().flushall()
    start_worker()
    assert feed.wakes(1.05)
    evaluate_new_batches()
    assert not feed.wakes(1.05)


def test_levels_count_for_a_limited_time(feed: WakingFeed, between: object) -> None:
    left: Any = redis.sync_client().ttl(levels_key(TASK))
    assert LIFE - 5 <= left <= LIFE
    redis.sync_client().delete(levels_key(TASK))  # as its expiry does
    assert feed.wakes(1.05)


def test_levels_of_an_older_run_that_are_published_late_wake(
    feed: WakingFeed, between: object
) -> None:
    older: Any = redis.sync_client().get(levels_key(TASK))
    assert feed.wakes(1.1)
    evaluate_new_batches()
    assert not feed.wakes(1.2)
    redis.sync_client().set(levels_key(TASK), older)
    assert feed.wakes(1.05)


def test_a_worker_that_dies_before_its_commit_is_woken_again(
    feed: WakingFeed, between: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert feed.wakes(1.1)
    with monkeypatch.context() as patch:
        patch.setattr(queries, "load_nearest_levels", lambda _: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            evaluate_new_batches()
    assert feed.wakes(1.05)
    evaluate_new_batches()
    assert AlertLog.objects.count() == 1


def test_a_lost_wake_up_is_repeated_without_new_quotes(
    feed: WakingFeed, between: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("market.feed.task_waker.REPEAT_INTERVAL", 0)
    assert feed.wakes(1.1)
    sent = feed.sent
    feed.waker.wake_if_due()
    assert feed.sent == sent + 1
    evaluate_new_batches()
    feed.waker.wake_if_due()
    assert feed.sent == sent + 1


def test_quotes_without_a_living_worker_wake_one_that_starts(
    feed: WakingFeed, between: object
) -> None:
    redis.sync_client().delete(alive_key("worker"))
    assert not feed.wakes(1.1)
    assert not feed.wakes(1.05)
    start_worker()
    assert feed.wakes(1.05)


def test_quotes_of_a_feed_before_a_restart_are_not_overlooked(
    feed: WakingFeed, between: object
) -> None:
    feed.publish(1.1)
    feed.restart()
    assert feed.wakes(1.05)
    evaluate_new_batches()
    assert AlertLog.objects.count() == 1
    assert not feed.wakes(1.05)


def test_more_batches_than_are_held_need_newer_levels(
    feed: WakingFeed, between: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("market.feed.level_filter.MOST_BATCHES", 3)
    assert not any(feed.wakes(1.05) for _ in range(2))
    assert feed.wakes(1.05)
    evaluate_new_batches()
    assert not feed.wakes(1.05)


def test_an_end_wakes_without_a_level(feed: WakingFeed, between: object, alert: Create) -> None:
    ending = alert(target_price=1.5, expires_at=now() + 100)
    Alert.objects.filter(pk=ending.pk).update(expires_at=START // 1000 + 100)
    evaluate_new_batches()
    assert not feed.wakes(1.05)
    assert feed.wakes(1.05, time=START + 101_000)
    evaluate_new_batches()
    assert Alert.objects.get(pk=ending.pk).status == AlertStatus.EXPIRED


def test_a_repeating_alert_wakes_after_its_cooldown(feed: WakingFeed, alert: Create) -> None:
    feed.publish(1.05)
    alert(repeat_mode=1, cooldown=5)
    evaluate_new_batches()
    assert feed.wakes(1.2)
    evaluate_new_batches()
    woken = [feed.wakes(1.2) for _ in range(7)]
    assert woken == [False] * 4 + [True] * 3


def test_a_symbol_without_alerts_wakes_once(feed: WakingFeed, between: object) -> None:
    assert feed.wakes(5.0, symbol="GBPUSD")
    evaluate_new_batches()
    assert not feed.wakes(6.0, symbol="GBPUSD")


def test_expired_alerts_are_closed_though_no_quote_wakes(
    feed: WakingFeed, between: tuple[Alert, Alert], settings: Settings
) -> None:
    settings.FEED = "replay"
    Alert.objects.filter(pk=between[0].pk).update(expires_at=START // 1000 + 60)
    feed.wakes(1.3, symbol="GBPUSD", time=START + 3_600_000)
    evaluate_new_batches()
    assert not feed.wakes(1.4, symbol="GBPUSD", time=START + 3_600_000)
    tasks.close_expired()
    between[0].refresh_from_db()
    assert between[0].status == AlertStatus.EXPIRED


@pytest.mark.parametrize("seed", range(3))
def test_random_alerts_fire_in_the_batch_that_wakes(
    feed: WakingFeed, alice: Account, seed: int
) -> None:
    dice, step, price, woken = Random(seed), Decimal("0.00001"), 110_000, 0
    feed.publish(1.1)
    evaluate_new_batches()
    for _ in range(150):
        if dice.random() < 0.15:
            end = (feed.time + dice.randint(1000, 60_000)) // 1000
            create_random_alert(dice, [alice.login], "EURUSD", price * step, step, end)
        moves = [dice.choice((-9, -2, -1, 0, 1, 2, 9)) for _ in range(dice.randint(1, 3))]
        bids = [float((price := price + move) * step) for move in moves]
        if not feed.wakes(*bids):
            continue
        woken += 1
        logs = AlertLog.objects.count()
        evaluate_new_batches()
        fired = AlertLog.objects.order_by("id")[logs:].values_list("quote_number", flat=True)
        assert {batch_of(number) for number in fired} <= {feed.batch}
    feed.publish(float(price * step))
    logs = AlertLog.objects.count()
    evaluate_new_batches()
    late = AlertLog.objects.order_by("id")[logs:].values_list("quote_number", flat=True)
    assert {batch_of(number) for number in late} <= {feed.batch}
    assert logs > 10
    assert woken < 150


def test_the_published_levels_are_those_of_the_checkpoint(
    feed: WakingFeed, between: object
) -> None:
    stored: Any = redis.sync_client().get(levels_key(TASK))
    batch, _, levels = orjson.loads(stored)
    checkpoint = AlertCheckpoint.objects.get()
    assert (batch, levels) == (checkpoint.batch, orjson.loads(checkpoint.quiet))

"""The running feed: outages, standby, waking tasks, changed symbols."""

import threading
from collections.abc import Iterable
from functools import partial
from typing import Any

import pytest
from django.db import connection

from config.celery import app
from core import redis
from core.clock import now_ms
from core.leader import Leadership
from core.redis_keys import LAST_FLUSH
from core.sections import list_tasks_after_quotes
from market.feed import storage
from market.feed.adapters.feed_adapter import FeedAdapter
from market.feed.adapters.feed_adapter import wait_until as wait_until_time
from market.feed.intake import Intake
from market.feed.task_waker import TaskWaker
from market.models import Candle, LastQuote, Symbol
from tests import factories
from tests.market.feed.feed_helpers import feed_process, published_ticks, running_feed, wait_until

pytestmark = pytest.mark.django_db(transaction=True)


class GivenQuotes(FeedAdapter):
    """An adapter whose quotes the test hands in."""

    name = "given"

    def __init__(self) -> None:
        self.given: list[tuple[str, float, float]] = []
        self.symbols: list[str] = []

    def update_symbols(self, symbols: Iterable[Symbol]) -> None:
        self.symbols = [symbol.name for symbol in symbols]

    def pump(self, intake: Intake, until: float, stop: threading.Event) -> bool:
        wait_until_time(until, stop)
        given, self.given = self.given, []
        for quote in given:
            intake.accept(*quote, now_ms(), now_ms())
        return True


@pytest.fixture(autouse=True)
def _symbol(transactional_db: None) -> None:
    factories.symbol("EURUSD")


def bids() -> list[float]:
    return [tick.bid for tick in published_ticks()]


def published_are(count: int) -> bool:
    return len(bids()) == count


def publisher_token() -> str:
    """Return which feed publishes."""
    return str(redis.sync_client().get(LAST_FLUSH)).partition(":")[0]


def waiting_tasks() -> int:
    with app.connection_for_read() as broker:
        channel: Any = broker.default_channel
        return int(channel.client.llen("celery"))


def test_lost_connections_to_redis_and_postgresql_cost_no_quote() -> None:
    source = GivenQuotes()
    with running_feed(source):
        for i in range(6):
            redis.sync_client().client_kill_filter(_type="normal", skipme=True)
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            source.given = [("EURUSD", 1.1 + i / 1000, 1.2)]
            wait_until(partial(published_are, i + 1))
        wait_until(lambda: LastQuote.objects.filter(bid="1.105").exists())
    assert bids() == [1.1 + i / 1000 for i in range(6)]
    assert Candle.objects.get(resolution=1440).volume == 6


def test_an_internal_error_costs_the_persister_no_candle(monkeypatch: pytest.MonkeyPatch) -> None:
    source, met = GivenQuotes(), threading.Event()

    def fail(*_: object) -> None:
        met.set()
        raise ValueError("of no database")

    with running_feed(source):
        with monkeypatch.context() as patch:
            patch.setattr(storage, "save_candles_and_quotes", fail)
            source.given = [("EURUSD", 1.1, 1.2)]
            assert met.wait(30)
        source.given = [("EURUSD", 1.11, 1.21)]
        wait_until(lambda: LastQuote.objects.filter(bid="1.11").exists())
    assert Candle.objects.get(resolution=1440).volume == 2


def test_an_added_symbol_is_used_without_a_restart() -> None:
    source = GivenQuotes()
    with running_feed(source):
        factories.symbol("GBPUSD")
        wait_until(lambda: "GBPUSD" in source.symbols)
        source.given = [("GBPUSD", 1.3, 1.31)]
        wait_until(lambda: bids() == [1.3])


def test_quotes_wake_the_tasks_only_while_a_worker_lives() -> None:
    waker = TaskWaker()
    waker.note_published([factories.publish(("EURUSD", 1.1, 1.2))])
    waker.wake_if_due()
    assert waiting_tasks() == 0
    redis.mark_alive("worker")
    waker = TaskWaker()
    waker.note_published([factories.publish(("EURUSD", 1.1, 1.2))])
    for _ in range(3):
        waker.wake_if_due()
    assert waiting_tasks() == len(list_tasks_after_quotes())


def test_the_running_feed_wakes_the_tasks() -> None:
    redis.mark_alive("worker")
    source = GivenQuotes()
    with running_feed(source):
        source.given = [("EURUSD", 1.1, 1.2)]
        wait_until(lambda: waiting_tasks() == len(list_tasks_after_quotes()))


def test_the_second_feed_stands_by_and_takes_over_from_a_killed_one() -> None:
    Symbol.objects.update(demo_price=1)
    with feed_process("simulated") as first:
        wait_until(bids)
        killed = publisher_token()
        with feed_process("simulated") as second:
            assert "another one leads; standing by" in second.first_line()
            first.kill()
            count = len(bids())
            wait_until(lambda: publisher_token() not in (killed, "None"))
            wait_until(lambda: len(bids()) > count)
            second.terminate()
            second.communicate(timeout=10)
    assert second.returncode == 0
    numbers = [tick.seq_no for tick in published_ticks()]
    assert numbers == sorted(set(numbers))


def test_a_standby_ends_by_the_stop_signal() -> None:
    leader = Leadership("feed")
    assert leader.try_acquire()
    with feed_process("simulated") as process:
        process.first_line()
        process.terminate()
        process.communicate(timeout=3)
    assert process.returncode == 0
    leader.close()

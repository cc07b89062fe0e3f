"""`/readyz`: when a process is ready, and what is named when not."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client, override_settings

from core import redis, vitals
from market.models import Symbol
from market.schedules import DAYS, Schedule
from tests import factories
from tests.embedded.conditions import until
from tests.observe.stalled import stalled

pytestmark = pytest.mark.django_db(transaction=True)
BOUND = 3.0  # seconds
LONG_AGO = 1_700_000_000_000


def ready() -> tuple[int, str]:
    """Return the status and what is wrong; check the time and the shape of the answer."""
    began = time.monotonic()
    answer = Client().get("/readyz")
    assert time.monotonic() - began < BOUND
    body: dict[str, Any] = answer.json()
    if answer.status_code == 200:
        assert body["data"] == "OK"
        return 200, ""
    assert (answer.status_code, body["error"], set(body)) == (
        503,
        "NOT_READY",
        {"error", "message"},
    )
    return 503, body["message"]


@pytest.fixture(autouse=True)
def _all_is_well(eurusd: Symbol) -> Iterator[None]:
    redis.beat("feed")
    redis.beat("engine")
    vitals.tell("engine", shard=0, leader=1, lag_ms=20)
    yield
    until(lambda: not [t for t in threading.enumerate() if t.name == "timeboxed"])


def test_all_is_well() -> None:
    assert ready() == (200, "")


@pytest.mark.parametrize("name", ["feed", "engine"])
def test_a_process_that_does_not_run_is_named(name: str) -> None:
    redis.client().delete(f"alive:{name}")
    assert ready() == (503, f"{name}: is not running")


def test_the_worker_is_not_asked_for_requests_do_not_need_it() -> None:
    assert not redis.alive("worker")
    assert ready()[0] == 200


def test_a_feed_that_is_silent_for_too_long() -> None:
    factories.quote("EURUSD", 1.1, 1.1001, received=LONG_AGO)
    status, words = ready()
    assert status == 503
    assert words.startswith("quotes: of 1 symbols, the newest ")


@override_settings(READY_FEED_AGE=0)
def test_unless_that_is_not_judged() -> None:
    factories.quote("EURUSD", 1.1, 1.1001, received=LONG_AGO)
    redis.client().delete("alive:feed")
    assert ready()[0] == 200


def test_nor_is_it_silent_while_no_market_is_open(eurusd: Symbol) -> None:
    factories.quote("EURUSD", 1.1, 1.1001, received=LONG_AGO)
    days = dict.fromkeys(DAYS, "")
    eurusd.schedule = Schedule.objects.create(name="never", **days)
    eurusd.save()
    assert ready() == (200, "")


@pytest.mark.parametrize(("lag", "status"), [(9_900, 200), (10_100, 503)])
def test_the_engine_may_be_behind_up_to_the_threshold(lag: int, status: int) -> None:
    vitals.tell("engine", shard=0, leader=1, lag_ms=lag)
    assert ready()[0] == status
    assert status == 200 or "engine's lag: 10.1 s behind the quotes" in ready()[1]


@override_settings(READY_ENGINE_LAG=0)
def test_unless_its_lag_is_not_judged() -> None:
    vitals.tell("engine", shard=0, leader=1, lag_ms=99_999)
    redis.client().delete("alive:engine")
    assert ready()[0] == 200


def test_a_migration_that_was_not_applied() -> None:
    row = "SELECT id, app, name, applied FROM django_migrations ORDER BY id DESC LIMIT 1"
    with connection.cursor() as cursor:
        cursor.execute(row)
        kept = cursor.fetchone()
        cursor.execute("DELETE FROM django_migrations WHERE id = %s", kept[:1])
        try:
            assert ready() == (503, "migrations: 1 not applied")
        finally:
            cursor.execute("INSERT INTO django_migrations VALUES (%s, %s, %s, %s)", kept)


@pytest.mark.parametrize(("server", "name"), [("postgres", "database"), ("redis", "Redis")])
def test_a_server_that_is_stopped_is_named_in_time(server: str, name: str) -> None:
    with stalled(server):
        status, words = ready()
        assert status == 503
        assert f"{name}: does not answer in time" in words
    until(lambda: ready()[0] == 200)


def test_a_hundred_who_ask_of_a_stopped_database_leave_one_thread_hanging() -> None:
    def ask(_: int) -> int:
        return Client().get("/readyz").status_code

    with stalled("postgres"), ThreadPoolExecutor(20) as crowd:
        began = time.monotonic()
        assert set(crowd.map(ask, range(100))) == {503}
        assert time.monotonic() - began < 20  # and not 100 times 2 s, by however many threads
        hanging = [thread for thread in threading.enumerate() if thread.name == "timeboxed"]
        assert len(hanging) <= 3
    until(lambda: ready()[0] == 200)


def test_the_metrics_are_in_time_as_well_and_say_who_is_down() -> None:
    with stalled("postgres"):
        began = time.monotonic()
        text = Client().get("/metrics").content.decode()
        assert time.monotonic() - began < BOUND + 1
    assert 'broker_up{part="database"} 0.0' in text
    assert 'broker_scrape_ok{source="counters"} 1.0' in text


def test_an_answer_has_no_address_and_no_password() -> None:
    with stalled("redis"):
        words = ready()[1]
    for secret in (settings.SECRET_KEY, settings.REDIS_URL, settings.DATABASE_URL):
        assert secret not in words
    assert "/" not in words


def test_the_same_answer_serves_all_who_ask_within_a_moment() -> None:
    assert ready()[0] == 200
    redis.client().delete("alive:feed")
    assert ready()[0] == 200
    until(lambda: ready()[0] == 503, within=2.0)

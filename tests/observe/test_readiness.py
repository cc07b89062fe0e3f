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

from core import heartbeats, redis
from market.models import Symbol
from market.schedules import DAYS, Schedule
from tests import factories
from tests.observe.stalled_servers import stalled
from tests.runtime.process_helpers import wait_until

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
    redis.mark_alive("feed")
    redis.mark_alive("engine")
    heartbeats.report_heartbeat("engine", shard=0, leader=1, lag_ms=20)
    yield
    wait_until(lambda: not [t for t in threading.enumerate() if t.name == "timeboxed"])


def test_readyz_is_200_if_everything_works() -> None:
    assert ready() == (200, "")


@pytest.mark.parametrize("name", ["feed", "engine"])
def test_a_process_that_does_not_run_is_named(name: str) -> None:
    redis.sync_client().delete(f"alive:{name}")
    assert ready() == (503, f"{name}: is not running")


def test_a_missing_worker_does_not_matter() -> None:
    assert not redis.is_alive("worker")
    assert ready()[0] == 200


def test_quotes_older_than_the_threshold_are_named() -> None:
    factories.quote("EURUSD", 1.1, 1.1001, received=LONG_AGO)
    status, words = ready()
    assert status == 503
    assert words.startswith("quotes: of 1 symbols, the newest ")


@override_settings(READY_FEED_AGE=0)
def test_without_a_running_feed_old_quotes_do_not_matter() -> None:
    factories.quote("EURUSD", 1.1, 1.1001, received=LONG_AGO)
    redis.sync_client().delete("alive:feed")
    assert ready()[0] == 200


def test_old_quotes_of_closed_markets_do_not_matter(eurusd: Symbol) -> None:
    factories.quote("EURUSD", 1.1, 1.1001, received=LONG_AGO)
    days = dict.fromkeys(DAYS, "")
    eurusd.schedule = Schedule.objects.create(name="never", **days)
    eurusd.save()
    assert ready() == (200, "")


@pytest.mark.parametrize(("lag", "status"), [(9_900, 200), (10_100, 503)])
def test_an_engine_lag_beyond_the_threshold_is_named(lag: int, status: int) -> None:
    heartbeats.report_heartbeat("engine", shard=0, leader=1, lag_ms=lag)
    assert ready()[0] == status
    assert status == 200 or "engine's lag: 10.1 s behind the quotes" in ready()[1]


@override_settings(READY_ENGINE_LAG=0)
def test_without_a_running_engine_its_lag_does_not_matter() -> None:
    heartbeats.report_heartbeat("engine", shard=0, leader=1, lag_ms=99_999)
    redis.sync_client().delete("alive:engine")
    assert ready()[0] == 200


def test_an_unapplied_migration_is_named() -> None:
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
def test_a_stalled_server_is_named_in_time(server: str, name: str) -> None:
    with stalled(server):
        status, words = ready()
        assert status == 503
        assert f"{name}: does not answer in time" in words
    wait_until(lambda: ready()[0] == 200)


def test_100_probes_of_a_stalled_database_leave_one_hanging_thread() -> None:
    def ask(_: int) -> int:
        return Client().get("/readyz").status_code

    with stalled("postgres"), ThreadPoolExecutor(20) as crowd:
        began = time.monotonic()
        assert set(crowd.map(ask, range(100))) == {503}
        assert time.monotonic() - began < 20  # and not 100 times 2 s, by however many threads
        hanging = [thread for thread in threading.enumerate() if thread.name == "timeboxed"]
        assert len(hanging) <= 3
    wait_until(lambda: ready()[0] == 200)


def test_metrics_answer_in_time_and_name_the_stalled_server() -> None:
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


def test_probes_within_a_moment_share_one_answer() -> None:
    assert ready()[0] == 200
    redis.sync_client().delete("alive:feed")
    assert ready()[0] == 200
    wait_until(lambda: ready()[0] == 503, within=2.0)

"""Counters of many processes add up, and survive an outage."""

import os
import subprocess
import sys
import threading

import pytest
from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

from core import heartbeats, redis
from observe import counters
from observe.counters import Counter, Histogram
from tests.runtime.process_helpers import wait_until

TOLD = Counter("test_told_total", "For these tests.", "word")
TOOK = Histogram("test_took_seconds", "For these tests.", "word", bounds=(0.1, 1.0))


@pytest.fixture(autouse=True)
def _fresh() -> None:
    counters.discard_counts()


@pytest.fixture
def background(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a new thread flush the counts twenty times a second, until the test ends."""
    monkeypatch.setattr(counters, "INTERVAL", 0.05)
    counters._local_counts.reset()


def totals() -> dict[tuple[str, ...], float]:
    counters.flush_counts()
    return {
        field: number for field, number in counters.read_totals() if field[0].startswith("test_")
    }


def test_counts_are_added_to_the_stored_totals() -> None:
    TOLD.add("a")
    TOLD.add("b", amount=2)
    assert totals() == {("test_told_total", "a"): 1, ("test_told_total", "b"): 2}
    TOLD.add("a")
    assert totals()["test_told_total", "a"] == 2
    assert totals()["test_told_total", "a"] == 2


def test_a_duration_is_in_one_bucket_and_in_the_sum() -> None:
    for seconds in (0.05, 0.1, 0.5, 7):
        TOOK.observe(seconds, "a")
    name = "test_took_seconds"
    found = totals()
    assert found.pop((name, "a", "sum")) == pytest.approx(7.65)
    assert found == {(name, "a", "0.1"): 2, (name, "a", "1.0"): 1, (name, "a", "+Inf"): 1}


@pytest.mark.usefixtures("background")
def test_counts_are_flushed_in_the_background() -> None:
    TOLD.add("a")
    wait_until(lambda: redis.sync_client().hget(counters.KEY, '["test_told_total","a"]'), within=15)


@pytest.mark.usefixtures("background")
def test_an_error_does_not_end_the_background_flush(monkeypatch: pytest.MonkeyPatch) -> None:
    met = threading.Event()

    def fail(*_: object, **__: object) -> None:
        met.set()
        raise ValueError("of no Redis")

    with monkeypatch.context() as patch:
        patch.setattr(heartbeats, "report_heartbeat", fail)
        TOLD.add("a")
        assert met.wait(15)
    TOLD.add("b")
    wait_until(lambda: redis.sync_client().hget(counters.KEY, '["test_told_total","b"]'), within=15)


CHILD = """
import django; django.setup()
from observe.counters import Counter
told = Counter("test_told_total", "", "word")
for _ in range(1000):
    told.add("a")
"""


def test_processes_add_up_and_flush_when_they_end() -> None:
    env = {
        **os.environ,
        "PYTHONPATH": f"{settings.BASE_DIR}:{settings.BASE_DIR}/platform",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    command = [sys.executable, "-c", CHILD]
    children = [subprocess.Popen(command, env=env) for _ in range(3)]
    assert [child.wait(60) for child in children] == [0, 0, 0]
    assert totals() == {("test_told_total", "a"): 3000}


def test_a_forked_child_flushes_only_its_own_counts() -> None:
    TOLD.add("parent")
    pid = os.fork()
    if pid == 0:
        TOLD.add("child")
        counters.flush_counts()
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
    assert totals() == {("test_told_total", "parent"): 1, ("test_told_total", "child"): 1}


def test_counts_that_could_not_be_flushed_are_flushed_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    TOLD.add("a")
    nowhere = Redis(unix_socket_path="/nowhere.sock")
    with monkeypatch.context() as patch:
        patch.setattr(redis, "fail_fast_client", lambda: nowhere)
        with pytest.raises(RedisError):
            counters.flush_counts()
    TOLD.add("a")
    assert totals() == {("test_told_total", "a"): 2}

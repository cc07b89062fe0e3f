"""Counters of many processes add up, and survive an outage."""

import os
import subprocess
import sys
import threading

import pytest
from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

from core import counters, redis, vitals
from core.counters import Counter, Histogram
from tests.embedded.conditions import until

TOLD = Counter("test_told_total", "For these tests.", "word")
TOOK = Histogram("test_took_seconds", "For these tests.", "word", bounds=(0.1, 1.0))


@pytest.fixture(autouse=True)
def _fresh() -> None:
    counters.forget()


def totals() -> dict[tuple[str, ...], float]:
    counters.hand_on()
    return {field: number for field, number in counters.totals() if field[0].startswith("test_")}


def test_what_was_counted_is_added_to_what_is_there() -> None:
    TOLD.add("a")
    TOLD.add("b", by=2)
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


def test_it_is_handed_on_without_anybody_asking() -> None:
    TOLD.add("a")
    until(lambda: redis.client().hget(counters.KEY, '["test_told_total","a"]'), within=15)


def test_a_fault_in_between_does_not_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    met = threading.Event()

    def fail(*_: object, **__: object) -> None:
        met.set()
        raise ValueError("of no Redis")

    with monkeypatch.context() as patch:
        patch.setattr(vitals, "tell", fail)
        TOLD.add("a")
        assert met.wait(15)
    TOLD.add("b")
    until(lambda: redis.client().hget(counters.KEY, '["test_told_total","b"]'), within=15)


CHILD = """
import django; django.setup()
from core.counters import Counter
told = Counter("test_told_total", "", "word")
for _ in range(1000):
    told.add("a")
"""


def test_processes_add_up_and_hand_on_what_is_left_when_they_end() -> None:
    env = {
        **os.environ,
        "PYTHONPATH": f"{settings.BASE_DIR}:{settings.BASE_DIR}/platform",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    command = [sys.executable, "-c", CHILD]
    children = [subprocess.Popen(command, env=env) for _ in range(3)]
    assert [child.wait(60) for child in children] == [0, 0, 0]
    assert totals() == {("test_told_total", "a"): 3000}


def test_a_forked_child_tells_only_what_it_has_counted_itself() -> None:
    TOLD.add("parent")
    pid = os.fork()
    if pid == 0:
        TOLD.add("child")
        counters.hand_on()
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
    assert totals() == {("test_told_total", "parent"): 1, ("test_told_total", "child"): 1}


def test_what_cannot_be_handed_on_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    TOLD.add("a")
    nowhere = Redis(unix_socket_path="/nowhere.sock")
    with monkeypatch.context() as patch:
        patch.setattr(redis, "hasty_client", lambda: nowhere)
        with pytest.raises(RedisError):
            counters.hand_on()
    TOLD.add("a")
    assert totals() == {("test_told_total", "a"): 2}

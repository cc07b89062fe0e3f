"""Counters of all processes, added up in Redis: whichever process is asked answers for all.

A process gathers what it counts and hands it on once a second. While Redis is away it keeps that;
when it is killed, the last second is lost, which is why nothing is decided by these numbers.
"""

import atexit
import logging
import os
import threading
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import orjson
from django.db import transaction
from redis.exceptions import RedisError

from core import redis, vitals
from core.postgresql.base import DatabaseWrapper

KEY = "counters"  # hash: JSON [name, label values …] → number
INTERVAL = 1.0  # seconds between two deliveries
SUM = "sum"  # in the place of a bucket's bound
Field = tuple[str, ...]
log = logging.getLogger(__name__)


class Counter:
    """How often something has happened, by the values of its `labels`, which must be few."""

    def __init__(self, name: str, text: str, *labels: str) -> None:
        self.name, self.text, self.labels = name, text, labels
        FAMILIES[name] = self

    def add(self, *values: str, by: float = 1) -> None:
        """It has happened."""
        _gathered.add((self.name, *values), by)

    def after_commit(self, *values: str, by: float = 1) -> None:
        """It has happened if this transaction commits."""
        transaction.on_commit(lambda: self.add(*values, by=by), robust=True)


class Histogram(Counter):
    """How long something took: a counter for each bucket up to a bound in seconds, and the sum."""

    def __init__(self, name: str, text: str, *labels: str, bounds: tuple[float, ...]) -> None:
        super().__init__(name, text, *labels)
        self.bounds = bounds
        self.buckets = (*map(str, bounds), "+Inf")

    def observe(self, seconds: float, *values: str) -> None:
        """It took so long."""
        bucket = self.buckets[bisect_left(self.bounds, seconds)]
        _gathered.add((self.name, *values, bucket), 1, (self.name, *values, SUM), seconds)


FAMILIES: dict[str, Counter] = {}


class Gathered:
    """What this process has counted and not yet handed on."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Nothing yet: also in a forked child, where the rest is still its parent's to tell."""
        self._lock = threading.Lock()
        self._counts: dict[Field, float] = {}
        self._thread: threading.Thread | None = None

    def add(self, field: Field, by: float, other: Field | None = None, by_other: float = 0) -> None:
        """Count one field, or two at once."""
        with self._lock:
            self._counts[field] = self._counts.get(field, 0) + by
            if other is not None:
                self._counts[other] = self._counts.get(other, 0) + by_other
            if self._thread is None:
                self._thread = threading.Thread(target=deliver, name="counters", daemon=True)
                self._thread.start()

    def take(self) -> dict[Field, float]:
        """All of it; it is the caller's now."""
        with self._lock:
            counts, self._counts = self._counts, {}
        return counts


_gathered = Gathered()
os.register_at_fork(after_in_child=_gathered.begin)


def hand_on() -> None:
    """Add what was gathered to what Redis has; what it may not have got is kept.

    Raises:
        RedisError: it is away.
    """
    counts = _gathered.take()
    pipe = redis.hasty_client().pipeline(transaction=False)
    for field, by in counts.items():
        pipe.hincrbyfloat(KEY, orjson.dumps(field).decode(), by)
    try:
        pipe.execute()
    except RedisError:
        for field, by in counts.items():
            _gathered.add(field, by)
        raise


def forget() -> None:
    """Drop what was gathered in this process, and leave Redis as it is."""
    _gathered.take()


def deliver() -> None:
    """Hand on once a second for as long as the process lives, and tell how its pool is."""
    rest = threading.Event()
    while not rest.wait(INTERVAL):
        try:
            hand_on()
            vitals.tell("pool", **DatabaseWrapper.pool_numbers())
        except RedisError:
            continue  # what was counted is kept
        except Exception:
            log.exception("counters were not handed on")  # else the process is silent for good


@atexit.register
def _last() -> None:
    with suppress(RedisError):
        hand_on()


def totals() -> Iterator[tuple[Field, float]]:
    """Every field with its number, of all processes.

    Raises:
        RedisError: it is away.
    """
    found: Any = redis.hasty_client().hgetall(KEY)
    for field, number in found.items():
        yield tuple(orjson.loads(field)), float(number)

"""Counters of all processes, added up in Redis: every process can answer for all.

A process counts locally and adds its counts to Redis once a second. While Redis is
unavailable it keeps them; when it is killed, the last second is lost, which is why nothing
is decided by these numbers.
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
INTERVAL = 1.0  # seconds between two flushes
SUM = "sum"  # in the place of a bucket's bound
Field = tuple[str, ...]
log = logging.getLogger(__name__)


class Counter:
    """How often something has happened, by the values of its `labels`, which must be few."""

    def __init__(self, name: str, text: str, *labels: str) -> None:
        self.name, self.text, self.labels = name, text, labels
        FAMILIES[name] = self

    def add(self, *values: str, by: float = 1) -> None:
        """Count one event, or `amount` of them."""
        _gathered.add((self.name, *values), by)

    def after_commit(self, *values: str, by: float = 1) -> None:
        """Count it if this transaction commits."""
        transaction.on_commit(lambda: self.add(*values, by=by), robust=True)


class Histogram(Counter):
    """How long something took: a counter for each bucket with a bound in seconds, and the sum."""

    def __init__(self, name: str, text: str, *labels: str, bounds: tuple[float, ...]) -> None:
        super().__init__(name, text, *labels)
        self.bounds = bounds
        self.buckets = (*map(str, bounds), "+Inf")

    def observe(self, seconds: float, *values: str) -> None:
        """Count one duration."""
        bucket = self.buckets[bisect_left(self.bounds, seconds)]
        _gathered.add((self.name, *values, bucket), 1, (self.name, *values, SUM), seconds)


FAMILIES: dict[str, Counter] = {}


class Gathered:
    """What this process has counted and not yet flushed."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Start from nothing, also in a forked child: its parent flushes what it had counted."""
        self._lock = threading.Lock()
        self._counts: dict[Field, float] = {}
        self._thread: threading.Thread | None = None

    def add(self, field: Field, by: float, other: Field | None = None, by_other: float = 0) -> None:
        """Add to one field, or to two at once."""
        with self._lock:
            self._counts[field] = self._counts.get(field, 0) + by
            if other is not None:
                self._counts[other] = self._counts.get(other, 0) + by_other
            if self._thread is None:
                self._thread = threading.Thread(target=deliver, name="counters", daemon=True)
                self._thread.start()

    def take(self) -> dict[Field, float]:
        """Return all counts and start from nothing."""
        with self._lock:
            counts, self._counts = self._counts, {}
        return counts


_gathered = Gathered()
os.register_at_fork(after_in_child=_gathered.begin)


def hand_on() -> None:
    """Add the local counts to those in Redis; where that fails they are put back.

    Raises:
        RedisError: Redis does not answer.
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
    """Drop the local counts of this process, and leave Redis as it is."""
    _gathered.take()


def deliver() -> None:
    """Flush once a second while the process lives, and report the state of its pool."""
    rest = threading.Event()
    while not rest.wait(INTERVAL):
        try:
            hand_on()
            vitals.tell("pool", **DatabaseWrapper.pool_numbers())
        except RedisError:
            continue  # the counts were put back
        except Exception:
            log.exception("counters were not handed on")  # else the process would never flush again


@atexit.register
def _last() -> None:
    with suppress(RedisError):
        hand_on()


def totals() -> Iterator[tuple[Field, float]]:
    """Yield every field with its number, over all processes.

    Raises:
        RedisError: Redis does not answer.
    """
    found: Any = redis.hasty_client().hgetall(KEY)
    for field, number in found.items():
        yield tuple(orjson.loads(field)), float(number)

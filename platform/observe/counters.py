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

import orjson
from django.db import transaction
from redis.exceptions import RedisError

from core import heartbeats, redis
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

    def add(self, *values: str, amount: float = 1) -> None:
        """Count one event, or `amount` of them."""
        _local_counts.add((self.name, *values), amount)

    def add_after_commit(self, *values: str, amount: float = 1) -> None:
        """Count it if this transaction commits."""
        transaction.on_commit(lambda: self.add(*values, amount=amount), robust=True)


class Histogram(Counter):
    """How long something took: a counter for each bucket with a bound in seconds, and the sum."""

    def __init__(self, name: str, text: str, *labels: str, bounds: tuple[float, ...]) -> None:
        super().__init__(name, text, *labels)
        self.bounds = bounds
        self.buckets = (*map(str, bounds), "+Inf")

    def observe(self, seconds: float, *values: str) -> None:
        """Count one duration."""
        bucket = self.buckets[bisect_left(self.bounds, seconds)]
        _local_counts.add((self.name, *values, bucket), 1, (self.name, *values, SUM), seconds)


FAMILIES: dict[str, Counter] = {}


class LocalCounts:
    """What this process has counted and not yet flushed."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Start from nothing, also in a forked child: its parent flushes what it had counted."""
        self._lock = threading.Lock()
        self._counts: dict[Field, float] = {}
        self._thread: threading.Thread | None = None

    def add(
        self, field: Field, amount: float, other: Field | None = None, other_amount: float = 0
    ) -> None:
        """Add to one field, or to two at once."""
        with self._lock:
            self._counts[field] = self._counts.get(field, 0) + amount
            if other is not None:
                self._counts[other] = self._counts.get(other, 0) + other_amount
            if self._thread is None:
                self._thread = threading.Thread(
                    target=flush_periodically, name="counters", daemon=True
                )
                self._thread.start()

    def take(self) -> dict[Field, float]:
        """Return all counts and start from nothing."""
        with self._lock:
            counts, self._counts = self._counts, {}
        return counts


_local_counts = LocalCounts()
os.register_at_fork(after_in_child=_local_counts.reset)


def flush_counts() -> None:
    """Add the local counts to those in Redis; where that fails they are put back.

    Raises:
        RedisError: Redis does not answer.
    """
    counts = _local_counts.take()
    pipe = redis.fail_fast_client().pipeline(transaction=False)
    for field, amount in counts.items():
        pipe.hincrbyfloat(KEY, orjson.dumps(field).decode(), amount)
    try:
        pipe.execute()
    except RedisError:
        for field, amount in counts.items():
            _local_counts.add(field, amount)
        raise


def discard_counts() -> None:
    """Drop the local counts of this process, and leave Redis as it is."""
    _local_counts.take()


def flush_periodically() -> None:
    """Flush once a second while the process lives, and report the state of its pool."""
    pause = threading.Event()
    while not pause.wait(INTERVAL):
        try:
            flush_counts()
            heartbeats.report_heartbeat("pool", **DatabaseWrapper.pool_numbers())
        except RedisError:
            continue  # the counts were put back
        except Exception:
            log.exception("counters were not flushed")  # else the process would never flush again


@atexit.register
def _flush_at_exit() -> None:
    with suppress(RedisError):
        flush_counts()


def read_totals() -> Iterator[tuple[Field, float]]:
    """Yield every field with its number, over all processes.

    Raises:
        RedisError: Redis does not answer.
    """
    found = redis.fail_fast_client().hgetall(KEY)
    for field, number in found.items():
        yield tuple(orjson.loads(field)), float(number)

"""Helpers of the feed's tests: unsaved symbols, a running feed, conditions to wait for."""

import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from core import redis
from core.leader import Leadership
from market.feed.adapters.feed_adapter import FeedAdapter
from market.feed.runner import Feed
from market.models import Symbol
from market.quotes import tick_log
from market.quotes.tick_log import Tick
from tests import forked

NOON = 1_700_006_400_000 - 1_700_006_400_000 % 86_400_000 + 12 * 3_600_000  # unix ms
ROOT = Path(__file__).resolve().parents[3]


def unsaved_symbol(name: str, **fields: Any) -> Symbol:
    """Return a symbol for the intake, not stored."""
    return Symbol(name=name, **{"filter_percent": Decimal(5), **fields})


def published_ticks() -> list[Tick]:
    """Return every quote of the tick log, in order."""
    return [tick for batch in tick_log.read_batches_after(0) for tick in batch.ticks]


def wait_until(condition: Callable[[], object], within: float = 15.0) -> None:
    """Wait until the condition holds."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


@contextmanager
def running_feed(source: FeedAdapter) -> Iterator[Feed]:
    """Run a feed of this source in a thread, ready to accept quotes."""
    stop, leadership = threading.Event(), Leadership("feed")
    assert leadership.acquire(stop)
    feed = Feed(source, leadership, stop)

    def run() -> None:
        try:
            feed.run(stay=True)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        wait_until(lambda: redis.is_alive("feed"))
        yield feed
    finally:
        stop.set()
        thread.join(10)
        leadership.close()


class FeedProcess(forked.Process):
    """`manage.py run_feed` as a process of its own, on the test's database and Redis."""

    def __init__(self, words: tuple[str, ...], environment: dict[str, str]) -> None:
        name = connection.settings_dict["NAME"]
        database = f"{settings.DATABASE_URL.rpartition('/')[0]}/{name}"
        own = {"DATABASE_URL": database, "REDIS_URL": settings.REDIS_URL}
        self._files = (tempfile.TemporaryFile(), tempfile.TemporaryFile())  # noqa: SIM115
        command = ["manage.py", "run_feed", *words]
        super().__init__(command, {**os.environ, **own, **environment}, self._files)

    def output(self) -> tuple[str, str]:
        """Return what was written so far as result and as errors."""
        result, errors = (forked.read_all(file) for file in self._files)
        return result, errors

    def first_line(self) -> str:
        """Return the first line of the log."""
        wait_until(lambda: "\n" in self.output()[1])
        return self.output()[1].splitlines()[0]

    def communicate(self, timeout: float) -> tuple[str, str]:
        """Wait for the end; return what was written as result and as errors."""
        self.wait(timeout)
        return self.output()


@contextmanager
def feed_process(*words: str, **environment: str) -> Iterator[FeedProcess]:
    """Run the feed while the block runs."""
    process = FeedProcess(words, environment)
    try:
        yield process
    finally:
        process.kill()
        process.wait()

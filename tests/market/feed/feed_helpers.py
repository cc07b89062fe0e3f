"""Helpers of the feed's tests: unsaved symbols, a running feed, conditions to wait for."""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from subprocess import PIPE, Popen
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


@contextmanager
def feed_process(*words: str, **environment: str) -> Iterator["Popen[str]"]:
    """Run `manage.py run_feed` as a process of its own, on the test's database and Redis."""
    database = f"{settings.DATABASE_URL.rpartition('/')[0]}/{connection.settings_dict['NAME']}"
    env = {**os.environ, "DATABASE_URL": database, "REDIS_URL": settings.REDIS_URL, **environment}
    command = [sys.executable, str(ROOT / "manage.py"), "run_feed", *words]
    with Popen(command, env=env, cwd=ROOT, stdout=PIPE, stderr=PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()

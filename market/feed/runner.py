"""The feed's loop: take quotes in, publish them, wake the tasks, report being alive."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.db import Error, connection
from redis.exceptions import RedisError

from core import heartbeats
from core.clock import now_ms
from core.leader import Leadership
from market.feed import recovery
from market.feed.adapters.feed_adapter import FeedAdapter
from market.feed.backoff import Backoff
from market.feed.persister import Persister
from market.feed.publisher import Flush
from market.feed.task_waker import TaskWaker

DUTIES_INTERVAL = 1.0
T = TypeVar("T")
log = logging.getLogger(__name__)


class StoppedInOutage(Exception):
    """The process is to end while a server is unavailable."""


class Feed:
    """One run as the leading feed, from start to stop."""

    def __init__(self, adapter: FeedAdapter, leadership: Leadership, stop: threading.Event) -> None:
        self._adapter = adapter
        self._stop = stop
        self._persister = Persister(leadership)
        self._task_waker = TaskWaker()
        self._backoff = Backoff(f"feed {adapter.name}")
        self._duties_due = 0.0
        self.accepted = 0
        self.refused: Counter[str] = Counter()

    def run(self, *, stay: bool) -> None:
        """Run the feed until `stop`, or without `stay` until the adapter's last quote.

        Raises:
            Superseded: another feed has taken over.
        """
        try:
            self._start()
            self._persister.start()
            try:
                self._loop(stay=stay)
            finally:
                self._persister.stop()
        except StoppedInOutage:
            log.warning("feed: stopped while a server was unavailable")

    def _start(self) -> None:
        """Recover intake and publisher from what is stored, and start the adapter."""
        start = self._retry_until_available(
            lambda: recovery.prepare_start(
                resume=self._adapter.resumes, make_history=self._adapter.make_history
            )
        )
        connection.close()  # from here on only the persister uses the database
        self._intake, self._publisher = start.intake, start.publisher
        self._adapter.start(start.symbols, start.publisher.newest)

    def _loop(self, *, stay: bool) -> None:
        """Pump and flush until `stop`; without `stay` also end after the last quote."""
        more = True
        while not self._stop.is_set() and (more or stay):
            self._run_second_duties()
            more = self._retry_until_available(self._pump) if more else self._idle()
            self._flush()
        self._hand_to_persister()

    def _pump(self) -> bool:
        """Take quotes in for one FLUSH_INTERVAL; return False at the end of all."""
        until = time.monotonic() + settings.FLUSH_INTERVAL
        return self._adapter.pump(self._intake, until, self._stop)

    def _idle(self) -> bool:
        """Wait one FLUSH_INTERVAL; return False, as no more quotes come."""
        self._stop.wait(settings.FLUSH_INTERVAL)
        return False

    def _flush(self) -> None:
        """Publish what was collected, with the answers to push requests; wake the tasks."""
        collected, answers = self._intake.take_collected(), self._adapter.take_answers()
        flush = self._publisher.prepare(collected, answers, now_ms())
        if flush is not None:
            self._retry_until_available(lambda: self._publisher.send(flush))
            self._count_published(flush)
        self._task_waker.wake_if_due()

    def _count_published(self, flush: Flush) -> None:
        """Add the flush to the totals; notify the task waker of new quotes."""
        published = sum(len(batch.ticks) for batch in flush.batches)
        self.accepted += published
        for name, count in flush.refused.items():
            self.refused[name.rpartition(":")[2]] += count
        if published:
            self._task_waker.note_published(flush.batches)

    def _run_second_duties(self) -> None:
        """Report being alive, hand candles over and take changed symbols over, once a second.

        Everything accepted is published here, so candles and quotes are of one moment.
        """
        if time.monotonic() < self._duties_due:
            return
        self._duties_due = time.monotonic() + DUTIES_INTERVAL
        self._retry_until_available(self._publisher.report_alive)
        self._hand_to_persister()
        update = self._persister.take_symbols()
        if update is not None:
            self._intake.update_symbols(*update)
            self._adapter.update_symbols(update[0])
        self._report_heartbeat()

    def _report_heartbeat(self) -> None:
        """Report the feed's counts and the newest quote's age as its heartbeat."""
        newest = max((tick.received for tick in self._publisher.newest.values()), default=0)
        heartbeats.report_heartbeat(
            "feed",
            accepted=self.accepted,
            refused=self.refused.total(),
            waiting=self._intake.waiting,
            **({"newest_ms": max(0, now_ms() - newest)} if newest else {}),
        )

    def _hand_to_persister(self) -> None:
        """Queue changed candles and newest quotes for storing."""
        bars, quotes = self._intake.candles.take_changed(), self._publisher.take_changed()
        self._persister.offer(bars, quotes, self._publisher.last_batch)

    def _retry_until_available(self, work: Callable[[], T]) -> T:
        """Repeat `work` until the servers answer; return its result.

        Meanwhile the adapter waits, so no quote is dropped.

        Raises:
            StoppedInOutage: the process is to end before they answer.
        """
        while True:
            try:
                result = work()
            except (RedisError, Error) as error:
                if self._stop.wait(self._backoff.note_failure(error)):
                    raise StoppedInOutage from error
            else:
                self._backoff.note_success()
                return result

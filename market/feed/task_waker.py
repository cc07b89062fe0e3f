"""Wakes the Celery tasks that follow the tick log, at most every TASK_WAKE_INTERVAL."""

import time
from collections.abc import Sequence

from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from core import redis
from core.redis_keys import alive_key
from core.sections import list_tasks_after_quotes
from market.feed.backoff import Backoff
from market.feed.level_filter import LevelFilter
from market.quotes.awaited_levels import change_key, levels_key
from market.quotes.tick_log import Batch

EXPIRES_SECONDS = 5  # seconds; a later wake-up covers an older one
REPEAT_INTERVAL = 1.0  # seconds until a wake-up without effect is repeated without new quotes
RETRY_ONCE = {"max_retries": 1, "interval_start": 0, "interval_step": 0}


class TaskWaker:
    """Sends tasks by name, as the market may import no section that reads the tick log.

    A task is sent as long as quotes that it has not processed cross its levels, or its levels
    are unknown.
    """

    def __init__(self) -> None:
        self._backoff = Backoff("waking the tasks")
        self._next_wake = self._next_repeat = 0.0
        self._has_new_quotes = self._awaits_task = False
        self._filters = {name: LevelFilter() for name in list_tasks_after_quotes()}

    def note_published(self, batches: Sequence[Batch]) -> None:
        """Note that there are new quotes."""
        self._has_new_quotes = True
        for each in self._filters.values():
            each.add(batches)

    def wake_if_due(self) -> None:
        """Send the tasks when it is time; an unavailable broker is logged, never fatal.

        Without a running worker nothing is sent, so that the queue does not grow: a worker
        that starts goes on from its own checkpoint in the tick log.
        """
        now = time.monotonic()
        repeats = self._awaits_task and now >= self._next_repeat
        if now < self._next_wake or not (self._has_new_quotes or repeats):
            return
        self._next_wake = now + settings.TASK_WAKE_INTERVAL
        self._next_repeat = now + REPEAT_INTERVAL
        try:
            self._awaits_task = self._wake_tasks()
        except (OperationalError, RedisError, OSError) as error:
            self._next_wake += self._backoff.note_failure(error)
            return
        self._has_new_quotes = False
        self._backoff.note_success()

    def _wake_tasks(self) -> bool:
        """Send the tasks that are needed, if a worker lives; return whether one is needed."""
        keys = [key for name in self._filters for key in (levels_key(name), change_key(name))]
        found = redis.text_client().mget(alive_key("worker"), *keys)
        alive, *texts = found
        pairs = zip(texts[::2], texts[1::2], strict=True)
        needed = [
            name
            for (name, each), pair in zip(self._filters.items(), pairs, strict=True)
            if each.must_wake(*pair)
        ]
        if alive:
            for name in needed:
                current_app.send_task(name, expires=EXPIRES_SECONDS, retry_policy=RETRY_ONCE)
        return bool(needed)

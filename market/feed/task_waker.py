"""Wakes the Celery tasks that follow the tick log, at most every PATH_TASK_INTERVAL."""

import time

from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from core import redis
from core.sections import list_tasks_after_quotes
from market.feed.backoff import Backoff

EXPIRES_SECONDS = 5  # seconds; a later wake-up covers an older one
RETRY_ONCE = {"max_retries": 1, "interval_start": 0, "interval_step": 0}


class TaskWaker:
    """Sends tasks by name, as the market may import no section that reads the tick log."""

    def __init__(self) -> None:
        self._backoff = Backoff("waking the tasks")
        self._next_wake = 0.0
        self._pending = False

    def note_published(self) -> None:
        """Note that there are new quotes."""
        self._pending = True

    def wake_if_due(self) -> None:
        """Send the tasks when it is time; an unavailable broker is logged, never fatal.

        Without a running worker nothing is sent, so that the queue does not grow: a worker
        that starts goes on from its own checkpoint in the tick log.
        """
        now = time.monotonic()
        if not self._pending or now < self._next_wake:
            return
        self._next_wake = now + settings.PATH_TASK_INTERVAL
        try:
            if redis.is_alive("worker"):
                for name in list_tasks_after_quotes():
                    current_app.send_task(name, expires=EXPIRES_SECONDS, retry_policy=RETRY_ONCE)
        except (OperationalError, RedisError, OSError) as error:
            self._next_wake += self._backoff.note_failure(error)
            return
        self._pending = False
        self._backoff.note_success()

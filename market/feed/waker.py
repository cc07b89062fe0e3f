"""Wakes the Celery tasks that follow the tick log, at most every PATH_TASK_INTERVAL."""

import time

from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from core import redis
from core.sections import list_tasks_after_quotes
from market.feed.outage import Outage

EXPIRES = 5  # seconds; a later wake-up covers an older one
AT_ONCE = {"max_retries": 1, "interval_start": 0, "interval_step": 0}


class Waker:
    """Sends tasks by name, as the market may import no section that reads the tick log."""

    def __init__(self) -> None:
        self._outage = Outage("waking the tasks")
        self._due = 0.0
        self._pending = False

    def published(self) -> None:
        """Note that there are new quotes."""
        self._pending = True

    def wake(self) -> None:
        """Send the tasks when it is time; an unavailable broker is logged, never fatal.

        Without a running worker nothing is sent, so that the queue does not grow: a worker
        that starts goes on from its own checkpoint in the tick log.
        """
        now = time.monotonic()
        if not self._pending or now < self._due:
            return
        self._due = now + settings.PATH_TASK_INTERVAL
        try:
            if redis.alive("worker"):
                for name in list_tasks_after_quotes():
                    current_app.send_task(name, expires=EXPIRES, retry_policy=AT_ONCE)
        except (OperationalError, RedisError, OSError) as error:
            self._due += self._outage.failed(error)
            return
        self._pending = False
        self._outage.over()

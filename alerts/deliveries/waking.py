"""Tells a worker that deliveries are due: only a hint, as beat sends the same task."""

import logging

from celery import current_app
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from core import redis

TASK = "alerts.deliver"
EXPIRES = 10.0  # seconds; by then beat has sent the task
AT_ONCE = {"max_retries": 1, "interval_start": 0, "interval_max": 0}
log = logging.getLogger(__name__)


def wake() -> None:
    """Send the task if a worker is alive: otherwise unread tasks would pile up."""
    try:
        if redis.alive("worker"):
            current_app.send_task(TASK, expires=EXPIRES, retry_policy=AT_ONCE)
    except (RedisError, OperationalError) as error:
        log.warning("deliveries wait for beat: %s", error)

"""Tells a worker that deliveries are due: only a hint, as beat sends the same task."""

import logging

from celery import current_app
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from core import redis

DELIVER_TASK = "alerts.deliver"
TASK_EXPIRES = 10.0  # seconds; by then beat has sent the task
RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_max": 0}
log = logging.getLogger(__name__)


def wake_worker() -> None:
    """Send the task if a worker is alive: otherwise unread tasks would pile up."""
    try:
        if redis.is_alive("worker"):
            current_app.send_task(DELIVER_TASK, expires=TASK_EXPIRES, retry_policy=RETRY_POLICY)
    except (RedisError, OperationalError) as error:
        log.warning("deliveries wait for beat: %s", error)

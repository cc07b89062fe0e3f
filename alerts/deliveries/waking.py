"""Tells a worker that there is something to send: a hint, as beat asks as well."""

import logging

from celery import current_app
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from core import redis

TASK = "alerts.deliver"
EXPIRES = 10.0  # seconds: whoever comes later has been preceded by beat
AT_ONCE = {"max_retries": 1, "interval_start": 0, "interval_max": 0}
log = logging.getLogger(__name__)


def wake() -> None:
    """Send the task, unless no worker is there: unread ones would grow without end."""
    try:
        if redis.alive("worker"):
            current_app.send_task(TASK, expires=EXPIRES, retry_policy=AT_ONCE)
    except (RedisError, OperationalError) as error:
        log.warning("deliveries wait for beat: %s", error)

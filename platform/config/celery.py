"""The Celery application: `celery -A config worker`."""

import os
from contextlib import suppress
from typing import Any

from celery import Celery
from celery.signals import heartbeat_sent, worker_ready
from redis.exceptions import RedisError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("broker")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
@heartbeat_sent.connect
def say_alive(**_: Any) -> None:
    """Beat in Redis as every other process does, so that readiness is asked in one place."""
    from core import redis

    with suppress(RedisError):  # the next beat is two seconds away
        redis.beat("worker")

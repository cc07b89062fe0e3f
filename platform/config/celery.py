"""The Celery application: `celery -A config worker`."""

import os
from contextlib import suppress

from celery import Celery
from celery.signals import beat_init, heartbeat_sent, setup_logging, worker_init, worker_ready
from redis.exceptions import RedisError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("broker")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
@beat_init.connect
def refuse_unsafe_start(**_: object) -> None:
    """Refuse to start, as the web and stream processes do when they are imported."""
    from config import checks  # needs the settings and the apps

    checks.refuse_unsafe_start()


@setup_logging.connect
def keep_logging(**_: object) -> None:
    """Keep the logging of the settings: with a receiver here Celery adds no handlers."""


@worker_ready.connect
@heartbeat_sent.connect
def mark_worker_alive(**_: object) -> None:
    """Mark the worker alive in Redis, where readiness looks for every process."""
    from core import redis

    with suppress(RedisError):  # the next heartbeat follows in two seconds
        redis.mark_alive("worker")

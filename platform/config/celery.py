"""The Celery application: `celery -A config worker`."""

import os
from contextlib import suppress
from typing import Any

from celery import Celery
from celery.signals import beat_init, heartbeat_sent, setup_logging, worker_init, worker_ready
from redis.exceptions import RedisError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("broker")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
@beat_init.connect
def refuse_unsafe_start(**_: Any) -> None:
    """As the web and stream processes do when they are imported."""
    from config import checks  # needs the settings and the apps

    checks.refuse_unsafe_start()


@setup_logging.connect
def keep_logging(**_: Any) -> None:
    """The settings have arranged it: with a receiver here, Celery adds no handlers of its own."""


@worker_ready.connect
@heartbeat_sent.connect
def say_alive(**_: Any) -> None:
    """Beat in Redis as every other process does, so that readiness is asked in one place."""
    from core import redis

    with suppress(RedisError):  # the next beat is two seconds away
        redis.beat("worker")

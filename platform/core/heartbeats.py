"""The heartbeats of running processes: numbers in Redis, forgotten when a process stops."""

import os
import socket
from contextlib import suppress
from functools import cache
from typing import NamedTuple

import orjson
from redis.exceptions import RedisError

from core import redis
from core.clock import now_ms

KEY = "vitals"  # hash `<process>:<instance>` → [unix ms, {name: number}]
LIFE = redis.HEARTBEAT_LIFE * 1000  # ms after which a silent instance counts as gone
MS = 0.001  # to seconds, the unit of Prometheus
Numbers = dict[str, float]


class Gauge(NamedTuple):
    """The metric that one number of a process's heartbeat becomes."""

    process: str
    number: str
    name: str
    text: str
    factor: float = 1
    is_counter: bool = False  # since the process began


@cache
def instance_name() -> str:
    """Return this process's name among those of its kind; a forked child has another."""
    return f"{socket.gethostname()}-{os.getpid()}"


os.register_at_fork(after_in_child=instance_name.cache_clear)


def report_heartbeat(process: str, **numbers: float) -> None:
    """Store the numbers of `process`, once a second or so; skipped where Redis fails."""
    value = orjson.dumps([now_ms(), numbers])
    with suppress(RedisError):
        redis.fail_fast_client().hset(KEY, f"{process}:{instance_name()}", value)


def read_heartbeats() -> dict[str, dict[str, Numbers]]:
    """Return process → instance → numbers; delete those of instances silent for LIFE."""
    found: dict[str, dict[str, Numbers]] = {}
    stored = redis.text_client().hgetall(KEY)
    silent = []
    for field, value in stored.items():
        reported_ms, numbers = orjson.loads(value)
        process, _, name = field.partition(":")
        if reported_ms < now_ms() - LIFE:
            silent.append(field)
        else:
            found.setdefault(process, {})[name] = numbers
    if silent:
        redis.sync_client().hdel(KEY, *silent)
    return found

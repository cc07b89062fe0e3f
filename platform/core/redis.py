"""The Redis clients of this process, and the heartbeats of processes."""

from functools import cache

import redis
import redis.asyncio
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from core.redis_keys import alive_key

HEARTBEAT_LIFE = 10  # seconds after which a silent process counts as gone


@cache
def sync_client() -> "redis.Redis":
    """Return the process's synchronous client, which pools, reconnects and is fork safe."""
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=5, socket_connect_timeout=2, decode_responses=True
    )


@cache
def fail_fast_client() -> "redis.Redis":
    """Return a client for what no request may wait for: one retry, half a second each."""
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=0.5,
        socket_connect_timeout=0.5,
        decode_responses=True,
        retry=Retry(NoBackoff(), 1),
    )


def async_client() -> "redis.asyncio.Redis":
    """Return a new asyncio client for the running loop; its owner closes it."""
    return redis.asyncio.Redis.from_url(settings.REDIS_URL, decode_responses=True)


def mark_alive(process: str) -> None:
    """Record that `process` is alive, for HEARTBEAT_LIFE seconds."""
    sync_client().set(alive_key(process), "1", ex=HEARTBEAT_LIFE)


def is_alive(process: str) -> bool:
    """Return whether `process` was marked alive within HEARTBEAT_LIFE."""
    return bool(sync_client().exists(alive_key(process)))

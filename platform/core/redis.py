"""Redis clients of this process, and the heartbeats by which processes know of each other."""

from functools import cache

import redis
import redis.asyncio
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from core.redis_keys import alive_key

HEARTBEAT_LIFE = 10  # seconds after which a silent process counts as gone


@cache
def client() -> "redis.Redis":
    """The process's synchronous client; it pools and reconnects by itself, and is fork safe."""
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=5, socket_connect_timeout=2, decode_responses=True
    )


@cache
def hasty_client() -> "redis.Redis":
    """The same for what no request may wait for: one new attempt, half a second each."""
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=0.5,
        socket_connect_timeout=0.5,
        decode_responses=True,
        retry=Retry(NoBackoff(), 1),
    )


def async_client() -> "redis.asyncio.Redis":
    """A new asyncio client for the running loop; its owner closes it."""
    return redis.asyncio.Redis.from_url(settings.REDIS_URL, decode_responses=True)


def beat(process: str) -> None:
    """Say that `process` is alive."""
    client().set(alive_key(process), "1", ex=HEARTBEAT_LIFE)


def alive(process: str) -> bool:
    """Whether `process` said so within HEARTBEAT_LIFE."""
    return bool(client().exists(alive_key(process)))

"""The process's one Redis subscription: it holds the wanted channels and reconnects itself."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from core import redis

FIRST_DELAY, LONGEST_DELAY = 0.2, 5.0  # seconds between two attempts to connect
PING_AFTER = 5.0  # seconds without a message after which Redis is pinged
SUBSCRIBE_WITHIN = 2.0  # seconds that a subscription may take
log = logging.getLogger(__name__)


class RedisSubscription:
    """Subscribed to the channel `base` always, and to all that are wanted.

    `receive(channel, data)` gets the messages, `connected(client)` is awaited whenever
    `base` is subscribed and before its first message, `lost()` is called when an outage
    begins.
    """

    def __init__(
        self,
        base: str,
        receive: Callable[[str, str], None],
        connected: Callable[[Redis], Awaitable[None]],
        lost: Callable[[], None],
    ) -> None:
        self._base, self._receive, self._connected, self._lost = base, receive, connected, lost
        self.is_down = False
        self._ended = False  # redis-py may swallow a cancellation (asyncio.wait_for before 3.12)
        self._wanted: set[str] = set()
        self._changed = asyncio.Event()
        self._confirmed: set[str] = set()
        self._waiting: dict[str, asyncio.Event] = {}
        self._task: asyncio.Task[None] | None = None

    async def subscribe(self, channel: str) -> None:
        """Subscribe; return when Redis has confirmed it, or at once while it is unavailable."""
        self._wanted.add(channel)
        self._changed.set()
        if channel in self._confirmed or self.is_down:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(SUBSCRIBE_WITHIN):
                await self._waiting.setdefault(channel, asyncio.Event()).wait()

    def unsubscribe(self, channel: str) -> None:
        """Unsubscribe from the channel, without waiting."""
        self._wanted.discard(channel)
        self._changed.set()

    def start(self) -> None:
        """Begin to connect."""
        self._task = asyncio.create_task(self._run())

    def stop(self) -> None:
        """End the subscription."""
        self._ended = True
        self._changed.set()
        if self._task is not None:
            self._task.cancel()

    async def _run(self) -> None:
        delay = FIRST_DELAY
        while not self._ended:
            try:
                await self._hold_connection()
            except* (RedisError, OSError, TimeoutError) as errors:
                log.warning("Redis is unavailable: %s", errors.exceptions[0])
            except* Exception:
                log.exception("the subscription failed")
            delay = min(delay * 2, LONGEST_DELAY) if self.is_down else FIRST_DELAY
            self._mark_down()
            await asyncio.sleep(delay)

    def _mark_down(self) -> None:
        self._confirmed.clear()
        for waiting in self._waiting.values():
            waiting.set()
        self._waiting.clear()
        if not self.is_down:
            self.is_down = True
            self._lost()

    async def _hold_connection(self) -> None:
        client = redis.async_client()
        client.set_retry(Retry(NoBackoff(), 0))  # a silent reconnection would hide a gap
        pubsub = client.pubsub()
        try:
            async with asyncio.timeout(SUBSCRIBE_WITHIN):
                await pubsub.subscribe(self._base)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._listen(pubsub, client))
                group.create_task(self._update_channels(pubsub))
        finally:
            with suppress(RedisError, OSError):
                await pubsub.aclose()  # type: ignore[no-untyped-call]  # redis-py types it not
                await client.aclose()

    async def _update_channels(self, pubsub: PubSub) -> None:
        subscribed: set[str] = set()
        while not self._ended:
            self._changed.clear()
            wanted = set(self._wanted)
            if new := wanted - subscribed:
                await pubsub.subscribe(*new)
            if gone := subscribed - wanted:
                self._confirmed -= gone
                await pubsub.unsubscribe(*gone)
            subscribed = wanted
            await self._changed.wait()

    async def _listen(self, pubsub: PubSub, client: Redis) -> None:
        asked = False
        while not self._ended:
            message = await pubsub.get_message(timeout=PING_AFTER)
            if message is not None:
                asked = False
                await self._handle_message(message, client)
            elif asked:
                raise RedisConnectionError("no answer")
            else:
                asked = True
                await pubsub.ping()

    async def _handle_message(self, message: dict[str, Any], client: Redis) -> None:
        kind, channel = message["type"], message["channel"]
        if kind == "message":
            try:
                self._receive(channel, message["data"])
            except (ValueError, TypeError, LookupError) as error:
                log.error("a message on %s was not understood: %r", channel, error)
        elif kind == "unsubscribe":
            self._confirmed.discard(channel)
        elif kind == "subscribe" and channel == self._base:
            await self._connected(client)
            self.is_down = False
        elif kind == "subscribe":
            self._confirmed.add(channel)
            if channel in self._waiting:
                self._waiting.pop(channel).set()

"""The Redis clients of this process, and the heartbeats of processes."""

import hashlib
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Protocol

import redis
import redis.asyncio
from django.conf import settings
from redis.backoff import NoBackoff
from redis.connection import AbstractConnection
from redis.exceptions import NoScriptError, ResponseError
from redis.retry import Retry
from redis.typing import EncodableT

from core.redis_keys import alive_key

StreamEntry = tuple[str, dict[str, str]]  # its id and its fields
Command = Sequence[EncodableT]
MOST_TRIES = 2  # where a connection turns out to be broken
HEARTBEAT_LIFE = 10  # seconds after which a silent process counts as gone


@cache
def sync_client() -> "redis.Redis":
    """Return the process's synchronous client, which pools, reconnects and is fork safe."""
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=5, socket_connect_timeout=2, decode_responses=True
    )


class TextReads(Protocol):
    """Reads as our clients answer them, in text: redis-py's types have bytes as well."""

    def get(self, name: str) -> str | None: ...

    def mget(self, *names: str) -> list[str | None]: ...

    def hgetall(self, name: str) -> dict[str, str]: ...

    def xrange(
        self,
        name: str,
        *,
        min: str,  # noqa: A002
        max: str = "+",  # noqa: A002
        count: int,
    ) -> list[StreamEntry]: ...

    def xread(
        self, streams: Mapping[str, str], *, count: int, block: int | None
    ) -> list[tuple[str, list[StreamEntry]]] | None: ...

    def xrevrange(self, name: str, *, count: int) -> list[StreamEntry]: ...

    def pubsub_channels(self, pattern: str) -> list[str]: ...


def text_client() -> TextReads:
    """Return `sync_client` with the types of what it reads."""
    client: Any = sync_client()
    return client  # type: ignore[no-any-return]  # it decodes


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


class ThreadConnection:
    """A connection of a client that each thread keeps, for what every request asks.

    It does without the client's pool, retries and metrics, which cost several times as much as
    the round trip. In all else it is the client's own: address, TLS, timeouts, decoding.
    """

    def __init__(self, client: "Callable[[], redis.Redis]") -> None:
        self._client = client
        self._threads = threading.local()

    def execute(self, *commands: Command) -> list[object]:
        """Send the commands at once; return the answer of each.

        They may be executed twice where an answer is lost.

        Raises:
            ResponseError: Redis refuses one; the others are executed.
            RedisError: Redis does not answer.
        """
        for tries_left in reversed(range(MOST_TRIES)):
            connection = self._connection()
            try:
                return self._exchange(connection, commands)
            except (redis.ConnectionError, redis.TimeoutError):
                if not tries_left:
                    raise
        raise AssertionError("the last try returns or raises")

    @staticmethod
    def _exchange(connection: Any, commands: Sequence[Command]) -> list[object]:
        answers: list[object] = []
        refused: ResponseError | None = None
        try:
            connection.send_packed_command(connection.pack_commands(commands))
            for _ in commands:
                try:
                    answers.append(connection.read_response())
                except ResponseError as error:
                    refused = refused or error
        except BaseException:  # an answer that was not read would be the next request's
            connection.disconnect()
            raise
        if refused is not None:
            raise refused
        return answers

    def _connection(self) -> AbstractConnection:
        """Return this thread's connection of the present client, in this process."""
        client, held = self._client(), self._threads.__dict__
        if held.get("owner") != (id(client), os.getpid()):
            pool = client.connection_pool
            # Not by `make_connection`: the pool would count it for ever, also after its thread.
            held["connection"] = pool.connection_class(**pool.connection_kwargs)
            held["owner"] = id(client), os.getpid()
            held["client"] = client  # no other client gets its id
        connection: AbstractConnection = held["connection"]
        return connection


class RedisScript:
    """A Lua script, sent by a `ThreadConnection`. It may run twice where its answer is lost."""

    def __init__(self, connection: ThreadConnection, text: str) -> None:
        self._connection, self._text = connection, text
        self._digest = hashlib.sha1(text.encode()).hexdigest()  # noqa: S324 - as Redis names it

    def run(self, keys: Sequence[str], arguments: Sequence[EncodableT]) -> Any:
        """Run the script and return its result.

        Raises:
            RedisError: Redis does not answer, or refuses.
        """
        rest = len(keys), *keys, *arguments
        try:
            return self._connection.execute(("EVALSHA", self._digest, *rest))[0]
        except NoScriptError:
            return self._connection.execute(("EVAL", self._text, *rest))[0]


thread_connection = ThreadConnection(sync_client)
fast_thread_connection = ThreadConnection(fail_fast_client)


def async_client() -> "redis.asyncio.Redis":
    """Return a new asyncio client for the running loop; its owner closes it."""
    return redis.asyncio.Redis.from_url(settings.REDIS_URL, decode_responses=True)


def mark_alive(process: str) -> None:
    """Record that `process` is alive, for HEARTBEAT_LIFE seconds."""
    sync_client().set(alive_key(process), "1", ex=HEARTBEAT_LIFE)


def is_alive(process: str) -> bool:
    """Return whether `process` was marked alive within HEARTBEAT_LIFE."""
    return bool(sync_client().exists(alive_key(process)))

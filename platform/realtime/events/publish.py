"""Announcements to the stream processes over Redis: a hint, never the truth.

What is lost here (Redis down, a process killed after its commit) the stream makes up from
the event log, so a failure is logged and the committed request goes on.
"""

import logging
from collections.abc import Iterable
from typing import NamedTuple

import orjson
from redis.client import Pipeline
from redis.exceptions import RedisError

from core import redis
from realtime.events.types import WireArray

log = logging.getLogger(__name__)
ACCOUNT_PREFIX = "account:"


class FloatingMessage(NamedTuple):
    """An account's lossy frames by key; `seq`: the last event that they include."""

    login: int
    seq: int
    frames: dict[str, WireArray]


def account_channel(login: int) -> str:
    """Return the Redis channel of one account's events and control messages."""
    return f"{ACCOUNT_PREFIX}{login}"


def publish_events(login: int, first: int, wires: list[WireArray]) -> None:
    """Announce to the account's sockets events committed as seq `first`, `first`+1, …"""
    _publish(account_channel(login), {"first": first, "events": wires})


def publish_events_of_many(found: Iterable[tuple[int, int, list[WireArray]]]) -> None:
    """Announce the events of many logins, each with its first seq, in one round trip."""
    pipe = redis.sync_client().pipeline(transaction=False)
    for login, first, wires in found:
        pipe.publish(account_channel(login), orjson.dumps({"first": first, "events": wires}))
    _execute_or_warn(pipe, "events were not announced: %s")


def connected_logins() -> set[int]:
    """Return the logins that a stream process listens for; none if Redis fails."""
    try:
        channels = redis.text_client().pubsub_channels(f"{ACCOUNT_PREFIX}*")
    except RedisError as error:
        log.warning("who is connected is not known: %s", error)
        return set()
    return {int(channel.removeprefix(ACCOUNT_PREFIX)) for channel in channels}


def count_listeners(login: int) -> int:
    """Return how many stream processes have sockets of the account.

    Raises:
        RedisError: Redis does not answer.
    """
    found = redis.sync_client().pubsub_numsub(account_channel(login))
    return int(found[0][1])


def publish_floating(messages: Iterable[FloatingMessage]) -> None:
    """Send figures that follow the market: never logged, so what is lost stays lost."""
    pipe = redis.sync_client().pipeline(transaction=False)
    for login, seq, frames in messages:
        pipe.publish(account_channel(login), orjson.dumps({"floating": frames, "seq": seq}))
    _execute_or_warn(pipe, "floating figures were not sent: %s")


def publish_session_end(login: int, jti: str = "", *, spared_jti: str | None = None) -> None:
    """Close the account's sockets: those of token `jti`, or all but the spared token's."""
    spared = {"spared": spared_jti} if spared_jti else {}
    _publish(account_channel(login), {"end": jti, **spared})


def _publish(channel: str, message: dict[str, object]) -> None:
    try:
        redis.sync_client().publish(channel, orjson.dumps(message))
    except RedisError as error:
        log.warning("not announced on %s: %s", channel, error)


def _execute_or_warn(pipe: Pipeline, warning: str) -> None:
    try:
        pipe.execute()
    except RedisError as error:
        log.warning(warning, error)

"""Announce to the stream processes over Redis: a hint, never the truth.

What is lost here (Redis down, a process killed after its commit) the consumers close from the
event log, so a failure is logged and the committed request goes on.
"""

import logging

import orjson
from redis.exceptions import RedisError

from core import redis
from realtime.events import Wire

log = logging.getLogger(__name__)


def account_channel(login: int) -> str:
    """The Redis channel of one account's events and control messages."""
    return f"account:{login}"


def account(login: int, first: int, wires: list[Wire]) -> None:
    """Tell the account's sockets the events that were committed as seq `first`, `first`+1, …"""
    _send(account_channel(login), {"first": first, "events": wires})


def session_ended(login: int, jti: str = "", *, spared_jti: str = "") -> None:
    """Close the account's sockets: those of token `jti`, or all but the spared token's."""
    spared = {"spared": spared_jti} if spared_jti else {}
    _send(account_channel(login), {"end": jti, **spared})


def _send(channel: str, message: dict[str, object]) -> None:
    try:
        redis.client().publish(channel, orjson.dumps(message))
    except RedisError as error:
        log.warning("not announced on %s: %s", channel, error)

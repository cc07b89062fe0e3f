"""Announcements of what a unit has committed: all in one round trip to Redis, after the commit.

They are hints: the stream closes gaps from the event log, the engine reconciles its book.
"""

import logging
from collections.abc import Sequence
from itertools import chain

import orjson
from redis.exceptions import RedisError

from core import redis
from realtime.events.publish import account_channel
from trading.book_updates import BOOK_STREAM, MAX_ENTRIES, encode_book_update
from trading.unit.locked_account import LockedAccount

log = logging.getLogger(__name__)


def publish_changes(changed: Sequence[LockedAccount]) -> list[str]:
    """Send the events to the accounts' sockets and the changed orders to the engine.

    Returns the ids of the book updates, none if Redis fails.
    """
    commands: list[redis.Command] = []
    for locked in changed:
        changes = locked.changes
        if changes.events:
            message = {"first": changes.first_seq, "events": changes.events}
            commands.append(("PUBLISH", account_channel(locked.login), orjson.dumps(message)))
        update = locked.book_update()
        if update is not None:
            fields = chain.from_iterable(encode_book_update(update).items())
            commands.append(("XADD", BOOK_STREAM, "MAXLEN", "~", MAX_ENTRIES, "*", *fields))
    try:
        answers = redis.thread_connection.execute(*commands)
    except RedisError as error:
        log.warning("a change was not announced: %s", error)
        return []
    return [answer for answer in answers if isinstance(answer, str)]

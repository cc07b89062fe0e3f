"""The newest quotes of all symbols as this process last read them, valid while their version stays.

Every write of newest quotes moves a version in its transaction, so one round trip either says
that nothing has moved or brings all quotes; of these only the changed ones are decoded. A quote
is never older than the request that asks for it.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from core import redis
from core.redis_keys import LAST_FLUSH, QUOTES, QUOTES_VERSION

NO_VERSION = " "  # what SCRIPT returns where neither key exists: nothing is known of the quotes
# KEYS: version, last flush, quotes. ARGV: the version that the process has. Returns that version
# if it is still the one, else the present one and all quotes. The feed's place counts as well: a
# feed of an older release does not move the version.
SCRIPT = """
local version = (redis.call('GET', KEYS[1]) or '') .. ' ' .. (redis.call('GET', KEYS[2]) or '')
if version == ARGV[1] then return version end
return {version, redis.call('HGETALL', KEYS[3])}
"""


@dataclass(frozen=True, slots=True, eq=False)
class SharedQuotes:
    """All newest quotes of one version, and what was derived from them alone."""

    version: str
    values: dict[str, str]  # symbol → entry of the hash, not decoded
    quotes: dict[str, Any] = field(default_factory=dict)  # symbol → `Quote`, once asked for
    rates: dict[Any, Any] = field(default_factory=dict)  # of `Converter.find_shared_rate`


_current = SharedQuotes(NO_VERSION, {})


def current_shared_quotes() -> SharedQuotes:
    """Return the newest quotes, read again only if they have moved; one round trip.

    Raises:
        RedisError: Redis does not answer.
    """
    global _current  # noqa: PLW0603 - a slow thread may put an older one here: the next read sees it
    shared = _current
    known = "" if shared.version == NO_VERSION else shared.version
    answer: Any = _script.run([QUOTES_VERSION, LAST_FLUSH, QUOTES], [known])
    if isinstance(answer, str):
        return shared
    version, entries = answer
    _current = shared = SharedQuotes(version, dict(zip(entries[::2], entries[1::2], strict=True)))
    return shared


def queue_newest_quotes(pipe: Any, quotes: Mapping[str, Iterable[Any]]) -> None:
    """Add the write of newest quotes to the transaction; they are `StoredQuote`s by symbol."""
    pipe.hset(QUOTES, mapping={name: orjson.dumps(tuple(quote)) for name, quote in quotes.items()})
    pipe.set(QUOTES_VERSION, uuid.uuid4().hex)


_script = redis.RedisScript(redis.thread_connection, SCRIPT)

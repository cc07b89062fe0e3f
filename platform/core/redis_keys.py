"""Redis keys that several packages use, and the two documents that quotes have there.

A key that one module alone reads and writes is defined there.
"""

from typing import NamedTuple

import orjson

QUOTES = "quotes"  # hash of the newest quotes: symbol → JSON of a `StoredQuote`
QUOTES_VERSION = "quotes:version"  # another text after every write of QUOTES
LAST_FLUSH = "feed:place"  # `<token of the feed>:<number of its last flush>`
LAST_BACKUP = "backup:last"  # unix seconds of the newest backup by `manage.py backup`
# Pub/sub, one message a flush of the feed: a JSON list of `PublishedQuote`s, the newest one of
# each symbol that moved.
QUOTES_CHANNEL = "quotes"


class StoredQuote(NamedTuple):
    """A value of the hash `QUOTES`; times in unix ms, `time` is the source's."""

    bid: float
    ask: float
    time: int
    received: int
    number: int

    @classmethod
    def decode(cls, value: str | bytes) -> "StoredQuote":
        return cls(*orjson.loads(value))


class PublishedQuote(NamedTuple):
    """A quote as the stream sends it; `ctm` is the source's time in unix seconds."""

    symbol: str
    bid: float
    ask: float
    ctm: int


def alive_key(process: str) -> str:
    """Return the key that exists while the process beats (`core.redis.mark_alive`)."""
    return f"alive:{process}"

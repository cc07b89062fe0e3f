"""The levels that a task after the quotes waits for, published in Redis by the task itself.

The feed wakes the task only for quotes that cross them. So they may be too narrow, but never
too wide: whoever writes what the task has to watch calls `mark_changed` after the commit, and
levels published before that, by a run that may not have seen the row, count no more. Levels
that are missing, unreadable or older than LIFE wake the task at any quote.
"""

import secrets
from contextlib import suppress
from typing import NamedTuple

import orjson
from redis.exceptions import RedisError

from core import redis
from market.quotes.quote_ranges import SideLevels

LIFE = 10  # seconds that levels count without being published again


class AwaitedLevels(NamedTuple):
    """Levels that hold for the quotes after `batch`, read after the change mark `change`."""

    batch: int
    change: str
    levels: SideLevels

    @classmethod
    def decode(cls, text: str) -> "AwaitedLevels | None":
        """Return the levels, or None where the text is of no use."""
        try:
            batch, change, (bids, asks, *sums) = orjson.loads(text)
            sides = [
                {symbol: (float(up), float(down), float(ends)) for symbol, (up, down, ends) in each}
                for each in (side.items() for side in (bids, asks, *sums))
            ]
            return cls(int(batch), str(change), sides)
        except (ValueError, TypeError, AttributeError):
            return None


def levels_key(task: str) -> str:
    """Return the key of the task's levels."""
    return f"awaited:{task}"


def change_key(task: str) -> str:
    """Return the key of the task's change mark, which differs after each change."""
    return f"awaited:{task}:change"


def mark_changed(task: str) -> None:
    """Let no published levels count until the task has run; for after the commit of a row.

    Where Redis fails, the task finds the row at beat's next wake-up.
    """
    with suppress(RedisError):
        redis.fail_fast_client().set(change_key(task), secrets.token_hex(8))


def read_change(task: str) -> str:
    """Return the change mark; to be read before the rows that the levels come from."""
    found = redis.text_client().get(change_key(task))
    return found or ""


def publish_levels(task: str, levels: AwaitedLevels) -> None:
    """Publish the levels for LIFE; for after the commit that makes them true."""
    text = orjson.dumps(tuple(levels))
    with suppress(RedisError):
        redis.fail_fast_client().set(levels_key(task), text, ex=LIFE)

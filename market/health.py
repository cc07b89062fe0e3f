"""Whether quotes come in."""

from typing import Any

import orjson

from core import redis
from core.clock import now_ms
from market.quotes import LATEST, decoded

SILENCE = 60  # seconds without any quote after which something is wrong


def checks() -> list[tuple[str, bool, str]]:
    """The age of the newest quote of all, by the time of receipt.

    Raises:
        RedisError: Redis does not answer.
    """
    quotes: Any = redis.client().hgetall(LATEST)  # text to text: the client decodes
    if not quotes:
        return [("quotes", False, "none yet")]
    newest = max(decoded(name, orjson.loads(value)).received for name, value in quotes.items())
    age = max(0.0, (now_ms() - newest) / 1000)
    return [("quotes", age <= SILENCE, f"of {len(quotes)} symbols, the newest {age:.1f} s old")]

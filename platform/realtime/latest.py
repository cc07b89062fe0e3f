"""What the feed leaves in Redis for the stream, and which symbols exist.

Hash `quotes`: symbol → JSON `[bid, ask, time, received, number]`, times in unix milliseconds
(written by the market's feed). Channel `quotes`: JSON `[[symbol, bid, ask, ctm], …]`, `ctm` in
unix seconds, one message a flush, the newest quote of each symbol that moved.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from django.db.models.functions import Upper
from redis.asyncio import Redis

from core import json
from core.sections import load_contributions

CHANNEL = "quotes"
LATEST = "quotes"
NAME = re.compile(r"[!-~]{1,16}")  # what a symbol may be called, in either case


class Quote(NamedTuple):
    """A symbol's newest prices; `ctm` is unix seconds."""

    symbol: str
    bid: float
    ask: float
    ctm: int


async def all_of(client: Redis) -> list[Quote]:
    """The newest quote of every symbol that ever had one."""
    found = await client.hgetall(LATEST)
    return [
        Quote(str(symbol), bid, ask, time // 1000)
        for symbol, value in found.items()
        for bid, ask, time, *_ in [json.loads(value)]
    ]


def published(message: str) -> Iterator[Quote]:
    """The quotes of one message of the channel."""
    return (Quote(*quote) for quote in json.loads(message))


def existing(upper_names: list[str]) -> list[str]:
    """The symbols of these names, which are given in upper case; one query."""
    [model] = load_contributions("symbol_model")
    symbols = model.objects.annotate(upper=Upper("name")).filter(upper__in=upper_names)
    return list(symbols.values_list("name", flat=True))

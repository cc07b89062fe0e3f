"""What the feed leaves in Redis for the stream, and which symbols exist.

Hash `quotes`: symbol → JSON `[bid, ask, time, received, number]`, times in unix
milliseconds (written by the market's feed), `number` the sequence number. Channel `quotes`:
JSON `[[symbol, bid, ask, ctm], …]`, `ctm` in unix seconds, one message a flush, the newest
quote of each symbol that moved.
"""

import re
from collections.abc import Iterator

from django.db.models.functions import Upper
from redis.asyncio import Redis

from core import json
from core.redis_keys import QUOTES, PublishedQuote, StoredQuote
from core.sections import load_contributions

SYMBOL_NAME = re.compile(r"[!-~]{1,16}")  # what a symbol may be called, in either case


async def load_newest_quotes(client: Redis) -> list[PublishedQuote]:
    """Return the newest quote of every symbol that ever had one."""
    found = await client.hgetall(QUOTES)
    return [
        PublishedQuote(str(symbol), quote.bid, quote.ask, quote.time // 1000)
        for symbol, value in found.items()
        for quote in [StoredQuote.decode(value)]
    ]


def parse_quotes(message: str) -> Iterator[PublishedQuote]:
    """Yield the quotes of one message of the channel."""
    return (PublishedQuote(*quote) for quote in json.loads(message))


def existing_symbols(upper_names: list[str]) -> list[str]:
    """Return the symbols of these names, which are given in upper case; one query."""
    [model] = load_contributions("symbol_model")
    symbols = model.objects.annotate(upper=Upper("name")).filter(upper__in=upper_names)
    return list(symbols.values_list("name", flat=True))

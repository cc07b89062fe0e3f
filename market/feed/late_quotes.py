"""Quotes that came too late to be traded, in a stream of their own: only candles read it.

An entry has the id of its batch; the tradable quotes of that batch, if any, are in the tick
log.
"""

from collections.abc import Iterator, Sequence

import orjson
from redis.client import Pipeline

from core import redis
from market.feed.intake import OldQuote
from market.quotes.tick_log import BATCHES_AT_ONCE, entry_id

OLD_QUOTES = "feed:old"  # stream; field `b` JSON [[symbol, bid, time in unix ms], …]
OLD_QUOTE_TIMES = "feed:old-times"  # hash symbol → time of its newest old quote, unix ms


def queue_old_quotes(pipe: Pipeline, batch: int, quotes: Sequence[OldQuote], oldest: int) -> None:
    """Add a batch's old quotes to a transaction; trim entries from before batch `oldest`."""
    name = entry_id(batch)
    pipe.xadd(OLD_QUOTES, {"b": orjson.dumps(quotes)}, id=name, minid=oldest, approximate=True)
    pipe.hset(OLD_QUOTE_TIMES, mapping={symbol: time for symbol, _, time in quotes})


def read_old_quotes_after(batch: int) -> Iterator[tuple[int, list[OldQuote]]]:
    """Yield what was published after `batch`, oldest first: the batch and its old quotes."""
    while True:
        entries = redis.text_client().xrange(
            OLD_QUOTES, min=f"({entry_id(batch)}", count=BATCHES_AT_ONCE
        )
        for name, fields in entries:
            batch = int(name.split("-")[0])
            yield (
                batch,
                [(symbol, bid, time) for symbol, bid, time in _decode_old_quotes(fields["b"])],
            )
        if len(entries) < BATCHES_AT_ONCE:
            return


def read_old_quote_times() -> dict[str, int]:
    """Return the source time of each symbol's newest old quote, in unix ms."""
    found = redis.text_client().hgetall(OLD_QUOTE_TIMES)
    return {symbol: int(time) for symbol, time in found.items()}


def _decode_old_quotes(data: str) -> list[OldQuote]:
    """Parse the field `b` of an entry."""
    found: list[OldQuote] = orjson.loads(data)
    return found

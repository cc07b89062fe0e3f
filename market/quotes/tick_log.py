"""The tick log: every accepted quote in the order of receipt, as a stream of batches in Redis.

One entry a flush, id `<batch>-1`, one field `b` with JSON `{"q": [[symbol, bid, ask, time,
received], …], "p": {symbol: [bid, ask, received]}}`: the quotes in order, and for each
symbol in them its previous quote (absent for the very first).

Prices are JSON numbers, times unix milliseconds. The sequence number of quote i is `batch ·
BATCH_SIZE + i`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import orjson
from django.db.models import Max
from redis.exceptions import RedisError

from core import redis
from core.money import exact_decimal
from core.redis import StreamEntry
from market.models import LastQuote
from market.quotes.quote import BATCH_SIZE, Quote

TICK_LOG = "path"
BATCHES_AT_ONCE = 200  # batches read in one round trip


class Tick(NamedTuple):
    """A quote of the tick log; its prices are floats, which compare exactly as written."""

    symbol: str
    bid: float
    ask: float
    time: int
    received: int
    seq_no: int

    def to_quote(self) -> Quote:
        """Return the same with decimal prices, for amounts of money."""
        return Quote(
            self.symbol,
            exact_decimal(self.bid),
            exact_decimal(self.ask),
            self.time,
            self.received,
            self.seq_no,
        )


class PreviousQuote(NamedTuple):
    """The last quote of a symbol before a batch."""

    bid: float
    ask: float
    received: int


@dataclass(frozen=True, slots=True)
class Batch:
    """What one flush appended to the tick log."""

    number: int
    ticks: list[Tick]
    previous: dict[str, PreviousQuote]

    def encode(self) -> bytes:
        """Return the JSON of the stream entry."""
        previous = {symbol: tuple(quote) for symbol, quote in self.previous.items()}
        return orjson.dumps({"q": [tick[:5] for tick in self.ticks], "p": previous})

    @classmethod
    def decode(cls, number: int, data: str | bytes) -> "Batch":
        """Return the batch of this number from the JSON of its stream entry."""
        raw = orjson.loads(data)
        first = number * BATCH_SIZE
        return cls(
            number,
            [Tick._make((*quote, first + i)) for i, quote in enumerate(raw["q"])],
            {symbol: PreviousQuote(*before) for symbol, before in raw["p"].items()},
        )


def entry_id(batch: int) -> str:
    """Return the Redis id of a batch; a number below 0 stands for the start of the stream."""
    return f"{max(batch, 0)}-1"


def batch_of(seq_no: int) -> int:
    """Return the batch that a sequence number belongs to."""
    return seq_no // BATCH_SIZE


def last_seq_no(batch: int) -> int:
    """Return the highest number that a quote of the batch can have; later batches go beyond it."""
    return (batch + 1) * BATCH_SIZE - 1


def decode_entries(entries: Iterable[StreamEntry]) -> Iterator[Batch]:
    """Yield the batches from what XRANGE or XREAD returned for the stream."""
    for entry_id_, fields in entries:
        yield Batch.decode(int(entry_id_.split("-")[0]), fields["b"])


def read_batches_after(batch: int) -> Iterator[Batch]:
    """Yield all batches published after `batch`, oldest first, read in portions."""
    return decode_entries(_read_entries(batch))


def read_batches_with(symbols: Iterable[str], first: int, last: int) -> Iterator[Batch]:
    """Yield the batches from `first` to `last` that hold a quote of one of the symbols.

    Entries without one are not decoded, which costs most of the time.
    """
    quotes = [orjson.dumps([symbol]).decode().removesuffix("]") + "," for symbol in symbols]
    for entry in _read_entries(first - 1, entry_id(last)):
        data = entry[1]["b"]
        if any(quote in data for quote in quotes):
            yield from decode_entries([entry])


def _read_entries(after: int, last: str = "+") -> Iterator[StreamEntry]:
    """Yield the stream's entries after a batch up to the id `last`, read in portions."""
    begin = entry_id(after)
    while True:
        entries = redis.text_client().xrange(
            TICK_LOG, min=f"({begin}", max=last, count=BATCHES_AT_ONCE
        )
        yield from entries
        if len(entries) < BATCHES_AT_ONCE:
            return
        begin = entries[-1][0]


def newest_batch_number() -> int:
    """Return the number of the newest batch, 0 before the first."""
    entries = redis.text_client().xrevrange(TICK_LOG, count=1)
    return int(entries[0][0].split("-")[0]) if entries else 0


def newest_seq_no() -> int:
    """Return the highest sequence number that a quote can have by now.

    It does not go by a clock, which may differ from the feed's. Where Redis is unavailable
    or has come back empty, it is the highest one in the database, about a second old.
    """
    try:
        batch = newest_batch_number()
    except RedisError:
        batch = 0
    if batch:
        return last_seq_no(batch)
    return LastQuote.objects.aggregate(newest=Max("number"))["newest"] or 0

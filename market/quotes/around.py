"""A symbol's prices around a time: from the tick log, or minute candles where it is trimmed."""

from collections.abc import Collection

from redis.exceptions import RedisError

from market.enums import Resolution
from market.models import Candle
from market.quotes import tick_log
from market.quotes.tick_log import Tick

QUOTES_AROUND = 30_000  # ms before and after
CANDLES_AROUND = 1800  # seconds


def read_ticks_around(symbols: Collection[str], seq_no: int) -> list[Tick]:
    """Return the symbols' quotes around the batch that holds a sequence number.

    Empty where the tick log no longer has that batch, or Redis is unavailable.
    """
    wanted = tick_log.batch_of(seq_no)
    first, last = wanted - QUOTES_AROUND, wanted + QUOTES_AROUND
    try:
        around = list(tick_log.read_batches_with(symbols, first, last))
    except RedisError:
        return []
    if not any(batch.number == wanted for batch in around):
        return []
    return [tick for batch in around for tick in batch.ticks if tick.symbol in symbols]


def read_bids_around(symbol: str, at: int) -> list[tuple[int, float]]:
    """Return unix ms and bid of the minute candles around `at` (unix seconds).

    Each candle gives its four prices.
    """
    rows = Candle.objects.filter(
        symbol=symbol,
        resolution=Resolution.MINUTE,
        time__gte=at - CANDLES_AROUND,
        time__lte=at + CANDLES_AROUND,
    ).order_by("time")
    return [
        ((row.time + offset) * 1000, float(price))
        for row in rows
        for offset, price in ((0, row.open), (20, row.high), (40, row.low), (59, row.close))
    ]

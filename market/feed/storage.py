"""Candles and newest quotes in PostgreSQL: what survives Redis and a restart of the feed.

Both are written in one transaction, after their quotes were published, with the checkpoint
up to which the stored candles are complete: of the tick log, and of the old quotes outside
it.
"""

from collections.abc import Iterable
from itertools import islice

from django.db import connection, models, transaction

from core.money import exact_decimal
from market.enums import Resolution
from market.feed.candles import BUCKET_LENGTHS, CandleBar, CandleKey
from market.models import Candle, CandleCheckpoint, LastQuote, Symbol
from market.quotes import tick_log
from market.quotes.tick_log import Tick

# The join leaves out what an administrator has deleted in the meantime.
CANDLES = """
INSERT INTO market_candle (symbol, resolution, time, open, high, low, close, volume)
SELECT n.* FROM unnest(%s::text[], %s::int[], %s::bigint[], %s::numeric[], %s::numeric[],
    %s::numeric[], %s::numeric[], %s::bigint[])
    AS n (symbol, resolution, time, open, high, low, close, volume)
JOIN market_symbol s ON s.name = n.symbol
ON CONFLICT (symbol, resolution, time) DO UPDATE SET open = excluded.open,
    high = excluded.high, low = excluded.low, close = excluded.close, volume = excluded.volume
"""
QUOTES = """
INSERT INTO market_lastquote (symbol, bid, ask, time, received, number)
SELECT n.* FROM unnest(%s::text[], %s::numeric[], %s::numeric[], %s::bigint[], %s::bigint[],
    %s::bigint[]) AS n (symbol, bid, ask, time, received, number)
JOIN market_symbol s ON s.name = n.symbol
ON CONFLICT (symbol) DO UPDATE SET bid = excluded.bid, ask = excluded.ask,
    time = excluded.time, received = excluded.received, number = excluded.number
WHERE excluded.number > market_lastquote.number
"""
COPY_ROWS = 10_000  # that are sent together
COPY_CANDLES = """
COPY market_candle (symbol, resolution, time, open, high, low, close, volume) FROM STDIN
"""
CHECKPOINT = """
INSERT INTO market_candleplace (id, batch) VALUES (1, %s)
ON CONFLICT (id) DO UPDATE SET batch = greatest(market_candleplace.batch, excluded.batch)
"""


def save_candles_and_quotes(
    bars: Iterable[CandleBar], quotes: Iterable[Tick], checkpoint: int = 0
) -> None:
    """Replace the rows of these candles and newest quotes, in one transaction.

    They hold all that was published up to batch `checkpoint`; 0 leaves the checkpoint as it
    is.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        for query, rows in ((CANDLES, bars), (QUOTES, quotes)):
            columns = [list(map(_to_decimal, column)) for column in zip(*rows, strict=True)]
            if columns:
                cursor.execute(query, columns)
        if checkpoint:
            cursor.execute(CHECKPOINT, [checkpoint])


def copy_candles(bars: Iterable[CandleBar]) -> int:
    """Insert many candles, none of which is stored yet, in one transaction; return how many."""
    count = 0
    with transaction.atomic(), connection.cursor() as cursor, cursor.copy(COPY_CANDLES) as copy:
        lines = ("\t".join(map(str, bar)) + "\n" for bar in bars)
        while portion := list(islice(lines, COPY_ROWS)):
            copy.write("".join(portion))
            count += len(portion)
    return count


def select_without_past(symbols: Iterable[Symbol]) -> list[Symbol]:
    """Return those of the symbols that have neither a candle nor a quote."""
    candles = Candle.objects.filter(symbol=models.OuterRef("pk"))
    found = Symbol.objects.filter(~models.Exists(candles), last_quote=None)
    names = set(found.values_list("name", flat=True))
    return [symbol for symbol in symbols if symbol.name in names]


def read_checkpoint() -> int:
    """Return the batch up to which the stored candles are complete."""
    newest = LastQuote.objects.aggregate(newest=models.Max("number"))["newest"] or 0
    row = CandleCheckpoint.objects.first()  # none was written before this release
    return max(tick_log.batch_of(newest), row.batch if row else 0)


def read_newest_times() -> set[int]:
    """Return the starts of the symbols' last stored minutes, in unix ms.

    Further quotes may still belong to these candles.
    """
    names = list(Symbol.objects.values_list("name", flat=True))
    newest = Candle.objects.newest(names, Resolution.MINUTE, 1)
    return {candles[0].time * 1000 for candles in newest.values()}


def read_stored_bars(times: Iterable[int]) -> dict[CandleKey, CandleBar]:
    """Return the stored candles whose buckets hold these times (unix ms), to be continued."""
    wanted = models.Q(pk__in=[])
    moments = set(times)
    for resolution, length in BUCKET_LENGTHS:
        begins = {moment // 1000 - moment // 1000 % length for moment in moments}
        wanted |= models.Q(resolution=resolution, time__in=begins)
    found: dict[CandleKey, CandleBar] = {}
    for row in Candle.objects.filter(wanted):
        prices = (float(row.open), float(row.high), float(row.low), float(row.close))
        key = (row.symbol_id, row.resolution, row.time)
        found[key] = CandleBar(*key, *prices, row.volume)
    return found


def read_last_quotes() -> dict[str, Tick]:
    """Return the stored newest quote of each symbol."""
    return {
        row.symbol_id: Tick(
            row.symbol_id, float(row.bid), float(row.ask), row.time, row.received, row.number
        )
        for row in LastQuote.objects.all()
    }


def read_unquoted_prices() -> dict[str, float]:
    """Return the last close of each symbol that has candles but no quote."""
    missing = set(Symbol.objects.filter(last_quote=None).values_list("name", flat=True))
    found: dict[str, float] = {}
    for resolution in Resolution:  # of the shortest candles the last one is the newest
        if not missing:
            break
        newest = Candle.objects.newest(sorted(missing), resolution, 1)
        found.update((name, float(candles[0].close)) for name, candles in newest.items())
        missing -= newest.keys()
    return found


def _to_decimal(value: object) -> object:
    """Return floats as exact decimals, everything else unchanged."""
    return exact_decimal(value) if isinstance(value, float) else value

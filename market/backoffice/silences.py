"""Times without quotes of a symbol: while its market was closed, and outages while it was open."""

from decimal import Decimal
from typing import NamedTuple

from django.db import connection

from core.clock import DAY_S, MINUTE_S
from market.enums import Resolution, TradeMode
from market.feed.gaps import open_ms_between
from market.models import Symbol
from market.sessions import timetable

LONGEST_SEARCH = 7 * DAY_S  # seconds of minute candles that are read, the newest
MOST = 20  # times, the newest
SILENCES = """
SELECT time, close, next_time, next_open FROM (
    SELECT time, close, lead(time) OVER candles AS next_time, lead(open) OVER candles AS next_open
    FROM market_candle
    WHERE symbol = %s AND resolution = %s AND time >= %s AND time < %s
    WINDOW candles AS (ORDER BY time)
) AS candle
WHERE coalesce(next_time, %s) - time > %s
ORDER BY time DESC LIMIT %s
"""


class Silence(NamedTuple):
    """A time without quotes, from the minute after the last one to the minute of the next.

    Times are unix seconds; `after` is None while it goes on. It is an outage if the market was open
    for longer than the symbol's `quote_timeout`.
    """

    begin: int
    end: int
    before: Decimal
    after: Decimal | None
    is_outage: bool


def read_silences(symbol: Symbol, begin: int, end: int) -> list[Silence]:
    """Return the times without quotes between two unix seconds, newest first."""
    first = max(begin, end - LONGEST_SEARCH)
    least = MINUTE_S + symbol.quote_timeout
    values = (symbol.name, int(Resolution.MINUTE), first, end, end, least, MOST)
    with connection.cursor() as cursor:
        cursor.execute(SILENCES, values)
        rows: list[tuple[int, Decimal, int | None, Decimal | None]] = cursor.fetchall()
    return [
        _silence(symbol, time + MINUTE_S, end if next_time is None else next_time, before, after)
        for time, before, next_time, after in rows
    ]


def _silence(
    symbol: Symbol, begin: int, end: int, before: Decimal, after: Decimal | None
) -> Silence:
    hours = timetable.current_timetable().hours_of(symbol, None)
    opened = 0
    if symbol.trade != TradeMode.NO:
        opened = open_ms_between(hours, begin * 1000, end * 1000)
    return Silence(begin, end, before, after, opened > symbol.quote_timeout * 1000)

"""Bars of any length for charts, aggregated from the stored candles."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from django.db import connection

from core.clock import DAY_S, HOUR_S, MINUTE_S, now
from market.enums import Resolution
from market.models import Candle, Symbol

FIRST_MONDAY = -3 * DAY_S  # unix time begins on a Thursday
MOST_BARS = 5_000  # of one answer: the newest of the range

FIXED_BUCKET = "time - (time - %(origin)s) %% %(length)s"
MONTH_BUCKET = """extract(epoch FROM
    date_trunc('month', to_timestamp(time) AT TIME ZONE 'UTC') AT TIME ZONE 'UTC')::bigint"""
# The base rows are counted before they are grouped, so that no range costs more than its bars.
BARS = """
SELECT bucket, (array_agg(open ORDER BY time))[1], max(high), min(low),
       (array_agg(close ORDER BY time DESC))[1], sum(volume)::bigint
FROM (
    SELECT *, {bucket} AS bucket
    FROM market_candle
    WHERE symbol = %(symbol)s AND resolution = %(base)s AND time >= %(first)s AND time < %(end)s
    ORDER BY time DESC
    LIMIT %(rows)s
) base
GROUP BY bucket ORDER BY bucket DESC LIMIT %(bars)s
"""


BarRow = tuple[int, Decimal, Decimal, Decimal, Decimal, int]  # time, open, high, low, close, volume


@dataclass(frozen=True)
class ChartResolution:
    """A chart's resolution: the most seconds a bar has, the stored candles it is made of, a start.

    Bars of equal length are counted from `origin`.
    """

    seconds: int
    base: Resolution
    origin: int = 0
    bucket: str = FIXED_BUCKET  # SQL for the start of the bar that holds `time`

    def bar_begin(self, time: int) -> int:
        """Return the start of the bar that holds `time`, in unix seconds."""
        return time - (time - self.origin) % self.seconds

    def next_bar_begin(self, time: int) -> int:
        """Return the start of the first bar that begins at `time` or later."""
        begin = self.bar_begin(time)
        return begin if begin == time else self.bar_begin(begin + self.seconds)


class MonthResolution(ChartResolution):
    """A bar a calendar month, in UTC."""

    def bar_begin(self, time: int) -> int:
        day = datetime.fromtimestamp(time, UTC)
        return int(datetime(day.year, day.month, 1, tzinfo=UTC).timestamp())


CHART_RESOLUTIONS = {
    "1": ChartResolution(MINUTE_S, Resolution.MINUTE),
    "5": ChartResolution(5 * MINUTE_S, Resolution.MINUTE),
    "15": ChartResolution(15 * MINUTE_S, Resolution.MINUTE),
    "30": ChartResolution(30 * MINUTE_S, Resolution.MINUTE),
    "60": ChartResolution(HOUR_S, Resolution.HOUR),
    "240": ChartResolution(4 * HOUR_S, Resolution.HOUR),
    "1D": ChartResolution(DAY_S, Resolution.DAY),
    "1W": ChartResolution(7 * DAY_S, Resolution.DAY, FIRST_MONDAY),
    "1M": MonthResolution(31 * DAY_S, Resolution.DAY, bucket=MONTH_BUCKET),
}


def build_chart(
    symbol: Symbol,
    resolution: str,
    *,
    begin: int = 0,
    end: int | None = None,
    countback: int | None = None,
) -> dict[str, object]:
    """Return the answer of `GET /market/history`, after the UDF convention.

    Bars that begin in [`begin`, `end`), or the last `countback` of those before `end`, at
    most MOST_BARS. Times are unix seconds; `end` is now where it is None.
    """
    chart_resolution = CHART_RESOLUTIONS[resolution]
    end = now() + 1 if end is None else end
    first = 0 if countback else chart_resolution.next_bar_begin(begin)
    rows = read_bars(symbol.name, chart_resolution, first, end, countback or MOST_BARS)
    if rows:
        names = ("t", "o", "h", "l", "c", "v")
        return {"s": "ok", **dict(zip(names, zip(*reversed(rows), strict=True), strict=True))}
    earlier = Candle.objects.newest_time(symbol.name, chart_resolution.base, before=first)
    return {
        "s": "no_data",
        "nextTime": earlier if earlier is None else chart_resolution.bar_begin(earlier),
    }


def read_bars(
    symbol: str, resolution: ChartResolution, first: int, end: int, most: int
) -> list[BarRow]:
    """Return the newest bars that begin in [`first`, `end`), at most `most`, newest first.

    The last bar is complete, also where `end` lies within it.
    """
    values: dict[str, str | int] = {
        "symbol": symbol,
        "base": int(resolution.base),
        "length": resolution.seconds,
        "origin": resolution.origin,
        "first": first,
        "end": resolution.next_bar_begin(max(end, 0)),
        "rows": most * resolution.seconds // (resolution.base * MINUTE_S),
        "bars": most,
    }
    with connection.cursor() as cursor:
        cursor.execute(BARS.format(bucket=resolution.bucket), values)
        rows: list[BarRow] = cursor.fetchall()
    return rows

"""The highest and the lowest bid of a symbol in a time, from the stored candles."""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Q

from core.clock import DAY_S, HOUR_S, MINUTE_S
from market.enums import Resolution
from market.models import Candle

LENGTHS = {Resolution.DAY: DAY_S, Resolution.HOUR: HOUR_S, Resolution.MINUTE: MINUTE_S}


class Extreme(NamedTuple):
    """A price, and the unix second at which its candle begins; a minute where there is one."""

    price: Decimal
    time: int


class PriceExtremes(NamedTuple):
    """The highest and the lowest price, each where it came first."""

    high: Extreme
    low: Extreme


class _CandleRow(NamedTuple):
    resolution: int
    time: int
    high: Decimal
    low: Decimal


def read_bid_extremes(symbol: str, begin: int, end: int) -> PriceExtremes | None:
    """Return the extremes of the candles in [`begin`, `end`), unix seconds; None without any.

    Of a minute in which the time begins or ends nothing counts, as its candle holds other quotes
    too. Whole days and hours are read as such: a year is some hundreds of rows.
    """
    first, last = -(-begin // MINUTE_S) * MINUTE_S, end - end % MINUTE_S
    wanted = Q(pk__in=[])
    for resolution, since, until in _cover(first, last):
        wanted |= Q(resolution=resolution, time__gte=since, time__lt=until)
    columns = _CandleRow._fields
    rows = [
        _CandleRow(*row)
        for row in Candle.objects.filter(wanted, symbol=symbol).values_list(*columns)
    ]
    if not rows:
        return None
    highest = max(rows, key=lambda row: (row.high, -row.time))
    lowest = min(rows, key=lambda row: (row.low, row.time))
    return PriceExtremes(
        Extreme(highest.high, _find_time(symbol, highest, "high")),
        Extreme(lowest.low, _find_time(symbol, lowest, "low")),
    )


def _cover(begin: int, end: int) -> Iterator[tuple[Resolution, int, int]]:
    """Yield the fewest ranges of whole candles that make up [`begin`, `end`), whole minutes."""
    hours = -(-begin // HOUR_S) * HOUR_S, end - end % HOUR_S
    days = -(-begin // DAY_S) * DAY_S, end - end % DAY_S
    if days[0] < days[1]:
        yield Resolution.DAY, *days
        yield Resolution.HOUR, hours[0], days[0]
        yield Resolution.HOUR, days[1], hours[1]
    elif hours[0] < hours[1]:
        yield Resolution.HOUR, *hours
    if hours[0] < hours[1]:
        yield Resolution.MINUTE, begin, hours[0]
        yield Resolution.MINUTE, hours[1], end
    else:
        yield Resolution.MINUTE, begin, end


def _find_time(symbol: str, row: _CandleRow, column: str) -> int:
    """Return the start of the first minute, or hour, within the candle that has its extreme."""
    time, length = row.time, LENGTHS[Resolution(row.resolution)]
    for resolution in (Resolution.HOUR, Resolution.MINUTE):
        if LENGTHS[resolution] >= length:
            continue
        found = Candle.objects.filter(
            symbol=symbol,
            resolution=resolution,
            time__gte=time,
            time__lt=time + length,
            **{column: getattr(row, column)},
        ).order_by("time")
        first = found.values_list("time", flat=True).first()
        if first is None:
            break
        time, length = first, LENGTHS[resolution]
    return time

"""The price around a firing as an SVG, from the path, or from minute candles once that is gone.

Only attributes of shapes: no script, no style, so any content security policy shows it.
"""

from collections.abc import Sequence
from itertools import takewhile
from typing import NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from redis.exceptions import RedisError

from alerts.enums import TARGET, Side
from alerts.models import AlertLog
from backoffice.columns import NOTHING, utc
from core.json import plain
from core.money import exact
from market import path
from market.enums import Resolution
from market.models import Candle

WIDTH, HEIGHT, MARGIN = 640, 200, 24
QUOTES_AROUND = 30_000  # ms before and after the firing
CANDLES_AROUND = 1800  # seconds
FRAME = """<svg viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" aria-label="{title}"
 font-size="11" fill="currentColor"><title>{title}</title>
<polyline points="{line}" fill="none" stroke="currentColor" stroke-width="1.5"/>
{target}<circle cx="{x}" cy="{y}" r="4" fill="#dc2626"/>
<text x="4" y="{top}">{high}</text><text x="4" y="{bottom}">{low}</text>
<text x="{w}" y="{bottom}" text-anchor="end">{times}</text></svg>"""
TARGET_LINE = """<line x1="0" x2="{}" y1="{}" y2="{}" stroke="#2563eb" stroke-dasharray="4 3"/>"""


class Dot(NamedTuple):
    """A price (a bid from candles) at a time in unix ms."""

    time: int
    price: float


def chart(log: AlertLog) -> SafeString | str:
    """The chart with the alert's level and the quote that fired, or a dash where nothing is left.

    The evidence itself, the previous and the triggering price, is of the row, not of the chart.
    """
    dots, source = _quotes(log), "quotes"
    if not dots:
        dots, source = _candles(log), "bid candles of a minute"
    if not dots:
        return NOTHING
    fired = Dot(log.quote_time, float(log.triggered_price))
    level = float(log.target_price) if log.condition in TARGET else None
    return _drawn(dots, fired, level, f"{log.symbol} {Side(log.side).label}, {source}")


def _quotes(log: AlertLog) -> list[Dot]:
    """Those of the symbol around the batch that fired, if the path still has it."""
    fired = path.batch_of(log.quote_number)
    try:
        around = list(
            takewhile(
                lambda batch: batch.number <= fired + QUOTES_AROUND,
                path.after(fired - QUOTES_AROUND),
            )
        )
    except RedisError:
        return []
    if not any(batch.number == fired for batch in around):
        return []
    return [
        Dot(tick.time, tick.bid if log.side == Side.BID else tick.ask)
        for batch in around
        for tick in batch.ticks
        if tick.symbol == log.symbol
    ]


def _candles(log: AlertLog) -> list[Dot]:
    """Each candle's four prices, so that what it reached is seen."""
    rows = Candle.objects.filter(
        symbol=log.symbol,
        resolution=Resolution.MINUTE,
        time__gte=log.triggered_at - CANDLES_AROUND,
        time__lte=log.triggered_at + CANDLES_AROUND,
    ).order_by("time")
    return [
        Dot((row.time + offset) * 1000, float(price))
        for row in rows
        for offset, price in ((0, row.open), (20, row.high), (40, row.low), (59, row.close))
    ]


def _drawn(dots: Sequence[Dot], fired: Dot, level: float | None, title: str) -> SafeString:
    """Time to the right, price upwards; level and firing are always inside."""
    prices = [dot.price for dot in (*dots, fired)] + ([] if level is None else [level])
    times = [dot.time for dot in (*dots, fired)]
    low, high, begin, end = min(prices), max(prices), min(times), max(times)

    def at(dot: Dot) -> tuple[str, str]:
        across = (dot.time - begin) / ((end - begin) or 1)
        up = (dot.price - low) / ((high - low) or 1)
        return f"{across * WIDTH:.1f}", f"{HEIGHT - MARGIN - up * (HEIGHT - 2 * MARGIN):.1f}"

    x, y = at(fired)
    height = at(Dot(begin, level))[1] if level is not None else ""
    return format_html(
        FRAME, w=WIDTH, h=HEIGHT, title=title, x=x, y=y, top=MARGIN - 8, bottom=HEIGHT - 6,
        line=format_html_join(" ", "{},{}", map(at, dots)), high=plain(exact(high)),
        low=plain(exact(low)), times=f"{utc(begin // 1000)} to {utc(end // 1000)}",
        target=format_html(TARGET_LINE, WIDTH, height, height) if height else "",
    )  # fmt: skip

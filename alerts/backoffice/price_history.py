"""The prices that an alert watched, with its levels, drawn from candles."""

from functools import partial

from alerts.backoffice.alert_distance import levels_of
from alerts.backoffice.watched_alert import WatchedAlert
from backoffice.widgets.content import CaptionedChart
from backoffice.widgets.price_chart import (
    AMBER,
    ChartLevel,
    ChartLine,
    ChartPoint,
    draw_chart,
    levels_in_view,
)
from core.numbers import is_digits
from market.backoffice.symbol_prices import format_symbol_price
from market.quotes.charts import CHART_RESOLUTIONS, read_bars

MOST_BARS = 240
FAR_SPANS = 20  # a level is drawn up to so many times the span of the bids away


def draw_price_history(watched: WatchedAlert) -> CaptionedChart | None:
    """Draw the highest and lowest prices of the watched side; None without candles.

    The candles are the shortest of which the time has at most MOST_BARS. They have bids: asks are
    those with the spread now.
    """
    symbol, begin, end = watched.symbol.name, watched.begin, watched.end
    names = list(CHART_RESOLUTIONS)
    fitting = (
        name for name in names if (end - begin) // CHART_RESOLUTIONS[name].seconds < MOST_BARS
    )
    name = next(fitting, names[-1])
    resolution = CHART_RESOLUTIONS[name]
    bars = read_bars(symbol, resolution, resolution.bar_begin(begin), end, MOST_BARS)
    if not bars:
        return None
    text = partial(format_symbol_price, symbol=symbol)
    high = [ChartPoint(bar[0] * 1000, float(watched.as_seen(bar[2]))) for bar in reversed(bars)]
    low = [ChartPoint(bar[0] * 1000, float(watched.as_seen(bar[3]))) for bar in reversed(bars)]
    lines = [ChartLine(high), ChartLine(low, AMBER)]
    levels = dict.fromkeys(levels_of(watched.state))
    named = [ChartLevel(text(level), float(level)) for level in levels]
    near = levels_in_view(named, lines, [], FAR_SPANS)
    chart = draw_chart(f"{symbol}, {watched.side}", lines, near, [], text)
    length = f"{resolution.seconds // 60} min" if is_digits(name) else name
    side = watched.side
    caption = f"plain line: highest {side}, amber line: lowest {side}, each of {length}"
    far = [f"level {level.name} is far away" for level in named if level not in near]
    return CaptionedChart(chart, ", ".join([caption, *(["dashed: level"] if near else far)]))

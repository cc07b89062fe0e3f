"""The bids since a time with an alert's levels, drawn from candles."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial

from backoffice.widgets.content import CaptionedChart
from backoffice.widgets.price_chart import (
    AMBER,
    ChartLevel,
    ChartLine,
    ChartPoint,
    draw_chart,
    levels_in_view,
)
from market.backoffice.symbol_prices import format_symbol_price
from market.quotes.charts import CHART_RESOLUTIONS, read_bars

MOST_BARS = 240
FAR_SPANS = 20  # a level is drawn up to so many times the span of the bids away


def draw_price_history(
    symbol: str, begin: int, end: int, levels: Sequence[Decimal]
) -> CaptionedChart | None:
    """Draw the highest and lowest bids from `begin` to `end` (unix seconds); None without candles.

    The candles are the shortest of which the time has at most MOST_BARS.
    """
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
    highs = ChartLine([ChartPoint(bar[0] * 1000, float(bar[2])) for bar in reversed(bars)])
    lows = ChartLine([ChartPoint(bar[0] * 1000, float(bar[3])) for bar in reversed(bars)], AMBER)
    named = [ChartLevel(text(level), float(level)) for level in dict.fromkeys(levels)]
    near = levels_in_view(named, [highs, lows], [], FAR_SPANS)
    chart = draw_chart(f"{symbol}, bid", [highs, lows], near, [], text)
    length = f"{resolution.seconds // 60} min" if name.isdigit() else name
    caption = f"plain line: highest bid, amber line: lowest bid, each of {length}"
    far = [f"level {level.name} is far away" for level in named if level not in near]
    return CaptionedChart(chart, ", ".join([caption, *(["dashed: level"] if near else far)]))

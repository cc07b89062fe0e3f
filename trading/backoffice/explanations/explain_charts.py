"""Charts of the quotes around a fill or a margin action, with what happened at them."""

from collections.abc import Callable
from functools import partial

from backoffice.widgets.content import CaptionedChart
from backoffice.widgets.price_chart import (
    AMBER,
    BLUE,
    GREEN,
    RED,
    ChartLevel,
    ChartLine,
    ChartMark,
    ChartPoint,
    draw_chart,
    levels_in_view,
)
from market.backoffice.symbol_prices import format_symbol_price
from market.quotes.around import read_bids_around, read_ticks_around
from trading.evidence.quotes_around import QuoteRow
from trading.models import Fill, MarginAction

MAX_CHARTS = 4  # charts of one margin action
QUOTES_CAPTION = "plain line: bid, amber line: ask"
CANDLES_CAPTION = "line: bid, from candles of a minute"


def fill_chart(fill: Fill) -> CaptionedChart | None:
    """Return the quotes around the fill with price, stop loss and take profit.

    None where no quotes are stored.
    """
    symbol = fill.trade.symbol_id
    if not symbol or len(fill.quote) != 5:
        return None
    rows: list[QuoteRow] = fill.around
    lines, caption = quote_lines(rows), QUOTES_CAPTION
    if len(rows) < 2:
        lines, caption = candle_lines(symbol, fill.time), CANDLES_CAPTION
    mark = ChartMark(
        f"{fill.kind} at {format_symbol_price(fill.price, symbol)}",
        ChartPoint(quote_time(fill.quote), float(fill.price)),
    )
    order_levels = (("stop loss", fill.trade.sl, RED), ("take profit", fill.trade.tp, GREEN))
    levels = [
        ChartLevel(f"{name} {format_symbol_price(at, symbol)}", float(at), colour)
        for name, at, colour in order_levels
        if at
    ]
    captions = [caption, f"dot: {mark.name}", *(level.name for level in levels)]
    near = levels_in_view(levels, lines, [mark])
    chart = draw_chart(
        f"{symbol} around the {fill.kind}", lines, near, [mark], price_format(symbol)
    )
    return CaptionedChart(chart, ", ".join(captions))


def margin_action_charts(action: MarginAction) -> list[CaptionedChart]:
    """Return the quotes around those that judged the account, of the action's own symbol first."""
    own = action.trade.symbol_id if action.trade else None
    quotes: dict[str, QuoteRow] = action.quotes
    chosen = sorted(quotes, key=lambda symbol: (symbol != own, symbol))[:MAX_CHARTS]
    ticks = read_ticks_around(
        chosen, max((quotes[symbol][-1] or 0 for symbol in chosen), default=0)
    )
    charts = []
    for symbol in chosen:
        rows = [list(tick[1:]) for tick in ticks if tick.symbol == symbol]
        lines, caption = (
            (quote_lines(rows), QUOTES_CAPTION)
            if rows
            else (candle_lines(symbol, action.time), CANDLES_CAPTION)
        )
        if lines:
            judged = quotes[symbol]
            marks = [
                ChartMark(
                    f"{side} {format_symbol_price(float(at), symbol)}",
                    ChartPoint(quote_time(judged), at),
                    colour,
                )
                for side, at, colour in zip(("bid", "ask"), judged, (RED, BLUE), strict=False)
            ]
            captions = [caption, "dots: the quote it was judged by"]
            title = f"{symbol} around the {action.get_kind_display()}"
            chart = draw_chart(title, lines, [], marks, price_format(symbol))
            charts.append(CaptionedChart(chart, f"{symbol}: {', '.join(captions)}"))
    return charts


def price_format(symbol: str) -> Callable[[float], str]:
    """Return what formats the symbol's prices."""
    return partial(format_symbol_price, symbol=symbol)


def quote_lines(rows: list[QuoteRow]) -> list[ChartLine]:
    """Return lines of bid and ask; none without quotes."""
    sides = enumerate((ChartLine([]).colour, AMBER))
    return [
        ChartLine([ChartPoint(quote_time(row), row[side]) for row in rows], colour)
        for side, colour in sides
        if rows
    ]


def candle_lines(symbol: str, time: int) -> list[ChartLine]:
    """Return a line of the bid by the candles around; none without candles."""
    dots = [ChartPoint(*dot) for dot in read_bids_around(symbol, time)]
    return [ChartLine(dots)] if dots else []


def quote_time(row: QuoteRow) -> int:
    """Return the quote's source time in unix ms, or its receipt time where that is missing."""
    time: int = row[2] or row[3]
    return time

"""The price around a firing, from the tick log, or from minute candles once that is gone."""

from functools import partial

from alerts.enums import TARGET_CONDITIONS, AlertSide
from alerts.models import AlertLog
from backoffice.widgets.content import CaptionedChart
from backoffice.widgets.price_chart import ChartLevel, ChartLine, ChartMark, ChartPoint, draw_chart
from market.backoffice.symbol_prices import format_symbol_price
from market.catalog import digits_of_symbol
from market.group_quotes import SeenPrices
from market.models import Markup
from market.quotes.around import read_bids_around, read_ticks_around


def draw_firing_chart(log: AlertLog) -> CaptionedChart | None:
    """Draw the quotes around the firing with the alert's level; None without data.

    The evidence itself, the previous and the triggering price, is stored in the row.
    """
    dots, source = _watched_prices(log), "quotes"
    if not dots:
        around = read_bids_around(log.symbol, log.triggered_at)
        dots, source = [ChartPoint(*dot) for dot in around], "bid candles of a minute"
    if not dots:
        return None
    title = f"{log.symbol} {AlertSide(log.side).label}, {source}"
    fired = ChartPoint(log.quote_time, float(log.triggered_price))
    level = ChartLevel(format_symbol_price(log.target_price, log.symbol), float(log.target_price))
    mark = ChartMark(f"fired at {format_symbol_price(log.triggered_price, log.symbol)}", fired)
    levels = [level] if log.condition in TARGET_CONDITIONS else []
    axis = partial(format_symbol_price, symbol=log.symbol)
    chart = draw_chart(title, [ChartLine(dots)], levels, [mark], axis)
    captions = [title, f"dot: {mark.name}", *(f"dashed: level {one.name}" for one in levels)]
    return CaptionedChart(chart, ", ".join(captions))


def _view_of(log: AlertLog) -> SeenPrices | None:
    """Return how the account saw the prices of the alert's side; None is as the market's."""
    digits = digits_of_symbol(log.symbol)
    if log.market_bid is None or digits is None:
        return None
    return SeenPrices(Markup(log.markup or 0, log.markup or 0, log.spread), digits)


def _watched_prices(log: AlertLog) -> list[ChartPoint]:
    """Return the prices of the alert's side around the triggering quote, as the account saw it."""
    ticks, view = read_ticks_around([log.symbol], log.quote_number), _view_of(log)
    pairs = (view.apply(tick.bid, tick.ask) if view else (tick.bid, tick.ask) for tick in ticks)
    return [ChartPoint(tick.time, pair[log.side]) for tick, pair in zip(ticks, pairs, strict=True)]

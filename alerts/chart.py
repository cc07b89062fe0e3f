"""The price around a firing, from the path, or from minute candles once that is gone."""

from django.utils.safestring import SafeString

from alerts.enums import TARGET, Side
from alerts.models import AlertLog
from backoffice.chart import Dot, Level, Line, Mark, drawn
from backoffice.columns import NOTHING, price
from market import past


def chart(log: AlertLog) -> SafeString | str:
    """The chart with the alert's level and the quote that fired, or a dash where nothing is left.

    The evidence itself, the previous and the triggering price, is of the row, not of the chart.
    """
    dots, source = _quotes(log), "quotes"
    if not dots:
        around = past.bids(log.symbol, log.triggered_at)
        dots, source = [Dot(*dot) for dot in around], "bid candles of a minute"
    if not dots:
        return NOTHING
    fired = Dot(log.quote_time, float(log.triggered_price))
    level = Level(price(log.target_price), float(log.target_price))
    return drawn(
        f"{log.symbol} {Side(log.side).label}, {source}",
        [Line(dots)],
        [level] if log.condition in TARGET else [],
        [Mark(f"fired at {price(log.triggered_price)}", fired)],
    )


def _quotes(log: AlertLog) -> list[Dot]:
    """The side that the alert watches."""
    ticks = past.ticks([log.symbol], log.quote_number)
    return [Dot(tick.time, tick.bid if log.side == Side.BID else tick.ask) for tick in ticks]

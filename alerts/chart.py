"""The price around a firing, from the tick log, or from minute candles once that is gone."""

from django.utils.safestring import SafeString

from alerts.enums import TARGET, Side
from alerts.models import AlertLog
from backoffice.chart import Dot, Level, Line, Mark, drawn
from backoffice.columns import NOTHING, price
from market import past


def chart(log: AlertLog) -> SafeString | str:
    """Draw the quotes around the firing with the alert's level, or return a dash without data.

    The evidence itself, the previous and the triggering price, is stored in the row.
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
    """Return the prices of the alert's side around the triggering quote."""
    ticks = past.ticks([log.symbol], log.quote_number)
    return [Dot(tick.time, tick.bid if log.side == Side.BID else tick.ask) for tick in ticks]

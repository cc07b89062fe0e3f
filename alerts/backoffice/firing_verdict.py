"""The sentences that say why an alert fired."""

from alerts.enums import TARGET_CONDITIONS, AlertSide, Condition
from alerts.models import AlertLog
from backoffice.columns import format_utc_ms
from backoffice.widgets.content import Verdict
from market.backoffice.symbol_prices import format_symbol_price


def firing_verdict(log: AlertLog) -> Verdict:
    """Return what the quote was that fired, and the one before, with a text for the client."""
    symbol = log.symbol
    price, before, level = (
        format_symbol_price(at, symbol)
        for at in (log.triggered_price, log.previous_price, log.target_price)
    )
    condition = Condition(log.condition)
    met = f"{condition.label} {level}" if condition in TARGET_CONDITIONS else condition.label
    came = f", after {before}" if log.previous_price else ""
    side, time = AlertSide(log.side).label, format_utc_ms(log.quote_time)
    fired = f"Fired on {time} UTC: the {side} of {symbol} was {price}{came} ({met})."
    late = f"It was evaluated {log.evaluated_at - log.quote_time:,} ms after the quote."
    head = f"Alert {log.alert_id}, account {log.login}"
    return Verdict([fired, late], f"{head}\n{fired}")

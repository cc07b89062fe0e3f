"""The stream's `a` frame of an alert."""

from alerts.conditions import Point
from alerts.models import Alert
from core.money import exact
from realtime.events import AlertEvent, EventCode


def alert_event(
    alert: Alert, code: EventCode, *, status: int | None = None, fired: Point | None = None
) -> AlertEvent:
    """What happened to the alert; a firing carries its own quote and the status after it."""
    return AlertEvent(
        id=alert.pk,
        login=alert.account_id,
        symbol=alert.symbol_id,
        indicator_name=alert.indicator_name,
        message=alert.message,
        side=int(alert.side),
        condition=int(alert.condition),
        target_price=alert.target_price,
        channel_low=alert.channel_low,
        channel_high=alert.channel_high,
        move_threshold=alert.move_threshold,
        status=int(alert.status if status is None else status),
        repeat_mode=int(alert.repeat_mode),
        expires_at=alert.expires_at,
        triggered_price=exact(fired.price) if fired else alert.triggered_price,
        triggered_at=fired.second if fired else alert.triggered_at,
        code=int(code),
    )

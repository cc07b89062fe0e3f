"""The stream's `a` frame, an alert event."""

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from alerts.conditions import SideQuote
from alerts.models import Alert
from core.money import exact_decimal
from realtime.events.types import EventCode, StreamEvent


@dataclass(frozen=True, slots=True)
class AlertEvent(StreamEvent):
    """A price alert."""

    letter: ClassVar[str] = "a"
    id: int
    login: int
    symbol: str
    indicator_name: str
    message: str
    side: int
    condition: int
    target_price: Decimal
    channel_low: Decimal
    channel_high: Decimal
    move_threshold: Decimal
    status: int
    repeat_mode: int
    expires_at: int
    triggered_price: Decimal
    triggered_at: int
    code: int


def alert_event(
    alert: Alert, code: EventCode, *, status: int | None = None, fired: SideQuote | None = None
) -> AlertEvent:
    """Return the event of an alert; a firing has its own quote and the status after it."""
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
        triggered_price=exact_decimal(fired.price) if fired else alert.triggered_price,
        triggered_at=fired.second if fired else alert.triggered_at,
        code=int(code),
    )

"""What an alert must say to be watched."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.conf import settings

from alerts.enums import CHANNEL, MOVING, TARGET
from alerts.errors import (
    AlertLimitReached,
    InvalidChannel,
    InvalidExpiresAt,
    InvalidMoveThreshold,
    InvalidTargetPrice,
)
from alerts.models import Alert
from core.clock import now

NOTHING = Decimal(0)
WATCHED = (  # a change of these starts the watching anew
    "symbol_id",
    "side",
    "condition",
    "target_price",
    "channel_low",
    "channel_high",
    "move_threshold",
    "reference_price",
    "reference_time",
)


def differs(alert: Alert, columns: Mapping[str, Any]) -> bool:
    """Whether these new values make another watch of it."""
    return any(name in columns and getattr(alert, name) != columns[name] for name in WATCHED)


def check_levels(alert: Alert) -> None:
    """The levels that the condition looks at must make sense, the others must not be negative.

    Raises:
        InvalidTargetPrice, InvalidChannel, InvalidMoveThreshold.
    """
    target, threshold = alert.target_price, alert.move_threshold
    low, high = alert.channel_low, alert.channel_high
    if target < 0 or (target == 0 and alert.condition in TARGET):
        raise InvalidTargetPrice
    if low < 0 or high < 0 or (low >= high and alert.condition in CHANNEL):
        raise InvalidChannel
    if threshold < 0 or (threshold == 0 and alert.condition in MOVING):
        raise InvalidMoveThreshold


def check_expiry(expires_at: int) -> None:
    """An alert that is to be watched expires never or later than now (unix seconds)."""
    if expires_at != 0 and expires_at <= now():
        raise InvalidExpiresAt


def check_limit(login: int) -> None:
    """One more active alert must be within ALERT_LIMIT; the account's lock keeps the count."""
    limit: int = settings.ALERT_LIMIT
    if Alert.objects.active().filter(account=login).count() >= limit:
        raise AlertLimitReached(f"an account may have {limit} active alerts")

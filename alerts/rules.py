"""What an alert must say to be watched."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from django.conf import settings

from alerts.conditions import PERCENT
from alerts.enums import CHANNEL, MOVING, TARGET, Condition
from alerts.errors import (
    AlertLimitReached,
    InvalidChannel,
    InvalidExpiresAt,
    InvalidMoveThreshold,
    InvalidTargetPrice,
)
from alerts.models import Alert
from core.clock import LAST_TIME, now
from core.errors import Invalid
from core.json import plain

NOTHING = Decimal(0)
LONGEST_COOLDOWN = 604_800  # seconds, a week
WATCHED = {  # a change of these starts the watching anew
    "symbol_id",
    "side",
    "condition",
    "target_price",
    "channel_low",
    "channel_high",
    "move_threshold",
    "reference_price",
    "reference_time",
}
PRICES: dict[str, tuple[tuple[Condition, ...], type[Invalid]]] = {
    "target_price": (TARGET, InvalidTargetPrice),
    "channel_low": (CHANNEL, InvalidChannel),
    "channel_high": (CHANNEL, InvalidChannel),
}
LEVELS = {*PRICES, "move_threshold"}
RESETS = {"symbol_id", "condition"}  # a change of these judges every level
MOVE = {*RESETS, "move_threshold", "reference_price"}  # a change of these judges the move


def changes(alert: Alert, columns: Mapping[str, Any]) -> dict[str, Any]:
    """The new values that differ from what the alert has; the rest is neither judged nor set."""
    return {name: value for name, value in columns.items() if getattr(alert, name) != value}


def check_levels(alert: Alert, changed: Collection[str]) -> None:
    """Judge what was changed: the levels must make sense for the condition, and none be negative.

    Another symbol or condition judges all of them; what stays otherwise is not judged anew.

    Raises:
        InvalidTargetPrice, InvalidChannel, InvalidMoveThreshold.
    """
    judged = LEVELS.intersection(LEVELS if RESETS.intersection(changed) else changed)
    target, threshold = alert.target_price, alert.move_threshold
    low, high = alert.channel_low, alert.channel_high
    if "target_price" in judged and (target < 0 or (target == 0 and alert.condition in TARGET)):
        raise InvalidTargetPrice
    if judged & {"channel_low", "channel_high"} and (
        low < 0 or high < 0 or (low >= high and alert.condition in CHANNEL)
    ):
        raise InvalidChannel
    if "move_threshold" in judged and (
        threshold < 0 or (threshold == 0 and alert.condition in MOVING)
    ):
        raise InvalidMoveThreshold


def check_steps(alert: Alert, changed: Collection[str]) -> None:
    """The levels that change must be prices that the symbol can have.

    Another symbol or condition changes all levels that the condition looks at. What an alert has
    from before its symbol's digits were lowered is not judged again.

    Raises:
        InvalidTargetPrice, InvalidChannel.
    """
    everything = bool(RESETS.intersection(changed))
    for name, (conditions, error) in PRICES.items():
        judged = alert.condition in conditions and (everything or name in changed)
        if judged and getattr(alert, name) % alert.symbol.point:
            raise error(f"{name}: must be a multiple of {_point(alert)}")


def check_move(alert: Alert) -> None:
    """The move that a moving alert waits for from its reference must be at least the point.

    Raises:
        InvalidMoveThreshold.
    """
    if alert.condition not in MOVING:
        return
    move = alert.move_threshold
    if alert.condition in PERCENT:
        move = alert.reference_price * move / 100
    if move < alert.symbol.point:
        raise InvalidMoveThreshold(f"move_threshold: must be a move of at least {_point(alert)}")


def _point(alert: Alert) -> str:
    return f"the point of {alert.symbol_id}, {plain(alert.symbol.point)}"


def check_cooldown(seconds: int) -> None:
    """A cool-down must be from ALERT_COOLDOWN_LEAST seconds to a week.

    Raises:
        Invalid.
    """
    least: int = settings.ALERT_COOLDOWN_LEAST
    if not least <= seconds <= LONGEST_COOLDOWN:
        raise Invalid(f"cooldown: must be from {least} to {LONGEST_COOLDOWN} seconds")


def check_expiry(expires_at: int) -> None:
    """An alert that is to be watched expires never or later than now (unix seconds)."""
    if expires_at != 0 and expires_at <= now():
        raise InvalidExpiresAt


def check_sent_expiry(expires_at: int) -> None:
    """Refuse an expiry that is past, or beyond the latest time that any input takes."""
    check_expiry(expires_at)
    if expires_at > LAST_TIME:
        raise InvalidExpiresAt(f"expires_at: must be unix seconds up to {LAST_TIME}")


def check_limit(login: int) -> None:
    """One more active alert must be within ALERT_LIMIT; the account's lock keeps the count."""
    limit: int = settings.ALERT_LIMIT
    if Alert.objects.active().filter(account=login).count() >= limit:
        raise AlertLimitReached(f"an account may have {limit} active alerts")

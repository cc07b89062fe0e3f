"""The rules that an alert must satisfy to be active."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from django.conf import settings

from alerts.conditions import PERCENT_CONDITIONS
from alerts.enums import CHANNEL_CONDITIONS, MOVING_CONDITIONS, TARGET_CONDITIONS, Condition
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
from core.json import plain_digits

NO_PRICE = Decimal(0)
LONGEST_COOLDOWN = 604_800  # seconds, a week
ARMING_FIELDS = {  # a change of these arms the alert
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
    "target_price": (TARGET_CONDITIONS, InvalidTargetPrice),
    "channel_low": (CHANNEL_CONDITIONS, InvalidChannel),
    "channel_high": (CHANNEL_CONDITIONS, InvalidChannel),
}
LEVELS = {*PRICES, "move_threshold"}
ALL_LEVELS_FIELDS = {"symbol_id", "condition"}  # a change of these checks every level
# A change of these checks the move.
MOVE_FIELDS = {*ALL_LEVELS_FIELDS, "move_threshold", "reference_price"}


def changed_values(alert: Alert, columns: Mapping[str, object]) -> dict[str, Any]:
    """Return the new values that differ from the alert's; only these are checked and set."""
    return {name: value for name, value in columns.items() if getattr(alert, name) != value}


def check_levels(alert: Alert, changed: Collection[str]) -> None:
    """Refuse changed levels that are negative or make no sense for the condition.

    A change of symbol or condition checks all levels; otherwise unchanged ones are not
    checked.

    Raises:
        InvalidTargetPrice, InvalidChannel, InvalidMoveThreshold.
    """
    checked = LEVELS.intersection(LEVELS if ALL_LEVELS_FIELDS.intersection(changed) else changed)
    target, threshold = alert.target_price, alert.move_threshold
    low, high = alert.channel_low, alert.channel_high
    if "target_price" in checked and (
        target < 0 or (target == 0 and alert.condition in TARGET_CONDITIONS)
    ):
        raise InvalidTargetPrice
    if checked & {"channel_low", "channel_high"} and (
        low < 0 or high < 0 or (low >= high and alert.condition in CHANNEL_CONDITIONS)
    ):
        raise InvalidChannel
    if "move_threshold" in checked and (
        threshold < 0 or (threshold == 0 and alert.condition in MOVING_CONDITIONS)
    ):
        raise InvalidMoveThreshold


def check_steps(alert: Alert, changed: Collection[str]) -> None:
    """Refuse changed levels that are no multiple of the symbol's point.

    A change of symbol or condition checks all levels that the condition uses. Levels from
    before the symbol's digits were lowered are not checked otherwise.

    Raises:
        InvalidTargetPrice, InvalidChannel.
    """
    everything = bool(ALL_LEVELS_FIELDS.intersection(changed))
    for name, (conditions, error) in PRICES.items():
        checked = alert.condition in conditions and (everything or name in changed)
        if checked and getattr(alert, name) % alert.symbol.point:
            raise error(f"{name}: must be a multiple of {_point_text(alert)}")


def check_move(alert: Alert) -> None:
    """Refuse a moving alert whose move from the reference is less than one point.

    Raises:
        InvalidMoveThreshold.
    """
    if alert.condition not in MOVING_CONDITIONS:
        return
    move = alert.move_threshold
    if alert.condition in PERCENT_CONDITIONS:
        move = alert.reference_price * move / 100
    if move < alert.symbol.point:
        raise InvalidMoveThreshold(
            f"move_threshold: must be a move of at least {_point_text(alert)}"
        )


def _point_text(alert: Alert) -> str:
    """Describe the point of the symbol for error messages."""
    return f"the point of {alert.symbol_id}, {plain_digits(alert.symbol.point)}"


def check_cooldown(seconds: int) -> None:
    """Refuse a cool-down that is not from ALERT_COOLDOWN_LEAST seconds to a week.

    Raises:
        Invalid: the cool-down is out of bounds.
    """
    least: int = settings.ALERT_COOLDOWN_LEAST
    if not least <= seconds <= LONGEST_COOLDOWN:
        raise Invalid(f"cooldown: must be from {least} to {LONGEST_COOLDOWN} seconds")


def check_expiry(expires_at: int) -> None:
    """Refuse an expiry (unix seconds) that is not in the future; 0 means never.

    Raises:
        InvalidExpiresAt: it has passed.
    """
    if expires_at != 0 and expires_at <= now():
        raise InvalidExpiresAt


def check_sent_expiry(expires_at: int) -> None:
    """Refuse an expiry that has passed, or is beyond the latest time of any input.

    Raises:
        InvalidExpiresAt: it is out of bounds.
    """
    check_expiry(expires_at)
    if expires_at > LAST_TIME:
        raise InvalidExpiresAt(f"expires_at: must be unix seconds up to {LAST_TIME}")


def check_limit(login: int) -> None:
    """Refuse one more active alert beyond ALERT_LIMIT; the caller holds the account's lock.

    Raises:
        AlertLimitReached: the login has that many.
    """
    limit: int = settings.ALERT_LIMIT
    if Alert.objects.active().filter(account=login).count() >= limit:
        raise AlertLimitReached(f"an account may have {limit} active alerts")

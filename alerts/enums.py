"""Enums of price alerts; the numbers are the contract's (codes.md)."""

from django.db import models


class AlertSide(models.IntegerChoices):
    """The price that an alert watches."""

    BID = 0, "bid"
    ASK = 1, "ask"


class Condition(models.IntegerChoices):
    CROSSING_UP = 0, "crossing up"
    CROSSING_DOWN = 1, "crossing down"
    GREATER = 2, "greater than"
    LESS = 3, "less than"
    ENTERING = 4, "entering channel"
    EXITING = 5, "exiting channel"
    INSIDE = 6, "inside channel"
    OUTSIDE = 7, "outside channel"
    MOVING_UP = 8, "moving up"
    MOVING_DOWN = 9, "moving down"
    MOVING_UP_PERCENT = 10, "moving up %"
    MOVING_DOWN_PERCENT = 11, "moving down %"
    CROSSING = 12, "crossing either"


TARGET_CONDITIONS = (
    Condition.CROSSING_UP,
    Condition.CROSSING_DOWN,
    Condition.GREATER,
    Condition.LESS,
    Condition.CROSSING,
)
CHANNEL_CONDITIONS = (Condition.ENTERING, Condition.EXITING, Condition.INSIDE, Condition.OUTSIDE)
MOVING_CONDITIONS = (
    Condition.MOVING_UP,
    Condition.MOVING_DOWN,
    Condition.MOVING_UP_PERCENT,
    Condition.MOVING_DOWN_PERCENT,
)
NEEDS_PREVIOUS = (
    Condition.CROSSING_UP,
    Condition.CROSSING_DOWN,
    Condition.CROSSING,
    Condition.ENTERING,
    Condition.EXITING,
)


class AlertStatus(models.IntegerChoices):
    ACTIVE = 0, "active"
    TRIGGERED = 1, "triggered"
    DISABLED = 2, "disabled"
    DELETED = 3, "deleted"
    EXPIRED = 4, "expired"


class RepeatMode(models.IntegerChoices):
    ONCE = 0, "once"
    REPEAT = 1, "repeat"

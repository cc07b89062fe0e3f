"""How far prices are from what an alert waits for, and what it waits for in words."""

from decimal import Decimal

from alerts.conditions import (
    MOVING_DOWN_CONDITIONS,
    MOVING_UP_CONDITIONS,
    ConditionState,
    move_target,
)
from alerts.enums import MOVING_CONDITIONS, AlertSide, Condition
from alerts.models import Alert
from core.json import plain_digits
from market.backoffice.symbol_prices import format_symbol_price

UPWARD = (Condition.CROSSING_UP, Condition.GREATER, *MOVING_UP_CONDITIONS)
DOWNWARD = (Condition.CROSSING_DOWN, Condition.LESS, *MOVING_DOWN_CONDITIONS)
INWARD = (Condition.ENTERING, Condition.INSIDE)
CROSSINGS = (
    Condition.CROSSING_UP,
    Condition.CROSSING_DOWN,
    Condition.ENTERING,
    Condition.EXITING,
)
PHRASES = {
    Condition.CROSSING_UP: "to rise to {high}",
    Condition.CROSSING_DOWN: "to fall to {low}",
    Condition.CROSSING: "to cross {high}",
    Condition.GREATER: "to be above {high}",
    Condition.LESS: "to be below {low}",
    Condition.ENTERING: "to come into {low} to {high}",
    Condition.EXITING: "to leave {low} to {high}",
    Condition.INSIDE: "to be inside {low} to {high}",
    Condition.OUTSIDE: "to be outside {low} to {high}",
}


def levels_of(state: ConditionState) -> tuple[Decimal, Decimal]:
    """Return the lower and the upper level; of a single one it is both."""
    if state.condition in MOVING_CONDITIONS:
        target = move_target(state)
        return target, target
    return state.low, state.high


def describe_condition(alert: Alert, state: ConditionState) -> str:
    """Return what the alert waits for, such as "the bid of EURUSD to rise to 1.10500"."""
    low, high = (format_symbol_price(level, alert.symbol_id) for level in levels_of(state))
    side = f"the {AlertSide(alert.side).label} of {alert.symbol_id}"
    if state.condition not in MOVING_CONDITIONS:
        return f"{side} {PHRASES[state.condition].format(low=low, high=high)}"
    verb = "rise" if state.condition in MOVING_UP_CONDITIONS else "fall"
    percent = " %" if state.condition > Condition.MOVING_DOWN else ""
    size = plain_digits(state.threshold) + percent
    start = format_symbol_price(state.reference, alert.symbol_id)
    return f"{side} to {verb} by {size} from {start}, to {high}"


def distance_to_fire(state: ConditionState, price: Decimal) -> Decimal | None:
    """Return how far the price has to move until the condition is met; 0: it is.

    None: what has to be crossed was crossed already, and the price must come back first.
    """
    low, high = levels_of(state)
    is_met = None if state.condition in CROSSINGS else Decimal(0)
    if state.condition in UPWARD:
        missing = high - price
    elif state.condition in DOWNWARD:
        missing = price - low
    elif state.condition == Condition.CROSSING:
        missing = abs(price - high)
    elif state.condition in INWARD:
        missing = max(low - price, price - high)
    else:  # a price at the edge is inside
        missing = min(price - low, high - price)
        return missing if missing >= 0 else is_met
    return missing if missing > 0 else is_met


def closest_approach(state: ConditionState, lowest: Decimal, highest: Decimal) -> Decimal:
    """Return how far prices between these two stayed from the condition; 0: they reached it."""
    low, high = levels_of(state)
    if state.condition in UPWARD:
        missing = high - highest
    elif state.condition in DOWNWARD:
        missing = lowest - low
    elif state.condition == Condition.CROSSING or state.condition in INWARD:
        missing = max(low - highest, lowest - high)
    else:
        missing = min(lowest - low, high - highest)
    return max(missing, Decimal(0))

"""How far a price, and a range of prices, is from each condition."""

from dataclasses import replace
from decimal import Decimal

import pytest

from alerts.backoffice.alert_distance import closest_approach, distance_to_fire
from alerts.conditions import ConditionState
from alerts.enums import Condition
from tests.factories import D

TARGET = ConditionState(
    condition=Condition.GREATER, low=D(10), high=D(10), threshold=D(2), repeat=False, expires_at=0,
    outage=60_000, reference=D(10),
)  # fmt: skip
CHANNEL = replace(TARGET, low=D(10), high=D(20))


@pytest.mark.parametrize(
    ("condition", "price", "expected"),
    [
        (Condition.CROSSING_UP, 9, 1),
        (Condition.CROSSING_UP, 11, None),
        (Condition.CROSSING_DOWN, 11, 1),
        (Condition.CROSSING_DOWN, 9, None),
        (Condition.CROSSING, 7, 3),
        (Condition.GREATER, 9, 1),
        (Condition.GREATER, 11, 0),
        (Condition.LESS, 11, 1),
        (Condition.MOVING_UP, 11, 1),
        (Condition.MOVING_DOWN_PERCENT, 10, D("0.2")),
        (Condition.ENTERING, 7, 3),
        (Condition.ENTERING, 15, None),
        (Condition.EXITING, 14, 4),
        (Condition.EXITING, 20, 0),
        (Condition.EXITING, 21, None),
        (Condition.INSIDE, 22, 2),
        (Condition.INSIDE, 15, 0),
        (Condition.OUTSIDE, 18, 2),
        (Condition.OUTSIDE, 25, 0),
    ],
)
def test_a_price_is_so_far_from_the_condition(
    condition: Condition, price: int, expected: Decimal | int | None
) -> None:
    state = CHANNEL if Condition.ENTERING <= condition <= Condition.OUTSIDE else TARGET
    assert distance_to_fire(replace(state, condition=condition), D(price)) == expected


@pytest.mark.parametrize(
    ("condition", "lowest", "highest", "expected"),
    [
        (Condition.CROSSING_UP, 5, 9, 1),
        (Condition.CROSSING_UP, 5, 10, 0),
        (Condition.LESS, 12, 15, 2),
        (Condition.CROSSING, 11, 14, 1),
        (Condition.CROSSING, 9, 14, 0),
        (Condition.ENTERING, 5, 9, 1),
        (Condition.INSIDE, 23, 29, 3),
        (Condition.EXITING, 11, 18, 1),
        (Condition.OUTSIDE, 11, 21, 0),
    ],
)
def test_a_range_came_so_near(
    condition: Condition, lowest: int, highest: int, expected: int
) -> None:
    state = CHANNEL if Condition.ENTERING <= condition <= Condition.OUTSIDE else TARGET
    asked = replace(state, condition=condition)
    assert closest_approach(asked, D(lowest), D(highest)) == expected

"""Random alerts over random paths: found by their wake levels, they fire as the oracle says."""

import random
from decimal import Decimal

import pytest

from alerts.conditions import (
    NO_WAKE_PRICES,
    ConditionState,
    SideQuote,
    WakePrices,
    evaluate_quotes,
    wake_prices,
)
from alerts.enums import TARGET_CONDITIONS, AlertStatus, Condition
from core.money import exact_decimal
from tests.alerts.evaluation.alert_oracle import AlertQuote, OracleAlert, expected_firings

STEP = Decimal("0.00001")
ENDS = {
    AlertStatus.ACTIVE: "active",
    AlertStatus.TRIGGERED: "triggered",
    AlertStatus.EXPIRED: "expired",
}


def random_path(dice: random.Random) -> list[SideQuote]:
    """Return a random walk with gaps and outages, on a grid so that levels are hit exactly."""
    price, time, received, points = 110_000, 0, 0, []
    for number in range(1, dice.randint(2, 120)):
        price += dice.choice([-7, -2, -1, -1, 0, 1, 1, 2, 7, dice.randint(-30, 30)])
        time += dice.choice([0, 100, 900, 3000])
        received += dice.choice([1, 50, 400, 400, 5001])
        points.append(SideQuote(float(price * STEP), time, received, number))
    return points


def random_alert(dice: random.Random, condition: Condition) -> OracleAlert:
    low = 110_000 + dice.randint(-15, 15)
    percent = condition in (Condition.MOVING_UP_PERCENT, Condition.MOVING_DOWN_PERCENT)
    threshold = Decimal(dice.randint(1, 200)) / (100_000 if percent else 10)
    return OracleAlert(
        condition,
        target=low * STEP,
        low=low * STEP,
        high=(low + dice.randint(1, 20)) * STEP,
        threshold=threshold if percent else threshold * STEP,
        reference=110_000 * STEP,
        repeat=dice.random() < 0.6,
        end=dice.choice([0, 0, 0, 5, 30]),
        outage=5000,
        cooldown=dice.choice([0, 0, 1, 2, 10]),
    )


def watch_of(asked: OracleAlert) -> ConditionState:
    condition = Condition(asked.condition)
    low, high = (asked.target,) * 2 if condition in TARGET_CONDITIONS else (asked.low, asked.high)
    return ConditionState(
        condition, low, high, asked.threshold, asked.repeat, asked.end, asked.outage,
        asked.reference, cooldown=asked.cooldown,
    )  # fmt: skip


def walk_due_windows(
    dice: random.Random, watch: ConditionState, points: list[SideQuote], known: bool
) -> tuple[list[int], str]:
    """Walk only the windows whose extremes reach a wake level, or that end too late."""
    fired: list[int] = []
    before = points[0] if known else None
    levels = wake_prices(watch, before.price if before else None)
    begin = 1 if known else 0
    while begin < len(points) and watch.status == AlertStatus.ACTIVE:
        window = points[begin : begin + dice.randint(1, 12)]
        if is_due_in(watch, levels, window):
            found, watch = evaluate_quotes(watch, before, window)
            fired += [firing.quote.number for firing in found]
            levels = wake_prices(watch, window[-1].price, window[-1].second)
        before = window[-1]
        begin += len(window)
    return fired, ENDS[watch.status]


def is_due_in(watch: ConditionState, levels: WakePrices, window: list[SideQuote]) -> bool:
    """Return whether the window reaches a level, or a time from which time alone matters."""
    up, down = levels
    prices, newest = [point.price for point in window], window[-1]
    return (
        0 < watch.expires_at * 1000 < newest.time
        or (levels == NO_WAKE_PRICES and newest.second >= watch.rests_until)
        or (up is not None and max(prices) >= up)
        or (down is not None and min(prices) <= down)
    )


@pytest.mark.parametrize("condition", list(Condition))
def test_firings_found_by_wake_levels_equal_those_of_every_quote(
    condition: Condition,
) -> None:
    dice = random.Random(f"alerts {condition}")
    total = 0
    for _ in range(400):
        points, asked = random_path(dice), random_alert(dice, condition)
        watch, known = watch_of(asked), dice.random() < 0.8
        result = walk_due_windows(dice, watch, points, known)
        seen = [
            AlertQuote(exact_decimal(point.price), point.time, point.received) for point in points
        ]
        begin = 1 if known else 0
        indexes, end = expected_firings(asked, seen[0] if known else None, seen[begin:])
        assert result == ([points[begin + i].number for i in indexes], end)
        total += len(indexes)
    assert total > 100

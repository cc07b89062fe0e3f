"""The thirteen conditions at their edges."""

from decimal import Decimal

import pytest

from alerts.conditions import (
    IS_MET,
    ConditionState,
    SideQuote,
    evaluate_quotes,
    wake_prices,
    zone_of,
)
from alerts.enums import (
    CHANNEL_CONDITIONS,
    MOVING_CONDITIONS,
    TARGET_CONDITIONS,
    AlertStatus,
    Condition,
)

# One side's prices after the first one, and the indexes of those that fire a repeating alert.
# Target 1.1, channel 1.0 to 1.2, moves by 0.1 (10 %) from the reference 1.0.
TABLE: list[tuple[Condition, list[float], list[int]]] = [
    (Condition.CROSSING_UP, [1.09, 1.1], [1]),
    (Condition.CROSSING_UP, [1.1, 1.11], []),
    (Condition.CROSSING_UP, [1.09, 1.3, 1.4], [1]),
    (Condition.CROSSING_UP, [1.2, 1.1, 1.2], []),
    (Condition.CROSSING_UP, [1.2, 1.09999999, 1.1], [2]),
    (Condition.CROSSING_UP, [1.0, 1.2, 1.0, 1.2], [1, 3]),
    (Condition.CROSSING_DOWN, [1.11, 1.1], [1]),
    (Condition.CROSSING_DOWN, [1.1, 1.09], []),
    (Condition.CROSSING_DOWN, [1.0, 1.10000001, 1.1], [2]),
    (Condition.CROSSING_DOWN, [1.3, 0.9, 1.3, 0.9], [1, 3]),
    (Condition.CROSSING, [1.09, 1.1, 1.11], [1]),
    (Condition.CROSSING, [1.11, 1.1, 1.09], [1]),
    (Condition.CROSSING, [1.1, 1.09, 1.1, 1.2, 1.0], [2, 4]),
    (Condition.CROSSING, [1.0, 1.2, 1.0, 1.2], [1, 2, 3]),
    (Condition.GREATER, [1.0, 1.1, 1.10000001, 1.2], [2]),
    (Condition.GREATER, [1.2, 1.2, 1.1, 1.2], [1, 3]),
    (Condition.LESS, [1.2, 1.1, 1.09999999, 1.0], [2]),
    (Condition.LESS, [1.0, 1.0, 1.1, 1.0], [1, 3]),
    (Condition.ENTERING, [0.9, 1.0], [1]),
    (Condition.ENTERING, [1.3, 1.2], [1]),
    (Condition.ENTERING, [1.0, 1.1, 1.2], []),
    (Condition.ENTERING, [0.9, 1.3, 0.9], [1, 2]),
    (Condition.ENTERING, [1.1, 1.3, 1.4, 1.1], [3]),
    (Condition.EXITING, [1.2, 1.20000001], [1]),
    (Condition.EXITING, [1.0, 0.99999999], [1]),
    (Condition.EXITING, [0.9, 1.0, 1.2], []),
    (Condition.EXITING, [0.9, 1.3, 0.9], [1, 2]),
    (Condition.EXITING, [1.1, 1.3, 1.1, 0.9], [1, 3]),
    (Condition.INSIDE, [0.9, 1.0, 1.2], [1]),
    (Condition.INSIDE, [1.1, 1.1, 1.3, 1.2], [1, 3]),
    (Condition.INSIDE, [0.9, 1.3, 0.9], []),
    (Condition.OUTSIDE, [1.1, 1.2, 1.20000001], [2]),
    (Condition.OUTSIDE, [1.3, 1.3, 0.9, 1.0, 0.9], [1, 4]),
    (Condition.MOVING_UP, [1.0, 1.09999999, 1.1, 1.15, 1.2], [2, 4]),
    (Condition.MOVING_UP, [1.0, 1.35, 1.44, 1.45, 1.0], [1, 3]),
    (Condition.MOVING_DOWN, [1.0, 0.90000001, 0.9, 0.85, 0.8], [2, 4]),
    (Condition.MOVING_UP_PERCENT, [1.0, 1.1, 1.2, 1.21], [1, 3]),
    (Condition.MOVING_DOWN_PERCENT, [1.0, 0.9, 0.81000001, 0.81], [1, 3]),
]

FALLING = (Condition.CROSSING_DOWN, Condition.LESS, *MOVING_CONDITIONS[1::2])


def watch_of(condition: Condition, **changes: object) -> ConditionState:
    low, high = ("1.1", "1.1") if condition in TARGET_CONDITIONS else ("1.0", "1.2")
    threshold = "10" if condition > Condition.MOVING_DOWN else "0.1"
    fields: dict[str, object] = {
        "condition": condition,
        "low": Decimal(low),
        "high": Decimal(high),
        "threshold": Decimal(threshold),
        "repeat": True,
        "expires_at": 0,
        "outage": 60_000,
        "reference": Decimal("1.0"),
    }
    return ConditionState(**(fields | changes))  # type: ignore[arg-type]  # named one by one above


def points(prices: list[float]) -> list[SideQuote]:
    return [SideQuote(price, 1000 * i, 1000 * i, i) for i, price in enumerate(prices)]


def fired(watch: ConditionState, prices: list[float]) -> list[int]:
    first, *rest = points(prices)
    return [firing.quote.number for firing in evaluate_quotes(watch, first, rest)[0]]


def test_every_condition_of_the_contract_has_its_rule() -> None:
    assert (
        set(IS_MET)
        == set(Condition)
        == {*TARGET_CONDITIONS, *CHANNEL_CONDITIONS, *MOVING_CONDITIONS}
    )
    assert {condition for condition, _, _ in TABLE} == set(Condition)


@pytest.mark.parametrize(("condition", "prices", "expected"), TABLE)
def test_a_repeating_alert_fires_at_these_quotes(
    condition: Condition, prices: list[float], expected: list[int]
) -> None:
    assert fired(watch_of(condition), prices) == expected


@pytest.mark.parametrize(("condition", "prices", "expected"), TABLE)
def test_an_alert_that_fires_once_stops_at_the_first_of_them(
    condition: Condition, prices: list[float], expected: list[int]
) -> None:
    watch = watch_of(condition, repeat=False)
    assert fired(watch, prices) == expected[:1]
    _, after = evaluate_quotes(watch, points(prices)[0], points(prices)[1:])
    assert after.status == (AlertStatus.TRIGGERED if expected else AlertStatus.ACTIVE)


@pytest.mark.parametrize("condition", list(Condition))
def test_without_a_previous_price_only_conditions_that_need_none_fire(condition: Condition) -> None:
    needs_none = [Condition.GREATER, Condition.OUTSIDE, *MOVING_CONDITIONS[::2]]
    firings, _ = evaluate_quotes(watch_of(condition), None, points([1.3]))
    assert bool(firings) == (condition in needs_none)
    assert wake_prices(watch_of(condition), None) == (float("-inf"), None)


@pytest.mark.parametrize("condition", list(Condition))
def test_after_an_outage_the_first_quote_only_sets_the_previous_price(condition: Condition) -> None:
    prices = [1.2, 0.95] if condition in FALLING else [0.95, 1.15]
    if condition in (Condition.EXITING, Condition.OUTSIDE, *MOVING_CONDITIONS):
        prices = [1.0, 0.8] if condition in FALLING else [1.0, 1.3]
    first, second = points(prices)
    late = second._replace(received=first.received + 60_001)
    needs_previous = condition in (0, 1, 4, 5, 12)
    assert bool(evaluate_quotes(watch_of(condition), first, [late])[0]) == (not needs_previous)
    in_time = second._replace(received=first.received + 60_000)
    assert evaluate_quotes(watch_of(condition), first, [in_time])[0]


def test_a_quote_at_the_time_of_expiry_counts_and_a_later_one_does_not() -> None:
    watch = watch_of(Condition.CROSSING_UP, expires_at=5)
    before = SideQuote(1.0, 0, 0, 0)
    firings, after = evaluate_quotes(watch, before, [SideQuote(1.2, 5000, 5000, 1)])
    assert (len(firings), after.status) == (1, AlertStatus.ACTIVE)
    firings, after = evaluate_quotes(watch, before, [SideQuote(1.2, 5001, 5001, 1)])
    assert (firings, after.status) == ([], AlertStatus.EXPIRED)


def test_a_firing_before_the_expiry_stands() -> None:
    quotes = [
        SideQuote(1.2, 5000, 5000, 1),
        SideQuote(1.0, 6000, 6000, 2),
        SideQuote(1.2, 7000, 7000, 3),
    ]
    firings, after = evaluate_quotes(
        watch_of(Condition.CROSSING_UP, expires_at=6), SideQuote(1.0, 0, 0, 0), quotes
    )
    assert ([firing.quote.number for firing in firings], after.status) == ([1], AlertStatus.EXPIRED)


@pytest.mark.parametrize(
    ("condition", "price", "up", "down"),
    [
        (Condition.CROSSING_UP, 1.0, 1.1, None),
        (Condition.CROSSING_UP, 1.1, None, 1.0999999999999999),
        (Condition.CROSSING_DOWN, 1.1, 1.1000000000000003, None),
        (Condition.CROSSING, 1.1, 1.1000000000000003, 1.0999999999999999),
        (Condition.GREATER, 1.0, 1.1000000000000003, None),
        (Condition.LESS, 1.2, None, 1.0999999999999999),
        (Condition.ENTERING, 0.9, 1.0, None),
        (Condition.ENTERING, 1.3, None, 1.2),
        (Condition.INSIDE, 1.1, float("-inf"), None),
        (Condition.OUTSIDE, 1.1, 1.2000000000000002, 0.9999999999999999),
        (Condition.MOVING_UP_PERCENT, 1.0, 1.1, None),
    ],
)
def test_each_condition_has_its_wake_levels(
    condition: Condition, price: float, up: float | None, down: float | None
) -> None:
    assert wake_prices(watch_of(condition), price) == (up, down)


def test_a_percentage_that_falls_between_two_prices_is_rounded_to_the_farther_one() -> None:
    up = watch_of(
        Condition.MOVING_UP_PERCENT, reference=Decimal("1.12345"), threshold=Decimal("0.00033")
    )
    assert wake_prices(up, 1.12345) == (1.12345371, None)
    down = watch_of(
        Condition.MOVING_DOWN_PERCENT, reference=Decimal("1.12345"), threshold=Decimal("0.00033")
    )
    assert wake_prices(down, 1.12345) == (None, 1.12344629)


def test_the_largest_numbers_of_a_column_cause_no_error() -> None:
    huge = Decimal("99999999999.99999999")
    for condition in MOVING_CONDITIONS:
        watch = watch_of(condition, reference=huge, threshold=huge)
        assert evaluate_quotes(watch, None, points([1.0]))[1].status == AlertStatus.ACTIVE


def test_prices_of_any_size_compare_exactly() -> None:
    watch = watch_of(Condition.GREATER, low=Decimal(10**10), high=Decimal(10**10))
    assert fired(watch, [1e10, 1e10]) == []
    assert fired(watch, [1e10, 10000000000.01]) == [1]
    assert zone_of(0.30000000000000004, (0.3, 0.3)) == 1

"""Wake levels: a window queries alerts exactly when it crosses one."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from accounts.models import Account
from alerts import services
from alerts.enums import Condition
from alerts.evaluation.evaluate import evaluate_new_batches
from alerts.evaluation.wake_levels import NEVER, WakeLevels
from alerts.models import Alert, AlertCheckpoint, AlertLog
from core.clock import now
from market.quotes.quote_ranges import PriceRange
from tests.alerts.small_feed import START, Feed

pytestmark = pytest.mark.django_db
Create = Callable[..., Alert]


def queries_alerts(feed: Feed, *bids: float, symbol: str = "EURUSD") -> bool:
    """Return whether a window of these quotes queries for due alerts."""
    return any("AS hull(" in sql for sql in statements_of(feed, *bids, symbol=symbol))


def statements_of(feed: Feed, *bids: float, symbol: str = "EURUSD") -> list[str]:
    """Return the SQL statements of a window of these quotes."""
    feed.publish(*bids, symbol=symbol)
    statements: list[str] = []

    def listen(execute: Any, sql: str, *rest: Any) -> Any:
        statements.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(listen):
        evaluate_new_batches()
    return statements


@pytest.fixture
def between(feed: Feed, alert: Create) -> tuple[Alert, Alert]:
    """EURUSD's bid is evaluated at 1.05; the levels are 1.0 and 1.1."""
    feed.publish(1.05)
    down, up = alert(condition=1, target_price=1.0), alert(target_price=1.1)
    evaluate_new_batches()
    queries_alerts(feed, 1.05)
    return down, up


def test_between_the_wake_levels_no_alert_is_queried(feed: Feed, between: object) -> None:
    assert not queries_alerts(feed, 1.06, 1.09999, 1.00001)
    assert queries_alerts(feed, 1.1)
    assert AlertLog.objects.count() == 1


def test_a_level_counts_at_equality_from_both_sides(feed: Feed, between: object) -> None:
    assert queries_alerts(feed, 1.0)
    assert AlertLog.objects.count() == 1


def test_after_its_alerts_fired_a_side_is_not_queried_again(feed: Feed, between: object) -> None:
    assert queries_alerts(feed, 1.2, 0.9)
    assert not queries_alerts(feed, 1.3, 0.8)


def test_a_new_alert_narrows_the_wake_levels(feed: Feed, between: object, alert: Create) -> None:
    alert(target_price=1.07)
    queries_alerts(feed, 1.05)
    assert not queries_alerts(feed, 1.06)
    assert queries_alerts(feed, 1.07)
    assert AlertLog.objects.count() == 1


def test_a_changed_alert_is_found_at_its_new_level(
    feed: Feed, between: tuple[Alert, Alert], alice: Account
) -> None:
    services.update_alert(login=alice.login, alert_id=between[1].pk, target_price=Decimal("1.06"))
    assert not queries_alerts(feed, 1.055)
    assert queries_alerts(feed, 1.06)
    assert AlertLog.objects.count() == 1


def test_a_deleted_alerts_level_is_queried_once_and_then_dropped(
    feed: Feed, between: tuple[Alert, Alert], alice: Account
) -> None:
    services.delete_alert(login=alice.login, alert_id=between[1].pk)
    assert queries_alerts(feed, 1.2)
    assert not queries_alerts(feed, 1.3)


def test_each_symbol_and_side_has_its_own_wake_levels(
    feed: Feed, between: object, alert: Create
) -> None:
    feed.publish(1.05, symbol="GBPUSD")
    evaluate_new_batches()
    assert not queries_alerts(feed, 5.0, symbol="GBPUSD")
    alert(side=1, target_price=1.0802)
    queries_alerts(feed, 1.05)
    assert not queries_alerts(feed, 1.0799)
    assert queries_alerts(feed, 1.08)


def test_an_alerts_end_wakes_it_without_a_level(feed: Feed, between: object, alert: Create) -> None:
    ending = alert(target_price=1.5, expires_at=now() + 100)
    Alert.objects.filter(pk=ending.pk).update(expires_at=START // 1000 + 100)
    queries_alerts(feed, 1.05)
    assert not queries_alerts(feed, 1.05)
    feed.time = START + 100_000
    assert queries_alerts(feed, 1.05)
    ending.refresh_from_db()
    assert ending.status == 4


def test_without_stored_wake_levels_all_alerts_are_queried_once(
    feed: Feed, between: object
) -> None:
    AlertCheckpoint.objects.update(quiet="")
    assert queries_alerts(feed, 1.05)
    assert not queries_alerts(feed, 1.05)


def test_an_alert_that_any_quote_may_fire_keeps_its_side_awake(feed: Feed, alert: Create) -> None:
    alert(condition=Condition.CROSSING_UP, symbol="GBPUSD")  # no price yet
    feed.publish(1.05)
    evaluate_new_batches()
    assert queries_alerts(feed, 1.2, symbol="GBPUSD")
    assert not queries_alerts(feed, 1.2, symbol="GBPUSD")
    assert queries_alerts(feed, 1.05, symbol="GBPUSD")


def test_only_a_window_with_changes_commits_synchronously(feed: Feed, between: object) -> None:
    soon = "SET LOCAL synchronous_commit = off"
    assert soon in statements_of(feed, 1.06)
    assert soon not in statements_of(feed, 1.1)


def test_wake_levels_are_stored_and_read_with_infinities() -> None:
    quiet = WakeLevels()
    quiet.replace([("EURUSD", 0, float("inf"), float("-inf"), NEVER), ("EURUSD", 1, 1.1, 1.0, 7)])
    again = WakeLevels(quiet.as_json())
    assert not again.crossed([PriceRange("EURUSD", 0, 1e-9, 1e11, 4_000_000_000)])
    inside = PriceRange("EURUSD", 1, 1.01, 1.09, 7)
    assert not again.crossed([inside])
    for change in ({"high": 1.1}, {"low": 1.0}, {"newest": 8}, {"symbol": "GBPUSD"}):
        assert again.crossed([inside._replace(**change)])

"""The cool-down of repeating alerts, by the time of quotes."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import Account
from alerts import services
from alerts.enums import AlertStatus, Condition
from alerts.evaluation.evaluate import evaluate_new_batches
from alerts.models import Alert, AlertLog
from tests.alerts.evaluation.test_wake_levels import queries_alerts
from tests.alerts.small_feed import START, Feed
from tests.rest_client import Rest

pytestmark = pytest.mark.django_db
Create = Callable[..., Alert]
SECOND = START // 1000  # the first quote of a feed is a second later
NEW = {"symbol": "EURUSD", "side": 0, "condition": 12, "repeat_mode": 1, "target_price": 1.1}


@pytest.fixture
def rest(signed_in: Callable[[Account], APIClient], alice: Account, feed: Feed) -> Rest:
    feed.publish(1.09)
    return Rest(signed_in(alice))


def publish_windows(feed: Feed, *bids: float) -> None:
    """Publish each of these quotes in its own window, a second apart."""
    for bid in bids:
        feed.publish(bid)
        evaluate_new_batches()


def fired() -> list[tuple[int, float]]:
    """Return seconds since START and price of all firings."""
    rows = AlertLog.objects.order_by("quote_number").values_list("triggered_at", "triggered_price")
    return [(time - SECOND, float(price)) for time, price in rows]


def changed(alert: Alert, **fields: Any) -> None:
    services.update_alert(login=alert.account_id, alert_id=alert.pk, **fields)


@pytest.mark.parametrize("windows", [True, False])
def test_a_crossing_in_the_cool_down_does_not_fire(
    feed: Feed, alert: Create, windows: bool
) -> None:
    feed.publish(1.09)
    alert(condition=12, repeat_mode=1, cooldown=4)
    bids = (1.2, 1.0, 1.2, 1.0, 1.2, 1.2, 1.0)
    if windows:
        publish_windows(feed, *bids)
    else:
        feed.publish(*bids)
        evaluate_new_batches()
    assert fired() == [(2, 1.2), (6, 1.2)]


def test_a_level_that_was_left_in_the_cool_down_fires_at_the_first_quote_after_it(
    feed: Feed, alert: Create
) -> None:
    feed.publish(1.09)
    alert(condition=Condition.GREATER, repeat_mode=1, cooldown=4)
    publish_windows(feed, 1.2, 1.0, 1.3, 1.35, 1.4, 1.5)
    assert fired() == [(2, 1.2), (6, 1.4)]


def test_a_level_that_was_never_left_does_not_fire_after_the_cool_down(
    feed: Feed, alert: Create
) -> None:
    feed.publish(1.09)
    alert(condition=Condition.GREATER, repeat_mode=1, cooldown=2)
    publish_windows(feed, 1.2, 1.3, 1.3, 1.3, 1.0, 1.3)
    assert fired() == [(2, 1.2), (7, 1.3)]


def test_a_move_is_measured_from_the_last_firing(feed: Feed, alert: Create) -> None:
    feed.publish(1.0)
    created = alert(condition=Condition.MOVING_UP, repeat_mode=1, move_threshold=0.1, cooldown=3)
    publish_windows(feed, 1.1, 1.2, 1.3, 1.25, 1.3, 1.34, 1.35)
    assert fired() == [(2, 1.1), (5, 1.25), (8, 1.35)]
    created.refresh_from_db()
    assert created.reference_price == Decimal("1.35")
    assert created.rests_until == created.triggered_at + 3


def test_500_alerts_at_one_price_fire_once_a_cool_down_each(feed: Feed, alert: Create) -> None:
    feed.publish(1.0)
    pattern = alert(condition=Condition.MOVING_UP, repeat_mode=1, move_threshold=0.00001,
                    cooldown=60)  # fmt: skip
    values = {f.attname: getattr(pattern, f.attname) for f in Alert._meta.fields if f.name != "id"}
    Alert.objects.bulk_create([Alert(**values) for _ in range(499)])
    for minute in range(2):
        for second in range(60):
            feed.publish(1 + (minute * 60 + second + 1) / 1000)
        evaluate_new_batches()
    assert AlertLog.objects.count() == 1000
    assert {time for time, _ in fired()} == {2, 62}


def test_in_the_cool_down_an_alert_is_due_in_its_end_and_by_no_price(
    feed: Feed, alert: Create
) -> None:
    feed.publish(1.09)
    alert(condition=12, repeat_mode=1, cooldown=5)
    publish_windows(feed, 1.09)
    assert queries_alerts(feed, 1.2)
    assert not queries_alerts(feed, 1.0)
    assert not queries_alerts(feed, 1.2)
    assert not queries_alerts(feed, 1.0, 1.2)
    assert queries_alerts(feed, 1.0)
    assert fired() == [(3, 1.2), (8, 1.0)]


def test_in_the_cool_down_an_alert_becomes_due_until_its_level_was_left(
    feed: Feed, alert: Create
) -> None:
    feed.publish(1.09)
    alert(condition=Condition.GREATER, repeat_mode=1, cooldown=6)
    publish_windows(feed, 1.09, 1.2)
    assert not queries_alerts(feed, 1.3)
    assert queries_alerts(feed, 1.0)
    assert not queries_alerts(feed, 1.3)
    assert not queries_alerts(feed, 1.0)
    assert not queries_alerts(feed, 1.3)
    assert queries_alerts(feed, 1.4)
    assert fired() == [(3, 1.2), (9, 1.4)]


def test_an_end_in_the_cool_down_ends_the_alert(feed: Feed, alert: Create) -> None:
    feed.publish(1.09)
    created = alert(condition=12, repeat_mode=1, cooldown=600)
    publish_windows(feed, 1.2)
    Alert.objects.update(expires_at=SECOND + 4, fresh=True)
    publish_windows(feed, 1.2, 1.2)
    assert Alert.objects.get().status == AlertStatus.ACTIVE
    publish_windows(feed, 1.2)
    created.refresh_from_db()
    assert created.status == AlertStatus.EXPIRED


@pytest.mark.parametrize(
    "change", [{"target_price": Decimal("1.15")}, {"status": AlertStatus.ACTIVE}]
)
def test_a_new_level_or_re_arming_ends_the_cool_down(
    feed: Feed, alert: Create, change: dict[str, Any]
) -> None:
    feed.publish(1.09)
    created = alert(condition=12, repeat_mode=1, cooldown=600)
    publish_windows(feed, 1.2)
    changed(created, **change)
    publish_windows(feed, 1.0)
    assert fired() == [(2, 1.2), (3, 1.0)]


def test_a_new_message_keeps_the_cool_down_and_a_new_one_counts_from_the_last_firing(
    feed: Feed, alert: Create
) -> None:
    feed.publish(1.09)
    created = alert(condition=12, repeat_mode=1, cooldown=600)
    publish_windows(feed, 1.2)
    changed(created, message="x")
    publish_windows(feed, 1.0, 1.2)
    changed(created, cooldown=5)
    publish_windows(feed, 1.0, 1.2, 1.0)
    assert fired() == [(2, 1.2), (7, 1.0)]


def test_an_alert_changed_to_fire_once_ignores_its_cool_down(feed: Feed, alert: Create) -> None:
    feed.publish(1.09)
    created = alert(condition=12, repeat_mode=1, cooldown=600)
    publish_windows(feed, 1.2)
    changed(created, repeat_mode=0)
    publish_windows(feed, 1.0)
    assert fired() == [(2, 1.2), (3, 1.0)]
    created.refresh_from_db()
    assert created.status == AlertStatus.TRIGGERED


def listed(rest: Rest) -> dict[str, Any]:
    answer = rest.get("/price_alert/list")[1]
    return dict(zip(answer["structure"], answer["rows"][0], strict=True))


def test_the_default_cool_down_is_the_settings(rest: Rest, settings: Settings) -> None:
    assert rest.post("/price_alert", **NEW)[0] == 200
    assert listed(rest)["cooldown"] == 60
    settings.ALERT_COOLDOWN = 90
    assert rest.post("/price_alert", **NEW)[0] == 200
    assert listed(rest)["cooldown"] == 90
    assert rest.post("/price_alert", **NEW, cooldown=7)[0] == 200
    assert listed(rest)["cooldown"] == 7
    assert list(listed(rest))[-2:] == ["comment", "cooldown"]


@pytest.mark.parametrize("seconds", [0, -1, 1.5, "5", True, 604_801, 2**53])
def test_a_cool_down_out_of_bounds_is_refused_and_changes_nothing(rest: Rest, seconds: Any) -> None:
    status, answer = rest.post("/price_alert", **NEW, cooldown=seconds)
    assert (status, answer["error"]) == (400, "INVALID_DATA")
    assert "cooldown" in answer["message"]
    assert not Alert.objects.exists()
    alert_id = rest.post("/price_alert", **NEW, cooldown=604_800)[1]["rows"][0][0]
    assert rest.put("/price_alert", id=alert_id, cooldown=seconds, message="x")[0] == 400
    assert (listed(rest)["cooldown"], listed(rest)["message"]) == (604_800, "")


def test_an_unchanged_cool_down_is_accepted_below_a_raised_minimum(
    rest: Rest, settings: Settings
) -> None:
    alert_id = rest.post("/price_alert", **NEW, cooldown=5)[1]["rows"][0][0]
    settings.ALERT_COOLDOWN_LEAST = 10
    assert rest.put("/price_alert", id=alert_id, cooldown=5, message="x")[0] == 200
    assert rest.put("/price_alert", id=alert_id, message="y")[0] == 200
    assert rest.put("/price_alert", id=alert_id, cooldown=6)[0] == 400
    assert listed(rest)["cooldown"] == 5


def test_a_row_without_a_cool_down_gets_one_second(feed: Feed, alert: Create) -> None:
    feed.publish(1.09)
    alert(repeat_mode=1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT cooldown FROM alerts_alert")
        assert cursor.fetchall() == [(1,)]
    assert Alert().cooldown == 1

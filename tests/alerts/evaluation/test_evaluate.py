"""The evaluation over the real tick log and database."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings

from accounts.models import Account
from alerts import services
from alerts.enums import AlertStatus, Condition
from alerts.evaluation.evaluate import evaluate_new_batches, evaluate_window
from alerts.models import Alert, AlertCheckpoint, AlertLog
from core import redis
from realtime.models import AccountEvent
from tests.alerts.small_feed import START, Feed

pytestmark = pytest.mark.django_db
Create = Callable[..., Alert]
Frames = Callable[[], list[list[Any]]]


def fired(frames: list[list[Any]]) -> list[list[Any]]:
    return [frame for frame in frames if frame[-1] == 5]


def test_a_crossing_makes_one_log_row_with_its_evidence_and_one_event(
    feed: Feed, alert: Create, alice: Account, frames: Frames
) -> None:
    feed.publish(1.09)
    created = alert(message="up", comment="c", indicator_name="i")
    batch = feed.publish(1.095, 1.1005, 1.2)
    evaluate_new_batches()
    (row,) = AlertLog.objects.all()
    created.refresh_from_db()
    assert created.status == AlertStatus.TRIGGERED
    assert created.triggered_price == row.triggered_price == Decimal("1.1005")
    assert row.previous_price == Decimal("1.095")
    assert row.quote_time == START + 3000
    assert created.triggered_at == row.triggered_at == (START + 3000) // 1000
    assert row.quote_number == batch.ticks[1].seq_no
    assert row.evaluated_at > row.quote_time
    assert (row.login, row.symbol, row.alert_id) == (alice.login, "EURUSD", created.pk)
    assert (row.message, row.comment, row.indicator_name) == ("up", "c", "i")
    (event,) = fired(frames())
    assert event[:4] == ["a", created.pk, alice.login, "EURUSD"]
    assert event[-6:] == [1, 0, 0, row.triggered_price, row.triggered_at, 5]
    account = Account.objects.get(pk=alice.login)
    assert account.seq == AccountEvent.objects.filter(login=alice.login).count()


def test_evaluating_the_same_ticks_again_changes_nothing(
    feed: Feed, alert: Create, frames: Frames
) -> None:
    feed.publish(1.09)
    alert(repeat_mode=1)
    feed.publish(1.2, 1.0, 1.2)
    evaluate_new_batches()
    evaluate_new_batches()
    assert AlertLog.objects.count() == 2
    assert [frame[-1] for frame in frames()] == [0, 5, 5]


def test_an_unevaluated_alert_sees_only_later_quotes(feed: Feed, alert: Create) -> None:
    feed.publish(1.09, 1.2, 1.09)
    created = alert()
    evaluate_new_batches()
    assert not AlertLog.objects.exists()
    created.refresh_from_db()
    assert (created.fresh, created.wake_up, created.wake_down) == (False, 1.1, None)
    feed.publish(1.1)
    evaluate_new_batches()
    assert AlertLog.objects.get().previous_price == Decimal("1.09")


def test_an_alert_that_was_written_before_the_last_window_ended_misses_no_quote(
    feed: Feed, alert: Create
) -> None:
    feed.publish(1.09)
    evaluate_new_batches()
    created = alert()  # as a transaction sees it that commits only after the next window
    feed.publish(1.2)
    Alert.objects.update(status=AlertStatus.DISABLED)
    evaluate_new_batches()
    Alert.objects.update(status=AlertStatus.ACTIVE)
    feed.publish(1.3)
    evaluate_new_batches()
    assert AlertLog.objects.get(alert=created).triggered_price == Decimal("1.2")


def test_an_alert_above_its_level_does_not_cross_up_at_once(feed: Feed, alert: Create) -> None:
    feed.publish(1.12)
    alert()
    feed.publish(1.13)
    evaluate_new_batches()
    feed.publish(1.09)
    evaluate_new_batches()
    assert not AlertLog.objects.exists()
    feed.publish(1.1)
    evaluate_new_batches()
    assert AlertLog.objects.count() == 1


def test_a_repeating_level_is_armed_again_across_windows(feed: Feed, alert: Create) -> None:
    feed.publish(1.09)
    created = alert(condition=Condition.GREATER, repeat_mode=1)
    for bid in (1.12, 1.13, 1.09, 1.11, 1.12, 1.1, 1.2):
        feed.publish(bid)
        evaluate_new_batches()
    prices = AlertLog.objects.order_by("id").values_list("triggered_price", flat=True)
    assert [float(price) for price in prices] == [1.12, 1.11, 1.2]
    created.refresh_from_db()
    assert (created.status, created.armed) == (AlertStatus.ACTIVE, False)


def test_a_repeating_move_takes_the_trigger_price_as_its_reference(
    feed: Feed, alert: Create, frames: Frames
) -> None:
    feed.publish(1.0)
    created = alert(condition=Condition.MOVING_UP_PERCENT, repeat_mode=1, move_threshold=10.0)
    assert created.reference_price == 1
    feed.publish(1.099)
    evaluate_new_batches()
    feed.publish(1.15, 1.2649, 1.265)
    evaluate_new_batches()
    created.refresh_from_db()
    assert created.reference_price == created.triggered_price == Decimal("1.265")
    assert created.reference_time == created.triggered_at
    assert [float(str(event[-3])) for event in fired(frames())] == [1.15, 1.265]
    assert [event[-6] for event in fired(frames())] == [0, 0]


def test_two_firings_in_one_second_at_one_price_are_both_logged(
    feed: Feed, alert: Create, settings: Settings
) -> None:
    settings.ALERT_COOLDOWN_LEAST = 0
    feed.publish(1.09)
    alert(repeat_mode=1, cooldown=0)
    feed.publish(1.2, time=START + 5000)
    evaluate_new_batches()
    feed.publish(1.0, 1.2, time=START + 5900)
    evaluate_new_batches()
    times = AlertLog.objects.values_list("triggered_at", "triggered_price")
    assert len(times) == 2
    assert len(set(times)) == 1


def test_an_alert_that_moved_once_keeps_its_reference(feed: Feed, alert: Create) -> None:
    feed.publish(1.0)
    created = alert(condition=Condition.MOVING_DOWN, move_threshold=0.1)
    feed.publish(0.9)
    evaluate_new_batches()
    created.refresh_from_db()
    assert (created.status, created.triggered_price) == (AlertStatus.TRIGGERED, Decimal("0.9"))
    assert created.reference_price == 1


def test_expiry_is_decided_by_the_quotes_time(feed: Feed, alert: Create, frames: Frames) -> None:
    feed.publish(1.09)
    late, at_the_moment = alert(), alert()
    end = START // 1000 + 2
    Alert.objects.filter(pk=late.pk).update(expires_at=end - 1)
    Alert.objects.filter(pk=at_the_moment.pk).update(expires_at=end)
    feed.publish(1.2)  # two seconds after START
    evaluate_new_batches()
    assert [row.alert_id for row in AlertLog.objects.all()] == [at_the_moment.pk]
    late.refresh_from_db()
    assert late.status == AlertStatus.EXPIRED
    assert [(wire[1], wire[-6], wire[-1]) for wire in frames()[2:]] == [
        (late.pk, 4, 1),
        (at_the_moment.pk, 1, 5),
    ]


def test_an_alert_expires_although_its_level_was_not_reached(feed: Feed, alert: Create) -> None:
    feed.publish(1.09)
    created = alert()
    other = alert(symbol="GBPUSD")
    evaluate_new_batches()
    Alert.objects.update(expires_at=START // 1000 + 2, fresh=True)
    feed.publish(1.08)
    evaluate_new_batches()
    assert Alert.objects.get(pk=created.pk).status == AlertStatus.ACTIVE
    feed.publish(1.09)
    evaluate_new_batches()
    assert Alert.objects.get(pk=created.pk).status == AlertStatus.EXPIRED
    assert Alert.objects.get(pk=other.pk).status == AlertStatus.ACTIVE


def test_the_first_quote_after_an_outage_only_sets_previous(feed: Feed, alert: Create) -> None:
    feed.publish(1.09)
    alert(repeat_mode=1)
    later = feed.time + 61_000
    feed.publish(1.2, received=later)
    evaluate_new_batches()
    assert not AlertLog.objects.exists()
    feed.publish(1.0, 1.2, received=later + 1000)
    evaluate_new_batches()
    assert AlertLog.objects.count() == 1


def test_an_alert_without_any_price_waits_for_the_first_quote(feed: Feed, alert: Create) -> None:
    feed.publish(1.3, symbol="GBPUSD")
    alert()
    above = alert(condition=Condition.GREATER)
    evaluate_new_batches()
    feed.publish(1.2)
    evaluate_new_batches()
    assert [row.alert_id for row in AlertLog.objects.all()] == [above.pk]
    assert AlertLog.objects.get().previous_price is None
    feed.publish(1.0, 1.2)
    evaluate_new_batches()
    assert AlertLog.objects.count() == 2


def test_an_alert_compares_its_own_symbol_and_side_only(feed: Feed, alert: Create) -> None:
    feed.publish(1.09)
    feed.publish(1.09, symbol="GBPUSD")
    ask = alert(side=1, target_price=1.1002)
    alert(side=0, target_price=1.1002)
    alert(symbol="GBPUSD")
    feed.publish(1.1)
    evaluate_new_batches()
    assert [row.alert_id for row in AlertLog.objects.all()] == [ask.pk]


def test_a_backlog_is_worked_off_in_several_transactions(feed: Feed, alert: Create) -> None:
    feed.publish(1.0)
    evaluate_new_batches()
    alert(repeat_mode=1)
    for _ in range(450):
        feed.publish(1.0, 1.2)
    evaluate_window()
    assert AlertCheckpoint.objects.get().batch == feed.batch - 50
    evaluate_new_batches()
    assert AlertCheckpoint.objects.get().batch == feed.batch
    assert AlertLog.objects.count() == 450


def test_an_alert_created_after_a_backlog_is_not_evaluated_against_it(
    feed: Feed, alert: Create
) -> None:
    feed.publish(1.0)
    evaluate_new_batches()
    for _ in range(450):
        feed.publish(1.0, 1.2, 1.0)
    created = alert()
    evaluate_window()
    created.refresh_from_db()
    assert created.fresh
    evaluate_new_batches()
    assert not AlertLog.objects.exists()
    feed.publish(1.2)
    evaluate_new_batches()
    assert AlertLog.objects.count() == 1


def test_after_a_trimmed_tick_log_the_stored_previous_quote_is_used(
    feed: Feed, alert: Create
) -> None:
    feed.publish(1.09)
    alert(condition=Condition.CROSSING_DOWN)
    evaluate_new_batches()
    lost = feed.publish(1.2)
    redis.sync_client().xdel("path", f"{lost.number}-1")
    feed.publish(1.0)
    evaluate_new_batches()
    assert AlertLog.objects.get().previous_price == Decimal("1.2")


def test_10000_alerts_fire_in_one_window(feed: Feed, alert: Create, frames: Frames) -> None:
    feed.publish(1.09)
    alert()
    columns = ", ".join(str(f.column) for f in Alert._meta.fields if not f.primary_key)
    copies = f"SELECT {columns} FROM alerts_alert, generate_series(2, 10000)"
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO alerts_alert ({columns}) {copies}")
    feed.publish(1.2)
    evaluate_new_batches()
    assert AlertLog.objects.count() == 10_000
    assert Alert.objects.filter(status=AlertStatus.TRIGGERED).count() == 10_000
    assert len(fired(frames())) == 10_000


def test_an_edit_between_windows_starts_from_the_price_at_that_time(
    feed: Feed, alert: Create, alice: Account
) -> None:
    feed.publish(1.09)
    created = alert()
    evaluate_new_batches()
    feed.publish(1.15)
    services.update_alert(login=alice.login, alert_id=created.pk, target_price=Decimal("1.12"))
    evaluate_new_batches()
    assert not AlertLog.objects.exists()
    feed.publish(1.0, 1.12)
    evaluate_new_batches()
    assert AlertLog.objects.get().target_price == Decimal("1.12")

"""Expired alerts of symbols without quotes are closed, but none that could still fire."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings as configured
from pytest_django import Settings

from accounts.models import Account
from alerts import tasks
from alerts.enums import AlertStatus
from alerts.evaluation import queries
from alerts.evaluation.evaluate import evaluate_new_batches
from alerts.evaluation.expiry import LATE_QUOTE_GRACE, SILENCE_LIMIT, close_expired
from alerts.models import Alert, AlertLog
from config.celery import app
from core.clock import now, now_ms
from tests.alerts.small_feed import START, Feed

pytestmark = pytest.mark.django_db
Create = Callable[..., Alert]
Frames = Callable[[], list[list[Any]]]
END = START // 1000 + 60


@pytest.fixture
def ending(feed: Feed, alert: Create) -> Alert:
    """An evaluated alert on EURUSD that ends a minute after the feed's first quote."""
    feed.publish(1.09)
    created = alert(expires_at=now() + 1000)
    Alert.objects.update(expires_at=END, fresh=True)
    evaluate_new_batches()
    return created


@pytest.fixture(autouse=True)
def _recording(settings: Settings) -> None:
    """The feed's clock is the quotes', whatever ours says; some tests say otherwise."""
    settings.FEED = "replay"


def status(alert: Alert) -> int:
    alert.refresh_from_db()
    return alert.status


def test_an_expired_alert_is_closed_when_other_symbols_are_past_its_end_by_the_grace(
    feed: Feed, ending: Alert, frames: Frames
) -> None:
    feed.publish(1.3, symbol="GBPUSD", time=(END + LATE_QUOTE_GRACE) * 1000)
    evaluate_new_batches()
    assert (close_expired(), status(ending)) == (0, AlertStatus.ACTIVE)
    feed.publish(1.3, symbol="GBPUSD", time=(END + LATE_QUOTE_GRACE + 1) * 1000)
    evaluate_new_batches()
    assert (close_expired(), status(ending)) == (1, AlertStatus.EXPIRED)
    assert ending.updated_at >= now() - 60
    assert [(frame[-6], frame[-1]) for frame in frames()] == [(0, 0), (4, 1)]
    assert close_expired() == 0


def test_a_late_window_still_fires_for_a_quote_before_the_end(feed: Feed, ending: Alert) -> None:
    feed.publish(1.2, time=END * 1000)
    feed.publish(1.3, symbol="GBPUSD", time=(END + 10 * LATE_QUOTE_GRACE) * 1000)
    assert close_expired() == 0
    evaluate_new_batches()
    assert AlertLog.objects.get().alert_id == ending.pk
    assert status(ending) == AlertStatus.TRIGGERED


def test_a_late_quote_of_the_symbol_within_the_grace_still_fires(feed: Feed, ending: Alert) -> None:
    feed.publish(1.3, symbol="GBPUSD", time=(END + LATE_QUOTE_GRACE - 1) * 1000)
    evaluate_new_batches()
    close_expired()
    feed.publish(1.2, time=END * 1000)
    evaluate_new_batches()
    assert AlertLog.objects.get().alert_id == ending.pk


def test_an_unevaluated_alert_is_left_to_the_next_window(feed: Feed, ending: Alert) -> None:
    feed.publish(1.3, symbol="GBPUSD", time=(END + 2 * LATE_QUOTE_GRACE) * 1000)
    evaluate_new_batches()
    Alert.objects.update(fresh=True)
    assert (close_expired(), status(ending)) == (0, AlertStatus.ACTIVE)


def test_no_alert_is_closed_while_a_worker_is_behind(feed: Feed, ending: Alert) -> None:
    feed.publish(1.3, symbol="GBPUSD", time=(END + 2 * LATE_QUOTE_GRACE) * 1000)
    assert close_expired() == 0


def test_a_quote_with_a_future_time_closes_nothing(feed: Feed, alert: Create) -> None:
    created = alert(expires_at=now() + 100)
    feed.publish(1.3, symbol="GBPUSD", time=now_ms() + 80_000_000, received=now_ms())
    evaluate_new_batches()
    assert (close_expired(), status(created)) == (0, AlertStatus.ACTIVE)


def test_without_any_quotes_an_alert_is_closed_a_day_after_its_end(
    ending: Alert, settings: Settings
) -> None:
    settings.FEED = "push"
    Alert.objects.update(expires_at=now() - SILENCE_LIMIT + 60)
    assert close_expired() == 0
    Alert.objects.update(expires_at=now() - SILENCE_LIMIT - 60)
    assert (close_expired(), status(ending)) == (1, AlertStatus.EXPIRED)


def test_alerts_without_an_end_and_disabled_ones_stay(
    feed: Feed, ending: Alert, alert: Create, alice: Account
) -> None:
    forever, off = alert(), alert()
    Alert.objects.filter(pk=off.pk).update(status=AlertStatus.DISABLED, expires_at=END)
    feed.publish(1.3, symbol="GBPUSD", time=(END + 2 * LATE_QUOTE_GRACE) * 1000)
    evaluate_new_batches()
    assert close_expired() == 1
    assert (status(forever), status(off)) == (AlertStatus.ACTIVE, AlertStatus.DISABLED)


def test_beat_closes_expired_alerts_every_minute() -> None:
    assert configured.CELERY_BEAT_SCHEDULE["alerts.close_expired"]["schedule"] == 60.0
    assert app.tasks[tasks.close_expired.name].name == "alerts.close_expired"


@pytest.mark.django_db(transaction=True)
def test_closing_does_not_wait_for_a_worker_that_holds_the_checkpoint(
    feed: Feed, ending: Alert
) -> None:
    from django.db import connection, transaction

    feed.publish(1.3, symbol="GBPUSD", time=(END + 2 * LATE_QUOTE_GRACE) * 1000)
    evaluate_new_batches()
    closed: list[int] = []

    def close() -> None:
        closed.append(close_expired())
        connection.close()

    with transaction.atomic():
        assert queries.lock_checkpoint() is not None
        thread = threading.Thread(target=close)
        thread.start()
        thread.join(10)
    assert closed == [0]
    assert close_expired() == 1

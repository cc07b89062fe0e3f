"""The most firings of a login in an hour of quotes; beyond it repeating alerts are disabled."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import Account
from alerts import services
from alerts.enums import AlertStatus, Condition
from alerts.evaluation import evaluate
from alerts.evaluation.evaluate import evaluate_new_batches
from alerts.models import Alert, AlertLog, HourTotal
from realtime.events import event_log
from realtime.models import AccountEvent
from tests.alerts.evaluation.test_exactly_once import Crash
from tests.alerts.small_feed import START, Feed

pytestmark = pytest.mark.django_db
Create = Callable[..., Alert]
HOUR = 3_600_000  # ms
CROSSINGS = (1.2, 1.0) * 10


@pytest.fixture(autouse=True)
def _most(settings: Settings) -> None:
    settings.ALERT_FIRINGS_HOUR = 4


@pytest.fixture
def crossing(feed: Feed, alert: Create) -> Alert:
    """Fires with every quote of CROSSINGS."""
    feed.publish(1.09)
    return alert(condition=Condition.CROSSING, repeat_mode=1)


def frames(login: int, letter: str) -> list[list[Any]]:
    rows = AccountEvent.objects.filter(login=login).order_by("seq")
    return [row.event for row in rows if row.event[0] == letter]


def publish_windows(feed: Feed, *bids: float) -> None:
    """Publish each quote in its own window."""
    for bid in bids:
        feed.publish(bid)
        evaluate_new_batches()


@pytest.mark.parametrize("windows", [True, False])
def test_the_firing_that_reaches_the_limit_disables_the_alert_and_notifies_once(
    feed: Feed, crossing: Alert, alice: Account, windows: bool
) -> None:
    if windows:
        publish_windows(feed, *CROSSINGS)
    else:
        feed.publish(*CROSSINGS)
        evaluate_new_batches()
    newest = AlertLog.objects.latest("pk")
    assert AlertLog.objects.count() == 4
    crossing.refresh_from_db()
    assert (crossing.status, crossing.triggered_at) == (AlertStatus.DISABLED, newest.triggered_at)
    assert crossing.triggered_price == newest.triggered_price == Decimal(1)
    assert [(frame[-6], frame[-1]) for frame in frames(alice.login, "a")] == [
        (0, 0), (0, 5), (0, 5), (0, 5), (0, 5), (2, 1),
    ]  # fmt: skip
    (notice,) = frames(alice.login, "n")
    assert notice[1] == "Price alerts disabled"
    assert "4 firings in one hour: until 23:00 UTC" in notice[2]
    assert (notice[5], notice[6], notice[-1]) == (20, alice.login, 0)
    alice.refresh_from_db()
    assert alice.seq == AccountEvent.objects.filter(login=alice.login).count()


def test_beyond_the_limit_another_repeating_alert_fires_once_and_one_time_alerts_fire(
    feed: Feed, crossing: Alert, alert: Create, alice: Account
) -> None:
    publish_windows(feed, *CROSSINGS)
    other, once = alert(condition=12, repeat_mode=1), alert(condition=12)
    publish_windows(feed, *CROSSINGS)
    assert AlertLog.objects.filter(alert=other).count() == 1
    assert AlertLog.objects.filter(alert=once).count() == 1
    other.refresh_from_db()
    once.refresh_from_db()
    assert (other.status, once.status) == (AlertStatus.DISABLED, AlertStatus.TRIGGERED)
    assert len(frames(alice.login, "n")) == 1


def test_alerts_that_fire_once_are_counted_and_never_disabled(
    feed: Feed, alert: Create, alice: Account
) -> None:
    feed.publish(1.09)
    for _ in range(6):
        alert()
    repeating = alert(repeat_mode=1)
    feed.publish(1.2, 1.0, 1.2)
    evaluate_new_batches()
    assert AlertLog.objects.count() == 7
    assert Alert.objects.filter(status=AlertStatus.TRIGGERED).count() == 6
    repeating.refresh_from_db()
    assert repeating.status == AlertStatus.DISABLED
    assert len(frames(alice.login, "n")) == 1


def test_each_hour_of_quotes_is_counted_by_itself(
    feed: Feed, crossing: Alert, alert: Create, alice: Account
) -> None:
    publish_windows(feed, 1.2, 1.0, 1.2)
    feed.time = START - START % HOUR + HOUR
    publish_windows(feed, *((1.0, 1.2) * 4))
    assert AlertLog.objects.count() == 7
    crossing.refresh_from_db()
    assert crossing.status == AlertStatus.DISABLED
    services.update_alert(login=alice.login, alert_id=crossing.pk, status=AlertStatus.ACTIVE)
    feed.time += HOUR
    publish_windows(feed, *CROSSINGS)
    assert AlertLog.objects.count() == 11
    assert len(frames(alice.login, "n")) == 2


def test_a_window_of_several_hours_is_counted_hour_by_hour(
    feed: Feed, crossing: Alert, alert: Create, alice: Account
) -> None:
    feed.publish(1.2, 1.0, 1.2)
    feed.time += HOUR
    feed.publish(1.0, 1.2, 1.0)
    feed.time += HOUR
    feed.publish(1.2, 1.0, 1.2, 1.0, 1.2)
    evaluate_new_batches()
    assert AlertLog.objects.count() == 3 + 2 + 4  # the first quote after a silence fires nothing
    assert len(frames(alice.login, "n")) == 1
    total = HourTotal.objects.get()
    assert (total.login, total.fired, total.notified) == (alice.login, 4, True)


def test_a_disabled_moving_alert_keeps_its_last_firing_as_reference(
    feed: Feed, alert: Create
) -> None:
    feed.publish(1.0)
    moving = alert(condition=Condition.MOVING_UP, repeat_mode=1, move_threshold=0.1)
    feed.publish(1.1, 1.2, 1.3, 1.4, 1.5, 1.6)
    evaluate_new_batches()
    moving.refresh_from_db()
    assert (moving.status, moving.reference_price) == (AlertStatus.DISABLED, Decimal("1.4"))
    assert moving.reference_time == moving.triggered_at == START // 1000 + 5


def test_another_logins_firings_are_counted_separately(
    feed: Feed, crossing: Alert, bob: Account
) -> None:
    services.create_alert(
        login=bob.login, symbol="EURUSD", side=0, condition=12, repeat_mode=1, cooldown=1,
        target_price=Decimal("1.15"),
    )  # fmt: skip
    publish_windows(feed, 1.2, 1.0, 1.2)
    assert dict(HourTotal.objects.values_list("login", "fired")) == {100001: 3, bob.login: 3}


def test_a_limit_of_zero_is_off(feed: Feed, crossing: Alert, settings: Settings) -> None:
    settings.ALERT_FIRINGS_HOUR = 0
    publish_windows(feed, *CROSSINGS)
    assert AlertLog.objects.count() == 20
    assert not HourTotal.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_after_a_crash_firings_are_counted_and_announced_once(
    feed: Feed, crossing: Alert, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = event_log.append_many

    def dies(entries: Any) -> None:
        original(entries)
        raise Crash

    feed.publish(*CROSSINGS)
    monkeypatch.setattr(event_log, "append_many", dies)
    for _ in range(3):
        with pytest.raises(Crash):
            evaluate.evaluate_new_batches()
    assert not HourTotal.objects.exists()
    monkeypatch.undo()
    evaluate_new_batches()
    assert AlertLog.objects.count() == 4
    assert HourTotal.objects.get().fired == 4
    assert len(frames(alice.login, "n")) == 1

"""Several workers, a crash after any step, an edit at the same time: one log row, one event."""

import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import Account
from alerts import services
from alerts.enums import AlertStatus
from alerts.evaluation import evaluate, firing, queries
from alerts.evaluation.hourly_limit import EvaluatedAlert
from alerts.models import Alert, AlertCheckpoint, AlertLog
from alerts.querysets import AlertLogQuerySet
from realtime.events import event_log
from realtime.models import AccountEvent
from tests.alerts.small_feed import Feed

pytestmark = pytest.mark.django_db(transaction=True)
Create = Callable[..., Alert]
WAIT = 10  # seconds until a test gives up


class Crash(Exception):
    """The worker dies here."""


@pytest.fixture
def waiting(feed: Feed, alert: Create) -> Alert:
    """An alert whose firing quote is published and not evaluated."""
    feed.publish(1.09)
    created = alert()
    evaluate.evaluate_new_batches()
    feed.publish(1.2)
    return created


def assert_fired_once(alert: Alert) -> None:
    assert AlertLog.objects.filter(alert=alert).count() == 1
    events = [e.event for e in AccountEvent.objects.filter(login=alert.account_id).order_by("seq")]
    assert [event[-1] for event in events if event[0] == "a"] == [0, 5]
    assert Account.objects.get(pk=alert.account_id).seq == len(events)


def in_threads(*functions: Callable[[], object]) -> None:
    errors: list[BaseException] = []

    def run(function: Callable[[], object]) -> None:
        try:
            function()
        except BaseException as error:  # noqa: BLE001 - told to the test below
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(function,)) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT)
    assert not errors
    assert not any(thread.is_alive() for thread in threads)


def test_four_workers_at_once_make_one_log_row(waiting: Alert) -> None:
    in_threads(*[evaluate.evaluate_new_batches] * 4)
    assert_fired_once(waiting)


def test_workers_beside_a_running_feed_lose_and_double_no_firing(feed: Feed, alert: Create) -> None:
    feed.publish(1.0)
    alert(repeat_mode=1)

    def publish() -> None:
        for _ in range(100):
            feed.publish(1.0, 1.2)
            evaluate.evaluate_new_batches()

    def work() -> None:
        for _ in range(100):
            evaluate.evaluate_new_batches()

    in_threads(publish, work, work)
    evaluate.evaluate_new_batches()
    assert AlertLog.objects.count() == 100
    assert AlertCheckpoint.objects.get().batch == feed.batch


def test_a_worker_that_finds_the_checkpoint_locked_loses_no_firing(
    waiting: Alert, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle = firing.persist_outcomes

    def slowly(outcomes: list[EvaluatedAlert]) -> None:
        settle(outcomes)
        if feed.batch == 9:
            feed.publish(1.0, 1.2)
            in_threads(evaluate.evaluate_new_batches)  # cannot have the place, and goes

    Alert.objects.update(repeat_mode=1)
    monkeypatch.setattr(firing, "persist_outcomes", slowly)
    evaluate.evaluate_new_batches()
    assert AlertLog.objects.count() == 2


STEPS = [
    (queries, "save_unedited_alerts"),
    (AlertLogQuerySet, "bulk_create"),
    (event_log, "append_many"),
    (AlertCheckpoint, "save"),
]


@pytest.mark.parametrize(("owner", "step"), STEPS)
def test_a_crash_after_any_step_is_rolled_back_and_the_next_run_fires(
    waiting: Alert, monkeypatch: pytest.MonkeyPatch, owner: Any, step: str
) -> None:
    original = getattr(owner, step)

    def dies(*args: Any, **kwargs: Any) -> None:
        original(*args, **kwargs)
        raise Crash

    monkeypatch.setattr(owner, step, dies)
    with pytest.raises(Crash):
        evaluate.evaluate_new_batches()
    assert not AlertLog.objects.exists()
    assert Alert.objects.get().status == AlertStatus.ACTIVE
    monkeypatch.undo()
    evaluate.evaluate_new_batches()
    assert_fired_once(waiting)


def test_an_edit_during_the_evaluation_wins(
    waiting: Alert, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle = firing.persist_outcomes

    def edited_first(outcomes: list[EvaluatedAlert]) -> None:
        monkeypatch.undo()
        in_threads(
            lambda: services.update_alert(
                login=alice.login, alert_id=waiting.pk, target_price=Decimal("1.3")
            )
        )
        settle(outcomes)

    monkeypatch.setattr(firing, "persist_outcomes", edited_first)
    evaluate.evaluate_new_batches()
    assert not AlertLog.objects.exists()
    waiting.refresh_from_db()
    assert (waiting.status, waiting.target_price) == (AlertStatus.ACTIVE, Decimal("1.3"))
    assert waiting.fresh
    evaluate.evaluate_new_batches()
    assert not AlertLog.objects.exists()


def test_a_message_edited_during_the_firing_does_not_lose_the_firing(
    waiting: Alert, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle = firing.persist_outcomes

    def edited_first(outcomes: list[EvaluatedAlert]) -> None:
        monkeypatch.undo()
        in_threads(
            lambda: services.update_alert(login=alice.login, alert_id=waiting.pk, message="new")
        )
        settle(outcomes)

    monkeypatch.setattr(firing, "persist_outcomes", edited_first)
    evaluate.evaluate_new_batches()
    assert not AlertLog.objects.exists()
    evaluate.evaluate_new_batches()
    assert AlertLog.objects.get().message == "new"


def test_a_deletion_during_the_evaluation_wins(
    waiting: Alert, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle = firing.persist_outcomes

    def deleted_first(outcomes: list[EvaluatedAlert]) -> None:
        in_threads(lambda: services.delete_alert(login=alice.login, alert_id=waiting.pk))
        settle(outcomes)

    monkeypatch.setattr(firing, "persist_outcomes", deleted_first)
    evaluate.evaluate_new_batches()
    assert not AlertLog.objects.exists()
    assert Alert.objects.get().status == AlertStatus.DELETED


def test_a_worker_does_not_wait_for_the_one_that_holds_the_checkpoint(waiting: Alert) -> None:
    with transaction.atomic():
        assert queries.lock_checkpoint() is not None
        in_threads(evaluate.evaluate_new_batches)
        assert not AlertLog.objects.exists()
    evaluate.evaluate_new_batches()
    assert_fired_once(waiting)

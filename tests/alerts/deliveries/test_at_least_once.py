"""Deliveries with several workers and crashes: each at least once, never two at the same time."""

import threading
from typing import Any

import pytest
from django.db import connection

from alerts.deliveries import dispatcher, results
from alerts.deliveries import enqueue as delivery_rows
from alerts.deliveries.enums import DeliveryState
from alerts.deliveries.models import Address, Delivery
from alerts.deliveries.outcome import DeliveryResult
from alerts.evaluation import evaluate, firing
from alerts.models import AlertLog
from tests.alerts.deliveries.conftest import Fire, only_delivery, pass_time
from tests.alerts.deliveries.webhook_receiver import Handler, ReceivedMessage, Receiver, send_answer
from tests.alerts.evaluation.test_exactly_once import Crash, in_threads

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("webhook")]


def test_four_workers_at_once_send_once(receiver: Receiver, fire: Fire) -> None:
    def slow(handler: Handler, got: ReceivedMessage) -> None:
        receiver.stop.wait(0.2)
        send_answer(handler, 200)

    receiver.behaviour = slow
    fire()
    in_threads(*[dispatcher.send_due_deliveries] * 4)
    assert len(receiver.got) == 1
    assert (only_delivery().state, only_delivery().attempts) == (DeliveryState.DELIVERED, 1)


def test_three_workers_send_each_of_20_deliveries_once(receiver: Receiver, fire: Fire) -> None:
    for _ in range(20):
        fire()
    in_threads(*[work_until_done] * 3)
    assert len(receiver.got) == 20
    assert len({got.id for got in receiver.got}) == 20


def work_until_done() -> None:
    while Delivery.objects.filter(state=DeliveryState.WAITING).exists():
        dispatcher.send_due_deliveries()


def test_an_address_gets_one_message_at_a_time(receiver: Receiver, fire: Fire) -> None:
    at_once, most = threading.Semaphore(0), []

    def counting(handler: Handler, got: ReceivedMessage) -> None:
        at_once.release()
        most.append(at_once._value)
        receiver.stop.wait(0.02)
        at_once.acquire()
        send_answer(handler, 200)

    receiver.behaviour = counting
    for _ in range(5):
        fire()
    in_threads(*[work_until_done] * 3)
    assert most == [1] * 5


@pytest.mark.parametrize("moment", ["before", "after"])
def test_another_worker_takes_over_a_dead_workers_delivery_after_its_lease(
    receiver: Receiver, fire: Fire, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    def dies(*args: Any) -> None:
        raise Crash

    fire()
    owner: Any = dispatcher
    monkeypatch.setattr(owner, "_attempt" if moment == "before" else "store_result", dies)
    with pytest.raises(Crash):
        dispatcher.send_due_deliveries()
    monkeypatch.setattr(dispatcher, "_attempt", ORIGINAL_SENT)
    monkeypatch.setattr(dispatcher, "store_result", results.store_result)
    sent = 0 if moment == "before" else 1
    dispatcher.send_due_deliveries()
    assert len(receiver.got) == sent  # the lease still holds
    pass_time(61)
    dispatcher.send_due_deliveries()
    assert len(receiver.got) == sent + 1
    assert len({got.id for got in receiver.got}) == 1
    assert (only_delivery().state, only_delivery().attempts) == (DeliveryState.DELIVERED, 2)


ORIGINAL_SENT = dispatcher._attempt


def test_a_worker_that_returns_after_its_lease_stores_no_result(
    receiver: Receiver, fire: Fire
) -> None:
    fire()
    late = Delivery.objects.claim()
    assert late
    pass_time(61)
    again = Delivery.objects.claim()
    assert again
    results.store_result(late, DeliveryResult(delivered=False, message="late"))
    assert only_delivery().answer == ""
    dispatcher.send_claimed(again)
    results.store_result(late, DeliveryResult(delivered=False, message="late"))
    assert (only_delivery().state, only_delivery().answer) == (DeliveryState.DELIVERED, "200 OK")


def test_the_delivery_row_is_written_in_the_firings_transaction(
    receiver: Receiver, fire: Fire, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = delivery_rows.enqueue_deliveries

    def dies(logs: Any) -> None:
        write(logs)
        if logs:
            raise Crash

    monkeypatch.setattr(firing, "enqueue_deliveries", dies)
    with pytest.raises(Crash):
        fire()
    assert not AlertLog.objects.exists()
    assert not Delivery.objects.filter(log__isnull=False).exists()
    monkeypatch.setattr(firing, "enqueue_deliveries", write)
    evaluate.evaluate_new_batches()
    assert only_delivery().log == AlertLog.objects.get()


def test_the_task_starts_the_dispatcher_threads_without_waiting(
    receiver: Receiver, fire: Fire, monkeypatch: pytest.MonkeyPatch
) -> None:
    from alerts.tasks import send_deliveries

    hold = threading.Event()

    def held(handler: Handler, got: ReceivedMessage) -> None:
        hold.wait(10)
        send_answer(handler, 200)

    receiver.behaviour = held
    monkeypatch.setattr(dispatcher, "free_slots", threading.BoundedSemaphore(2))
    fire()
    send_deliveries()
    send_deliveries()
    sending = [thread for thread in threading.enumerate() if thread.name == "dispatcher"]
    assert only_delivery().state == DeliveryState.WAITING
    hold.set()
    for thread in sending:
        thread.join(10)
    assert only_delivery().state == DeliveryState.DELIVERED
    assert len(receiver.got) == 1


def test_without_due_deliveries_no_thread_is_started(webhook: Address) -> None:
    assert dispatcher.start_dispatcher() is None
    assert connection.queries == []

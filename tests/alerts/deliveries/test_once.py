"""Deliveries with several workers and crashes: each at least once, never two at the same time."""

import threading
from typing import Any

import pytest
from django.db import connection

from alerts import evaluation
from alerts.deliveries import couriers, noting
from alerts.deliveries import rows as delivery_rows
from alerts.deliveries.enums import DeliveryState
from alerts.deliveries.models import Address, Delivery
from alerts.deliveries.outcome import Outcome
from alerts.models import AlertLog
from tests.alerts.deliveries.conftest import Fire, delivery, pass_time
from tests.alerts.deliveries.receiver import Got, Handler, Receiver, say
from tests.alerts.test_exactly_once import Crash, in_threads

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("webhook")]


def test_four_workers_at_once_send_once(receiver: Receiver, fire: Fire) -> None:
    def slow(handler: Handler, got: Got) -> None:
        receiver.stop.wait(0.2)
        say(handler, 200)

    receiver.behaviour = slow
    fire()
    in_threads(*[couriers.work] * 4)
    assert len(receiver.got) == 1
    assert (delivery().state, delivery().attempts) == (DeliveryState.DELIVERED, 1)


def test_many_deliveries_and_workers_lose_and_double_nothing(
    receiver: Receiver, fire: Fire
) -> None:
    for _ in range(20):
        fire()
    in_threads(*[work_until_done] * 3)
    assert len(receiver.got) == 20
    assert len({got.id for got in receiver.got}) == 20


def work_until_done() -> None:
    while Delivery.objects.filter(state=DeliveryState.WAITING).exists():
        couriers.work()


def test_an_address_gets_one_message_at_a_time(receiver: Receiver, fire: Fire) -> None:
    at_once, most = threading.Semaphore(0), []

    def counting(handler: Handler, got: Got) -> None:
        at_once.release()
        most.append(at_once._value)
        receiver.stop.wait(0.02)
        at_once.acquire()
        say(handler, 200)

    receiver.behaviour = counting
    for _ in range(5):
        fire()
    in_threads(*[work_until_done] * 3)
    assert most == [1] * 5


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_worker_that_dies_around_the_sending_is_followed_by_another_when_its_lease_is_over(
    receiver: Receiver, fire: Fire, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    def dies(*args: Any) -> None:
        raise Crash

    fire()
    owner: Any = couriers
    monkeypatch.setattr(owner, "_sent" if moment == "before" else "note", dies)
    with pytest.raises(Crash):
        couriers.work()
    monkeypatch.setattr(couriers, "_sent", ORIGINAL_SENT)
    monkeypatch.setattr(couriers, "note", noting.note)
    sent = 0 if moment == "before" else 1
    couriers.work()
    assert len(receiver.got) == sent  # the lease still holds
    pass_time(61)
    couriers.work()
    assert len(receiver.got) == sent + 1
    assert len({got.id for got in receiver.got}) == 1
    assert (delivery().state, delivery().attempts) == (DeliveryState.DELIVERED, 2)


ORIGINAL_SENT = couriers._sent


def test_a_worker_that_wakes_up_after_its_lease_notes_nothing(
    receiver: Receiver, fire: Fire
) -> None:
    fire()
    late = Delivery.objects.claim()
    assert late
    pass_time(61)
    again = Delivery.objects.claim()
    assert again
    noting.note(late, Outcome(delivered=False, words="late"))
    assert delivery().answer == ""
    couriers.carry(again)
    noting.note(late, Outcome(delivered=False, words="late"))
    assert (delivery().state, delivery().answer) == (DeliveryState.DELIVERED, "200 OK")


def test_the_row_is_written_in_the_claiming_transaction(
    receiver: Receiver, fire: Fire, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = delivery_rows.write

    def dies(logs: Any) -> None:
        write(logs)
        if logs:
            raise Crash

    monkeypatch.setattr(delivery_rows, "write", dies)
    with pytest.raises(Crash):
        fire()
    assert not AlertLog.objects.exists()
    assert not Delivery.objects.filter(log__isnull=False).exists()
    monkeypatch.setattr(delivery_rows, "write", write)
    evaluation.evaluate()
    assert delivery().log == AlertLog.objects.get()


def test_the_task_sends_out_couriers_and_does_not_wait_for_them(
    receiver: Receiver, fire: Fire, monkeypatch: pytest.MonkeyPatch
) -> None:
    from alerts.tasks import deliver

    hold = threading.Event()

    def held(handler: Handler, got: Got) -> None:
        hold.wait(10)
        say(handler, 200)

    receiver.behaviour = held
    monkeypatch.setattr(couriers, "places", threading.BoundedSemaphore(2))
    fire()
    deliver()
    deliver()
    sending = [thread for thread in threading.enumerate() if thread.name == "courier"]
    assert delivery().state == DeliveryState.WAITING
    hold.set()
    for thread in sending:
        thread.join(10)
    assert delivery().state == DeliveryState.DELIVERED
    assert len(receiver.got) == 1


def test_nothing_due_sends_nobody_out(webhook: Address) -> None:
    assert couriers.call() is None
    assert connection.queries == []

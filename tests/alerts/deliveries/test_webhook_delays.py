"""A webhook that fails or is slow delays no other."""

import pytest

from alerts.deliveries import dispatcher
from alerts.deliveries.enums import DeliveryState
from alerts.deliveries.models import Address, Delivery
from alerts.models import AlertLog
from core.clock import now_ms
from tests.alerts.deliveries.conftest import Fire, only_delivery
from tests.alerts.deliveries.webhook_receiver import (
    Handler,
    ReceivedMessage,
    Receiver,
    always_answer,
    send_answer,
)

pytestmark = pytest.mark.usefixtures("webhook")


def test_a_failing_address_is_paused_and_delays_no_other(
    receiver: Receiver, fire: Fire, bob: object, webhook: Address
) -> None:
    receiver.behaviour = always_answer(500)
    first = fire()
    dispatcher.send_due_deliveries()
    Delivery.objects.insert_for_logs([(clone(first), 100001)], now_ms())
    dispatcher.send_due_deliveries()
    assert len(receiver.got) == 1
    other = Address.objects.create(
        account_id=100002, channel=1, address=receiver.url, state=1, created_at=1, updated_at=1,
        secret=webhook.secret,
    )  # fmt: skip
    receiver.behaviour = always_answer(200)
    Delivery.objects.insert_for_logs([(clone(first), 100002)], now_ms())
    dispatcher.send_due_deliveries()
    assert len(receiver.got) == 2
    assert Delivery.objects.get(address=other).state == DeliveryState.DELIVERED


def clone(log: AlertLog) -> int:
    log.pk, log.quote_number = None, log.quote_number + 1
    log._state.adding = True
    log.save()
    return int(log.pk or 0)


def test_slow_receivers_are_still_answered_in_time(receiver: Receiver, fire: Fire) -> None:
    def slow(handler: Handler, got: ReceivedMessage) -> None:
        receiver.stop.wait(0.3)
        send_answer(handler, 200)

    receiver.behaviour = slow
    fire()
    dispatcher.send_due_deliveries()
    assert only_delivery().state == DeliveryState.DELIVERED

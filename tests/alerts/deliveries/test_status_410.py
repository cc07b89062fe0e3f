"""Status 410 switches a webhook off and the client gets an event."""

import pytest

from accounts.models import Account
from alerts.deliveries import dispatcher
from alerts.deliveries.enums import AddressState, DeliveryState
from alerts.deliveries.models import Address, Delivery
from realtime.models import AccountEvent
from tests.alerts.deliveries.conftest import Fire, pass_time
from tests.alerts.deliveries.webhook_receiver import Receiver, accept, always_answer
from tests.rest_client import Rest

pytestmark = pytest.mark.usefixtures("webhook")


def test_410_switches_the_endpoint_off(receiver: Receiver, fire: Fire, rest: Rest) -> None:
    fire()
    fire()
    receiver.behaviour = always_answer(410)
    dispatcher.send_due_deliveries()
    address = Address.objects.get()
    assert (address.state, address.reason) == (AddressState.OFF, "410 Gone")
    rows = Delivery.objects.filter(log__isnull=False)
    assert {row.state for row in rows} == {DeliveryState.GIVEN_UP}
    pass_time(10**6)
    dispatcher.send_due_deliveries()
    fire()
    dispatcher.send_due_deliveries()
    assert len(receiver.got) == 1
    assert rows.count() == 2
    shown = rest.get("/settings", prefix="alerts")[1]["rows"][0][2]
    assert (shown["state"], shown["reason"]) == ("off", "410 Gone")


def test_switching_off_sends_the_client_one_event(
    receiver: Receiver, fire: Fire, alice: Account
) -> None:
    fire()
    receiver.behaviour = always_answer(410)
    dispatcher.send_due_deliveries()
    last = AccountEvent.objects.filter(login=alice.login).latest("seq")
    letter, message, description, _, status, level, login, _, _, code = last.event
    assert (letter, message) == ("n", "Webhook switched off")
    assert description == f"It answered 410 Gone: {receiver.url}"
    assert (status, level, login, code) == (0, 20, 100001, 0)
    alice.refresh_from_db()
    assert alice.seq == last.seq


def test_an_endpoint_set_again_must_be_verified_again(
    receiver: Receiver, fire: Fire, rest: Rest
) -> None:
    fire()
    receiver.behaviour = always_answer(410)
    dispatcher.send_due_deliveries()
    receiver.behaviour = accept
    assert rest.put("/settings", prefix="alerts", name="webhook", value=receiver.url)[0] == 200
    fire()
    dispatcher.send_due_deliveries()
    assert receiver.alert_messages[1:] == []
    assert Address.objects.in_use(100001).get().state == AddressState.VERIFIED
    fire()
    dispatcher.send_due_deliveries()
    assert len(receiver.alert_messages) == 2

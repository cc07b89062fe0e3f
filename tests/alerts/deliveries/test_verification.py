"""An address gets nothing before it is verified."""

import re
from typing import Any

import pytest

from accounts.models import Account
from alerts.deliveries import addresses, dispatcher
from alerts.deliveries.enums import AddressState, Channel, DeliveryState
from alerts.deliveries.models import Address, Delivery
from realtime.models import AccountEvent
from tests.alerts.deliveries.conftest import Fire, pass_time
from tests.alerts.deliveries.webhook_receiver import (
    Behaviour,
    Handler,
    ReceivedMessage,
    Receiver,
    always_answer,
    send_answer,
)
from tests.conftest import Signed
from tests.rest_client import Rest


@pytest.fixture
def unverified(alice: Account, receiver: Receiver) -> Address:
    addresses.set_address(login=alice.login, channel=Channel.WEBHOOK, address=receiver.url)
    return Address.objects.get()


@pytest.fixture
def asked(alice: Account) -> Address:
    """An e-mail address to which the code is on its way."""
    addresses.set_address(login=alice.login, channel=Channel.EMAIL, address="alice@example.com")
    return Address.objects.get()


def bare(handler: Handler, got: ReceivedMessage) -> None:
    send_answer(handler, 200, got.json()["data"]["challenge"].encode() + b"\n")


def echo(handler: Handler, got: ReceivedMessage) -> None:
    send_answer(handler, 200, got.body)


def created(handler: Handler, got: ReceivedMessage) -> None:
    send_answer(handler, 500, got.json()["data"]["challenge"].encode())


def test_a_webhook_is_verified_by_answering_the_signed_challenge(
    unverified: Address, receiver: Receiver, alice: Account
) -> None:
    dispatcher.send_due_deliveries()
    (got,) = receiver.got
    assert got.json()["type"] == "endpoint.verify"
    assert got.json()["data"] == {"login": 100001, "challenge": unverified.code}
    assert got.is_signed_with(unverified.secret)
    unverified.refresh_from_db()
    assert (unverified.state, unverified.code) == (AddressState.VERIFIED, "")
    event = AccountEvent.objects.get(login=alice.login, event__0="n").event
    assert event[1] == "Webhook verified"


def test_answering_the_bare_challenge_verifies_as_well(
    unverified: Address, receiver: Receiver
) -> None:
    receiver.behaviour = bare
    dispatcher.send_due_deliveries()
    unverified.refresh_from_db()
    assert unverified.state == AddressState.VERIFIED


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (always_answer(200), "200 OK, but without the challenge"),
        (always_answer(200, b'{"challenge": "no"}'), "200 OK, but without the challenge"),
        (always_answer(200, b"\xff\xfe"), "200 OK, but without the challenge"),
        (echo, "200 OK, but without the challenge"),
        (created, "500 Internal Server Error"),
        (always_answer(302, Location="/"), "302 Found"),
    ],
)
def test_any_other_answer_does_not_verify_and_shows_the_reason(
    unverified: Address, receiver: Receiver, rest: Rest, behaviour: Behaviour, reason: str
) -> None:
    receiver.behaviour = behaviour
    dispatcher.send_due_deliveries()
    row = rest.get("/settings", prefix="alerts")[1]["rows"][0]
    assert (row[2]["state"], row[2]["reason"]) == ("unverified", reason)
    for _ in range(6):
        pass_time(3000)
        dispatcher.send_due_deliveries()
    assert len(receiver.got) == 4
    assert Delivery.objects.get().state == DeliveryState.GIVEN_UP


def test_status_410_to_the_challenge_switches_the_webhook_off(
    unverified: Address, receiver: Receiver
) -> None:
    receiver.behaviour = always_answer(410)
    dispatcher.send_due_deliveries()
    unverified.refresh_from_db()
    assert unverified.state == AddressState.OFF


def test_a_webhook_that_answers_too_late_is_not_verified(
    unverified: Address, receiver: Receiver
) -> None:
    Address.objects.update(code_until=1)
    dispatcher.send_due_deliveries()
    unverified.refresh_from_db()
    assert receiver.got == []
    assert (unverified.state, unverified.reason) == (0, "the code has expired")


def test_an_unverified_address_gets_no_alerts(
    unverified: Address, fire: Fire, receiver: Receiver
) -> None:
    receiver.behaviour = always_answer(500)
    fire()
    dispatcher.send_due_deliveries()
    assert receiver.alert_messages == []
    assert not Delivery.objects.filter(log__isnull=False).exists()


def test_an_email_address_is_verified_by_the_code_in_the_mail(
    asked: Address, rest: Rest, mailoutbox: list[Any]
) -> None:
    dispatcher.send_due_deliveries()
    (mail,) = mailoutbox
    assert mail.to == ["alice@example.com"]
    code = re.search(r"[2-9A-Z]{5}-[2-9A-Z]{5}", mail.body)
    assert code
    asked.refresh_from_db()
    assert asked.state == AddressState.UNVERIFIED  # that the server took it says nothing
    typed = f" {code[0].lower()} "
    body = {"prefix": "alerts", "name": "email", "value": {"code": typed}}
    assert rest.put("/settings", **body)[0] == 200
    asked.refresh_from_db()
    assert (asked.state, asked.code) == (AddressState.VERIFIED, "")
    assert rest.put("/settings", **body)[0] == 400


@pytest.mark.parametrize("code", ["", "x", "AAAAA-AAAAA", "é", "0" * 1000])
def test_a_wrong_code_does_not_verify(asked: Address, rest: Rest, code: str) -> None:
    body = {"prefix": "alerts", "name": "email", "value": {"code": code}}
    status, answer = rest.put("/settings", **body)
    assert (status, answer["error"]) == (400, "INVALID_DATA")
    asked.refresh_from_db()
    assert asked.state == AddressState.UNVERIFIED


def test_a_code_expires(asked: Address, rest: Rest, mailoutbox: list[Any]) -> None:
    Address.objects.update(code_until=1)
    body = {"prefix": "alerts", "name": "email", "value": {"code": asked.code}}
    status, answer = rest.put("/settings", **body)
    assert status == 400
    assert "expired" in answer["message"]
    dispatcher.send_due_deliveries()
    assert mailoutbox == []


def test_a_code_verifies_only_its_own_login_and_address(
    asked: Address, rest: Rest, bob: Account, signed_in: Signed
) -> None:
    body = {"prefix": "alerts", "name": "email", "value": {"code": asked.code}}
    assert Rest(signed_in(bob)).put("/settings", **body)[0] == 400
    addresses.set_address(login=100001, channel=Channel.EMAIL, address="other@example.com")
    assert rest.put("/settings", **body)[0] == 400
    assert not Address.objects.filter(state=AddressState.VERIFIED).exists()


def test_a_webhook_is_not_verified_by_a_code(unverified: Address, rest: Rest) -> None:
    for name in ("webhook", "email"):
        body = {"prefix": "alerts", "name": name, "value": {"code": unverified.code}}
        assert rest.put("/settings", **body)[0] == 400

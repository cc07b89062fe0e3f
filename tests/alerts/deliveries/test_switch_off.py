"""An address that has done nothing but fail for days is switched off, and its owner is notified."""

import smtplib
from typing import Any

import pytest
from django.core.mail.backends.locmem import EmailBackend
from pytest_django import Settings

from accounts.models import Account
from alerts.deliveries import dispatcher, results
from alerts.deliveries.enums import AddressState, DeliveryState
from alerts.deliveries.models import Address, Delivery
from core.clock import now
from realtime.models import AccountEvent
from tests.alerts.deliveries.conftest import Fire, pass_time
from tests.alerts.deliveries.webhook_receiver import Receiver, accept, always_answer
from tests.rest_client import Rest

DAY = 86_400


class Refusing(EmailBackend):
    """A mail backend that fails with the error that the test sets."""

    error: BaseException = OSError()

    def send_messages(self, messages: Any) -> int:
        raise self.error


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Moves on the time by which failures are judged, and everything that waits."""
    passed = [0]
    monkeypatch.setattr(results, "now", lambda: now() + passed[0])

    def move(seconds: int) -> None:
        passed[0] += seconds
        pass_time(10 * DAY)

    return move


def notifications(login: int) -> list[list[Any]]:
    rows = AccountEvent.objects.filter(login=login).order_by("seq")
    return [row.event for row in rows if row.event[0] == "n" and "off" in row.event[1]]


def test_a_webhook_that_fails_for_three_days_is_switched_off_once(
    webhook: Address, receiver: Receiver, fire: Fire, rest: Rest, clock: Any, alice: Account
) -> None:
    receiver.behaviour = always_answer(500)
    fire()
    dispatcher.send_due_deliveries()
    clock(3 * DAY - 10)
    dispatcher.send_due_deliveries()
    webhook.refresh_from_db()
    assert (webhook.state, webhook.failures) == (AddressState.VERIFIED, 2)
    fire()
    clock(10)
    dispatcher.send_due_deliveries()
    webhook.refresh_from_db()
    reason = "failed for 3 days, last with 500 Internal Server Error"
    assert (webhook.state, webhook.reason) == (AddressState.OFF, reason)
    assert not Delivery.objects.filter(state=DeliveryState.WAITING).exists()
    sent = len(receiver.got)
    fire()
    clock(DAY)
    dispatcher.send_due_deliveries()
    assert len(receiver.got) == sent
    (notice,) = notifications(alice.login)
    assert notice[1:3] == ["Webhook switched off", f"It has {reason}: {webhook.address}"]
    assert (notice[5], notice[6]) == (20, alice.login)
    shown = rest.get("/settings", prefix="alerts")[1]["rows"][0][2]
    assert (shown["state"], shown["reason"]) == ("off", reason)
    alice.refresh_from_db()
    assert alice.seq == AccountEvent.objects.filter(login=alice.login).count()


def test_one_success_resets_the_time_of_failing(
    webhook: Address, receiver: Receiver, fire: Fire, clock: Any
) -> None:
    receiver.behaviour = always_answer(500)
    fire()
    dispatcher.send_due_deliveries()
    receiver.behaviour = accept
    clock(2 * DAY)
    dispatcher.send_due_deliveries()
    webhook.refresh_from_db()
    assert webhook.failing_since == 0
    receiver.behaviour = always_answer(500)
    fire()
    dispatcher.send_due_deliveries()
    clock(2 * DAY)
    dispatcher.send_due_deliveries()
    webhook.refresh_from_db()
    assert webhook.state == AddressState.VERIFIED


def test_zero_days_switch_nothing_off(
    webhook: Address, receiver: Receiver, fire: Fire, clock: Any, settings: Settings
) -> None:
    settings.ENDPOINT_FAILURE_DAYS = 0
    receiver.behaviour = always_answer(500)
    fire()
    dispatcher.send_due_deliveries()
    clock(100 * DAY)
    dispatcher.send_due_deliveries()
    assert Address.objects.get().state == AddressState.VERIFIED


@pytest.mark.parametrize(
    ("error", "off"),
    [
        (smtplib.SMTPRecipientsRefused({"alice@example.com": (550, b"no such user")}), True),
        (smtplib.SMTPRecipientsRefused({"alice@example.com": (451, b"busy")}), True),
        (ConnectionRefusedError(111, "Connection refused"), False),
        (smtplib.SMTPAuthenticationError(535, b"no"), False),
        (ZeroDivisionError(), False),
    ],
)
def test_a_mailbox_is_switched_off_by_its_own_refusals_not_by_smtp_outages(
    mailbox: Address, fire: Fire, clock: Any, settings: Settings, alice: Account,
    monkeypatch: pytest.MonkeyPatch, error: BaseException, off: bool,
) -> None:  # fmt: skip
    settings.EMAIL_BACKEND = f"{__name__}.Refusing"
    monkeypatch.setattr(Refusing, "error", error)
    fire()
    dispatcher.send_due_deliveries()
    clock(4 * DAY)
    fire()
    dispatcher.send_due_deliveries()
    mailbox.refresh_from_db()
    assert (mailbox.state == AddressState.OFF) == off
    assert bool(mailbox.failing_since) == off
    titles = [frame[1] for frame in notifications(alice.login)]
    assert titles == (["E-mail switched off"] if off else [])


def test_a_switched_off_address_can_be_set_and_verified_again(
    webhook: Address, receiver: Receiver, fire: Fire, rest: Rest, clock: Any
) -> None:
    receiver.behaviour = always_answer(500)
    fire()
    dispatcher.send_due_deliveries()
    clock(3 * DAY)
    dispatcher.send_due_deliveries()
    receiver.behaviour = accept
    assert rest.put("/settings", prefix="alerts", name="webhook", value=receiver.url)[0] == 200
    dispatcher.send_due_deliveries()
    current = Address.objects.in_use(100001).get()
    assert (current.state, current.failing_since) == (AddressState.VERIFIED, 0)

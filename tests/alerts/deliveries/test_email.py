"""Alerts by e-mail."""

import smtplib
from typing import Any

import pytest
from django.core.mail.backends.locmem import EmailBackend

from alerts.deliveries import dispatcher
from alerts.deliveries.enums import DeliveryState
from alerts.deliveries.models import Address
from tests.alerts.deliveries.conftest import Fire, only_delivery, pass_time, seconds_until_retry

pytestmark = pytest.mark.usefixtures("mailbox")


class Refusing(EmailBackend):
    """A mail backend that fails with the error that the test sets."""

    error: BaseException = OSError()

    def send_messages(self, messages: Any) -> int:
        raise self.error


@pytest.fixture
def refuse(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    def with_error(error: BaseException) -> None:
        settings.EMAIL_BACKEND = f"{__name__}.Refusing"
        monkeypatch.setattr(Refusing, "error", error)

    return with_error


def test_a_firing_is_mailed_once(fire: Fire, mailoutbox: list[Any]) -> None:
    fire(message="to the moon\nBcc: x@example.com")
    dispatcher.send_due_deliveries()
    dispatcher.send_due_deliveries()
    (mail,) = mailoutbox
    assert mail.to == ["alice@example.com"]
    assert mail.subject == "EURUSD crossing up 1.1: 1.2"
    assert mail.from_email == "alerts@localhost"
    for words in ("1.2 (bid)", "before    1.09", "2023-11-14 22:13:22 UTC", "100001", "moon"):
        assert words in mail.body
    assert mail.extra_headers["Message-ID"] == f"<msg_{only_delivery().pk}@localhost>"
    assert mail.message()["Bcc"] is None
    assert only_delivery().state == DeliveryState.DELIVERED


def test_both_channels_get_their_own_delivery(
    fire: Fire, webhook: Address, receiver: Any, mailoutbox: list[Any]
) -> None:
    fire()
    dispatcher.send_due_deliveries()
    assert len(mailoutbox) == len(receiver.got) == 1


def test_an_unavailable_mail_server_is_retried(
    fire: Fire, refuse: Any, settings: Any, mailoutbox: list[Any]
) -> None:
    backend = settings.EMAIL_BACKEND
    refuse(ConnectionRefusedError(111, "Connection refused"))
    fire()
    dispatcher.send_due_deliveries()
    assert (only_delivery().state, only_delivery().attempts) == (DeliveryState.WAITING, 1)
    assert "refused" in only_delivery().answer
    assert 4 <= seconds_until_retry() <= 5.5
    settings.EMAIL_BACKEND = backend
    pass_time(6)
    dispatcher.send_due_deliveries()
    assert len(mailoutbox) == 1


@pytest.mark.parametrize(("code", "state"), [(550, 2), (451, 0)])
def test_an_unknown_mailbox_is_given_up_and_a_busy_one_retried(
    fire: Fire, refuse: Any, code: int, state: int
) -> None:
    refuse(smtplib.SMTPRecipientsRefused({"alice@example.com": (code, b"no\xff\0")}))
    fire()
    dispatcher.send_due_deliveries()
    assert only_delivery().state == state
    assert only_delivery().answer.startswith(f"{code} no")


def test_without_a_mail_server_deliveries_wait(
    fire: Fire, settings: Any, mailoutbox: list[Any]
) -> None:
    fire()
    settings.EMAIL_URL = ""
    dispatcher.send_due_deliveries()
    assert mailoutbox == []
    assert only_delivery().state == DeliveryState.WAITING


def test_an_internal_error_counts_as_a_failed_attempt(fire: Fire, refuse: Any) -> None:
    refuse(ZeroDivisionError())
    fire()
    dispatcher.send_due_deliveries()
    assert (only_delivery().answer, only_delivery().step) == ("our own error", 1)


def test_a_refused_smtp_login_is_retried(fire: Fire, refuse: Any) -> None:
    refuse(smtplib.SMTPAuthenticationError(535, b"x" * 1000))
    fire()
    dispatcher.send_due_deliveries()
    assert only_delivery().state == DeliveryState.WAITING

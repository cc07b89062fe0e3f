"""Statements to clients and the morning's report to staff: to whom, once, audited."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.enums import SessionType
from accounts.models import Account, User
from alerts.deliveries.enums import AddressState, Channel
from alerts.deliveries.models import Address
from audit.models import Entry
from backoffice.mails.send import send_due_mails
from backoffice.models import OutgoingMail
from core.clock import DAY_S, now
from tests.conftest import staff
from tests.trading.reports.conftest import BusyDay, around_now
from tests.trading.unguarded_rows import without_triggers
from trading.backoffice.reports import send_statement
from trading.backoffice.reports.morning_mail import queue_morning_reports
from trading.models import Trade

TODAY = now() // DAY_S
NOON = TODAY * DAY_S + DAY_S // 2


@pytest.fixture(autouse=True)
def _mail_server(settings: Any) -> None:
    settings.EMAIL_URL = "smtp://mail.example.com"
    settings.REPORT_MAIL_ROLE, settings.REPORT_MAIL_HOUR = "manager", 6


@pytest.fixture
def mailbox(alice: Account) -> Address:
    """Alice's verified address."""
    return Address.objects.create(
        account=alice, channel=Channel.EMAIL, address="alice@example.com", created_at=1,
        updated_at=1, state=AddressState.VERIFIED,
    )  # fmt: skip


def ask_to_send(client: Client, **fields: str) -> str:
    """Send the form of the action; return what the page says."""
    url = reverse("admin:accounts_account_act", args=[100001, "send-statement"])
    period = around_now()
    answers = {
        "first": str(period.first), "last": str(period.last), "file": "csv",
        "reason": "asked by phone", "form": str(uuid4()),
    }  # fmt: skip
    answer = client.post(url, {**answers, **fields}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_statement_goes_to_the_verified_address_once(
    busy_day: BusyDay, mailbox: Address, carol: User, client: Client
) -> None:
    client.force_login(carol)
    key = str(uuid4())
    assert "goes to alice@example.com" in ask_to_send(client, form=key)
    ask_to_send(client, form=key)
    assert send_due_mails() == 1
    [sent] = mail.outbox
    assert sent.to == ["alice@example.com"]
    assert "Closing balance: 10,439.75 USD" in str(sent.body)
    [(name, content, _)] = sent.attachments
    assert re.fullmatch(r"statement-100001-.*\.csv", str(name))
    assert "Closing balance" in str(content)
    entry = Entry.objects.get(action="statement")
    assert (entry.login, entry.staff_id, entry.reason) == (100001, carol.pk, "asked by phone")
    assert entry.after["to"] == "alice@example.com"


@pytest.mark.parametrize(
    ("state", "fields", "words"),
    [
        (AddressState.UNVERIFIED, {}, "has not verified an e-mail address"),
        (AddressState.ENDED, {}, "has not verified an e-mail address"),
        (AddressState.VERIFIED, {"last": "2001-01-01"}, "This is before the first day."),
        (AddressState.VERIFIED, {"first": "2026-02-30"}, "Enter a valid date."),
        (AddressState.VERIFIED, {"file": "docx"}, "Select a valid choice."),
    ],
)
def test_a_statement_that_cannot_be_sent_is_refused(
    mailbox: Address,
    carol: User,
    client: Client,
    state: AddressState,
    fields: dict[str, str],
    words: str,
) -> None:
    Address.objects.update(state=state)
    client.force_login(carol)
    assert words in ask_to_send(client, **fields)
    assert not OutgoingMail.objects.exists()
    assert not Entry.objects.filter(action="statement").exists()


def test_a_large_statement_and_one_without_a_server_are_refused(
    mailbox: Address, carol: User, client: Client, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    client.force_login(carol)
    with monkeypatch.context() as patch:
        patch.setattr(send_statement, "MAX_BYTES", 10)
        assert "too large for an e-mail" in ask_to_send(client)
    settings.EMAIL_URL = ""
    assert "sends no e-mails" in ask_to_send(client)


def manager(login: int, **fields: Any) -> User:
    user = staff(login, f"Mary {login}", SessionType.MANAGER, "manager")
    values = {"email": f"mary{login}@example.com", **fields}
    User.objects.filter(pk=user.pk).update(**values)
    return user


@pytest.fixture
def yesterdays(busy_day: BusyDay) -> BusyDay:
    """The busy day as if it had been yesterday."""
    with without_triggers():
        Trade.objects.update(close_time=NOON - DAY_S, open_time=NOON - DAY_S)
    return busy_day


def test_each_member_of_the_role_gets_the_own_groups_once(yesterdays: BusyDay) -> None:
    manager(50)
    manager(51, managed_groups="std-*")
    manager(52, email="")
    manager(53, enable=False)
    staff(54, "Dan", SessionType.DEALER, "dealer")
    assert [queue_morning_reports(NOON + late) for late in (0, 0, 3600)] == [2, 0, 0]
    assert send_due_mails() == 2
    everything, limited = mail.outbox
    assert (everything.to, limited.to) == (["mary50@example.com"], ["mary51@example.com"])
    day = datetime.fromtimestamp(NOON, UTC).date() - timedelta(1)
    assert everything.subject == f"Broker's result of {day}"
    assert "Broker's result       10.25" in str(everything.body)
    assert ("In USD" in str(everything.body), "In USD" in str(limited.body)) == (True, False)
    assert everything.attachments[0][0] == f"broker-result-{day}-by-group.xlsx"
    assert Entry.objects.filter(action="mail_report", staff=None).count() == 2
    assert queue_morning_reports(NOON + DAY_S) == 2, "the next morning"


def test_a_report_that_is_rolled_back_is_due_again(yesterdays: BusyDay) -> None:
    manager(50)
    with transaction.atomic():
        assert queue_morning_reports(NOON) == 1
        transaction.set_rollback(True)
    assert queue_morning_reports(NOON) == 1


@pytest.mark.parametrize(
    ("changed", "hour"),
    [
        ({"REPORT_MAIL_ROLE": ""}, 12),
        ({"EMAIL_URL": ""}, 12),
        ({}, 5),
        ({"REPORT_MAIL_HOUR": 13}, 12),
    ],
)
def test_nothing_is_queued_before_its_time_or_without_a_role(
    db: None, settings: Any, changed: dict[str, Any], hour: int
) -> None:
    manager(50)
    for name, value in changed.items():
        setattr(settings, name, value)
    assert queue_morning_reports(TODAY * DAY_S + hour * 3600) == 0
    settings.REPORT_MAIL_ROLE, settings.REPORT_MAIL_HOUR = "manager", 6
    settings.EMAIL_URL = "smtp://mail.example.com"
    assert queue_morning_reports(NOON) == 1


def test_a_day_without_anything_is_reported_too(db: None) -> None:
    manager(50)
    queue_morning_reports(NOON)
    assert "Nothing was posted." in OutgoingMail.objects.get().text

"""E-mails of the backoffice: queued once, sent once, tried again."""

import smtplib

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.db import transaction

from backoffice.mails.queue import Attachment, queue_mail
from backoffice.mails.send import MOST_TRIES, ROW_LIFE, prune_mails, send_due_mails
from backoffice.models import OutgoingMail
from backoffice.tasks import send_mails
from core.clock import now

pytestmark = pytest.mark.django_db


def test_a_key_is_queued_and_sent_once() -> None:
    file = Attachment("report.csv", "text/csv", b"a,b\r\n1,2\r\n")
    assert queue_mail("report:1", "mary@example.com", "Report", "As of today", file)
    assert not queue_mail("report:1", "mary@example.com", "Report", "As of today", file)
    assert [send_due_mails() for _ in range(2)] == [1, 0]
    [sent] = mail.outbox
    assert (sent.to, sent.subject, sent.body) == (["mary@example.com"], "Report", "As of today")
    assert sent.attachments[0][:2] == ("report.csv", "a,b\r\n1,2\r\n")
    row = OutgoingMail.objects.get()
    assert (row.due, row.tries, row.text, bytes(row.attachment)) == (None, 1, "", b"")
    assert row.sent_at
    assert not queue_mail("report:1", "mary@example.com", "Report", "As of today")


def test_a_mail_that_is_rolled_back_with_its_cause_is_not_sent() -> None:
    with transaction.atomic():
        queue_mail("report:1", "mary@example.com", "Report", "")
        transaction.set_rollback(True)
    assert send_due_mails() == 0


def test_a_failing_server_is_tried_again_and_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    queue_mail("report:1", "mary@example.com", "Report", "As of today")

    def refuse(self: EmailMessage, fail_silently: bool = False) -> int:
        raise smtplib.SMTPServerDisconnected("gone")

    with monkeypatch.context() as patch:
        patch.setattr(EmailMessage, "send", refuse)
        assert [send_due_mails() for _ in range(2)] == [1, 0]
        row = OutgoingMail.objects.get()
        assert (row.tries, row.text, row.error) == (
            1, "As of today", "SMTPServerDisconnected: gone",
        )  # fmt: skip
        assert row.due
        assert 55 < row.due - now() <= 60
        OutgoingMail.objects.update(due=now(), tries=MOST_TRIES - 1)
        send_due_mails()
    row = OutgoingMail.objects.get()
    assert (row.due, row.sent_at, row.text) == (None, 0, "")
    assert send_due_mails() == 0


def test_a_newline_in_a_subject_harms_only_its_mail() -> None:
    queue_mail("bad", "mary@example.com", "Report\nBcc: all@example.com", "")
    queue_mail("good", "mary@example.com", "Report", "")
    assert send_due_mails() == 2
    assert [message.subject for message in mail.outbox] == ["Report"]


def test_without_a_mail_server_nothing_is_tried() -> None:
    queue_mail("report:1", "mary@example.com", "Report", "")
    send_mails()
    assert (mail.outbox, OutgoingMail.objects.get().tries) == ([], 0)


def test_old_rows_are_deleted_once_they_are_done() -> None:
    for key in ("old", "waiting", "new"):
        queue_mail(key, "mary@example.com", "Report", "")
    long_ago = now() - ROW_LIFE - 1
    OutgoingMail.objects.filter(key="old").update(created_at=long_ago, due=None)
    OutgoingMail.objects.filter(key="waiting").update(created_at=long_ago)
    assert prune_mails() == 1
    assert set(OutgoingMail.objects.values_list("key", flat=True)) == {"waiting", "new"}

"""Send the codes of sign-ups: an outbox, so that neither a crash nor a lost wake-up loses one."""

import logging
import smtplib

from django.core.mail import EmailMessage
from django.db import transaction

from accounts.pending import PendingSignUp
from accounts.verifying import words
from core.clock import now

MOST_TRIES = 5
PAUSE = 20  # seconds, doubled with every failure
AT_ONCE = 50  # mails of one run
log = logging.getLogger(__name__)


def send_due() -> int:
    """Send what is due, each in a transaction of its own; answers how many were tried."""
    return next((number for number in range(AT_ONCE) if not _send_next()), AT_ONCE)


@transaction.atomic
def _send_next() -> bool:
    """Whether there was one. Nobody else sends it: its row is locked until it is written down."""
    due = PendingSignUp.objects.select_for_update(skip_locked=True, no_key=True)
    pending = due.filter(mail_due__lte=now()).order_by("mail_due").first()
    if pending is None:
        return False
    pending.mail_tries += 1
    pending.mail_due = None if _sent(pending) else _next_try(pending)
    pending.save(update_fields=["mail_due", "mail_tries"])
    return True


def _sent(pending: PendingSignUp) -> bool:
    subject, text = words(pending)
    headers = {"Auto-Submitted": "auto-generated"}
    try:
        EmailMessage(subject, text, to=[pending.email], headers=headers).send()
    except (smtplib.SMTPException, OSError) as error:
        log.warning("the code of %s was not sent: %s", pending, type(error).__name__)
        return False
    return True


def _next_try(pending: PendingSignUp) -> int | None:
    due = now() + PAUSE * 2 ** (pending.mail_tries - 1)
    return due if pending.mail_tries < MOST_TRIES and due < pending.until else None

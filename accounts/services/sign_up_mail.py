"""Sends the codes of sign-ups from an outbox, so that no crash and no lost task loses one."""

import logging
import smtplib

from django.core.mail import EmailMessage
from django.db import transaction

from accounts.pending_sign_up import PendingSignUp
from accounts.services.verify_sign_up import compose_code_mail
from core.clock import now

MOST_TRIES = 5
PAUSE = 20  # seconds, doubled with every failure
MAILS_PER_RUN = 50  # at most
log = logging.getLogger(__name__)


def send_due_codes() -> int:
    """Send the due codes, each in its own transaction; return how many were tried."""
    return next((number for number in range(MAILS_PER_RUN) if not _send_next()), MAILS_PER_RUN)


@transaction.atomic
def _send_next() -> bool:
    """Try to send the next due code; False if there is none.

    Its row stays locked until the attempt is stored, so that no other process sends it.
    """
    due = PendingSignUp.objects.select_for_update(skip_locked=True, no_key=True)
    pending = due.filter(mail_due__lte=now()).order_by("mail_due").first()
    if pending is None:
        return False
    pending.mail_tries += 1
    pending.mail_due = None if _send_code(pending) else _next_attempt(pending)
    pending.save(update_fields=["mail_due", "mail_tries"])
    return True


def _send_code(pending: PendingSignUp) -> bool:
    """Send the mail; False if that failed."""
    subject, text = compose_code_mail(pending)
    headers = {"Auto-Submitted": "auto-generated"}
    try:
        EmailMessage(subject, text, to=[pending.email], headers=headers).send()
    except (smtplib.SMTPException, OSError) as error:
        log.warning("the code of %s was not sent: %s", pending, type(error).__name__)
        return False
    return True


def _next_attempt(pending: PendingSignUp) -> int | None:
    """Return the time of the next attempt (unix seconds), or None to give up."""
    due = now() + PAUSE * 2 ** (pending.mail_tries - 1)
    return due if pending.mail_tries < MOST_TRIES and due < pending.until else None

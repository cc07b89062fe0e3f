"""Send what is queued. A mail server's failures are tried again, ever more rarely."""

import logging
import smtplib

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

from backoffice.models import OutgoingMail
from core.clock import DAY_S, now

MAILS_PER_RUN = 50  # at most
MOST_TRIES = 8
PAUSE = 60  # seconds, doubled with every failure: the last try is two hours after the first
ROW_LIFE = 90 * DAY_S  # seconds that a mail's row stays, without its content once it is done
MAX_ERROR = 200  # characters
log = logging.getLogger(__name__)


def send_due_mails() -> int:
    """Send the due mails, each in its own transaction; return how many were tried."""
    return next((number for number in range(MAILS_PER_RUN) if not _send_next()), MAILS_PER_RUN)


def prune_mails() -> int:
    """Delete the rows of mails that were done long ago; return how many."""
    return OutgoingMail.objects.filter(due=None, created_at__lt=now() - ROW_LIFE).delete()[0]


@transaction.atomic
def _send_next() -> bool:
    """Try to send the next due mail; False if there is none.

    Its row stays locked until the attempt is stored, so that no other process sends it. A mail
    whose process dies between the server's consent and the commit goes out again with the same
    Message-ID, by which mailboxes know it.
    """
    rows = OutgoingMail.objects.select_for_update(skip_locked=True, no_key=True)
    mail = rows.filter(due__lte=now()).order_by("due", "id").first()
    if mail is None:
        return False
    mail.tries += 1
    mail.error = _send(mail)
    if not mail.error:
        mail.sent_at, mail.due = now(), None
    elif mail.tries < MOST_TRIES:
        mail.due = now() + PAUSE * 2 ** (mail.tries - 1)
    else:
        mail.due = None
    if mail.due is None:  # what it said is not kept beyond its sending
        mail.text, mail.attachment = "", b""
    mail.save(update_fields=["tries", "error", "sent_at", "due", "text", "attachment"])
    return True


def _send(mail: OutgoingMail) -> str:
    """Hand the mail to the server; return why that failed, or an empty text."""
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    headers = {
        "Message-ID": f"<mail_{mail.pk}@{domain}>",
        "Auto-Submitted": "auto-generated",
    }
    message = EmailMessage(mail.subject, mail.text, to=[mail.to], headers=headers)
    if mail.attachment_name:
        message.attach(mail.attachment_name, bytes(mail.attachment), mail.attachment_type)
    try:
        message.send()
    except (smtplib.SMTPException, OSError, ValueError) as error:
        log.warning("%s was not sent: %s", mail, type(error).__name__)
        return f"{type(error).__name__}: {error}"[:MAX_ERROR]
    return ""

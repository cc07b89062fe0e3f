"""Sends a delivery by e-mail, over Django's backend."""

import smtplib

from django.conf import settings
from django.core.mail import EmailMessage

from alerts.deliveries import messages
from alerts.deliveries.models import Delivery
from alerts.deliveries.outcome import Outcome, failed

PERMANENT = 500  # from this SMTP code on a refusal is permanent


def send(delivery: Delivery) -> Outcome:
    """Hand the message to the mail server; its Message-ID is the same for every attempt."""
    if not settings.EMAIL_URL:
        return failed("this platform sends no e-mails", ours=True)
    subject, text = messages.mail(delivery)
    domain = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">")
    message = EmailMessage(
        subject,
        text,
        to=[delivery.address.address],
        headers={
            "Message-ID": f"<{delivery.message_id}@{domain}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as error:
        return _refused(error)
    except (smtplib.SMTPException, OSError) as error:
        return failed(f"{type(error).__name__}: {error}", ours=True)
    return Outcome(delivered=True, words="taken by the mail server")


def _refused(error: smtplib.SMTPRecipientsRefused) -> Outcome:
    """Return the result for a refused recipient, with the server's reply."""
    code, reason = next(iter(error.recipients.values()), (0, b""))
    said = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
    words = f"{code} {said}"[:200]
    return Outcome(delivered=False, words=words, hopeless=code >= PERMANENT)

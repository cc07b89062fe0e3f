"""Sends a delivery by e-mail, over Django's backend."""

import smtplib

from django.conf import settings
from django.core.mail import EmailMessage

from alerts.deliveries import messages
from alerts.deliveries.models import Delivery
from alerts.deliveries.outcome import DeliveryResult, retryable_failure

PERMANENT = 500  # from this SMTP code on a refusal is permanent


def send_email(delivery: Delivery) -> DeliveryResult:
    """Hand the message to the mail server; its Message-ID is the same for every attempt."""
    if not settings.EMAIL_URL:
        return retryable_failure("this platform sends no e-mails", own_fault=True)
    subject, text = messages.compose_email(delivery)
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
        return _refused_recipient(error)
    except (smtplib.SMTPException, OSError) as error:
        return retryable_failure(f"{type(error).__name__}: {error}", own_fault=True)
    return DeliveryResult(delivered=True, message="taken by the mail server")


def _refused_recipient(error: smtplib.SMTPRecipientsRefused) -> DeliveryResult:
    """Return the result for a refused recipient, with the server's reply."""
    code, reason = next(iter(error.recipients.values()), (0, b""))
    text = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
    message = f"{code} {text}"[:200]
    return DeliveryResult(delivered=False, message=message, permanent=code >= PERMANENT)

"""Housekeeping of the backoffice."""

from celery import shared_task
from django.conf import settings

from backoffice.approvals import decide
from backoffice.attention import mail_matters
from backoffice.mails import send


@shared_task(name="backoffice.expire_approvals")
def expire_approvals() -> None:
    """Mark as expired what nobody has decided in time."""
    decide.expire_overdue()


@shared_task(name="backoffice.send_mails")
def send_mails() -> None:
    """Send the e-mails that are due."""
    if settings.EMAIL_URL:
        send.send_due_mails()


@shared_task(name="backoffice.prune_mails")
def prune_mails() -> None:
    """Delete what is left of old e-mails."""
    send.prune_mails()


@shared_task(name="backoffice.mail_attention")
def mail_attention() -> None:
    """Queue e-mails about what needs attention."""
    mail_matters.queue_attention_mails()

"""The Celery tasks of sessions and sign-ups."""

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from accounts.pending_sign_up import PendingSignUp
from accounts.revoked_token import RevokedToken
from accounts.services.sign_up_mail import send_due_codes
from core.clock import now


@shared_task(name="accounts.prune_tokens")
def prune_tokens() -> None:
    """Delete revoked tokens that have expired and are invalid without the row."""
    RevokedToken.objects.filter(expires__lt=timezone.now()).delete()


@shared_task(name="accounts.send_codes")
def send_codes() -> None:
    """Send the codes of sign-ups that are due."""
    if settings.SIGN_UP_VERIFY:
        send_due_codes()


@shared_task(name="accounts.prune_sign_ups")
def prune_sign_ups() -> None:
    """Delete expired sign-ups; accounts that they opened stay."""
    PendingSignUp.objects.filter(until__lt=now()).delete()

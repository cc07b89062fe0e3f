"""Housekeeping of the sessions."""

from celery import shared_task
from django.utils import timezone

from accounts.models import RevokedToken


@shared_task(name="accounts.prune_tokens")
def prune_tokens() -> None:
    """Forget the revoked tokens that have expired: these are refused without being known."""
    RevokedToken.objects.filter(expires__lt=timezone.now()).delete()

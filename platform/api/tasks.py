"""Housekeeping of the API."""

from celery import shared_task
from django.conf import settings

from api.models import IdempotencyKey
from core.clock import DAY_S, now


@shared_task(name="api.prune_keys")
def prune_keys() -> None:
    """Delete the responses that have been stored for IDEMPOTENCY_DAYS."""
    IdempotencyKey.objects.filter(created__lt=now() - settings.IDEMPOTENCY_DAYS * DAY_S).delete()

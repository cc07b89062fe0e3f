"""Housekeeping of the door."""

from importlib import import_module

from celery import shared_task
from django.conf import settings


@shared_task(name="door.prune_sessions")
def prune_sessions() -> None:
    """Forget the browser sessions that have expired."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()

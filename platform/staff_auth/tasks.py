"""Periodic tasks of staff authentication."""

from importlib import import_module

from celery import shared_task
from django.conf import settings


@shared_task(name="door.prune_sessions")
def prune_sessions() -> None:
    """Delete expired browser sessions."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()

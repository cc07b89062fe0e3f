"""Removes old alert logs and old deliveries that belong to no log."""

from pathlib import Path

from django.conf import settings

from alerts import archive
from alerts.deliveries.enums import DeliveryState
from alerts.deliveries.models import Delivery
from core.clock import DAY_S, now

ROWS = 5000  # at most


def prune() -> None:
    """Archive what is older than ALERT_LOG_DAYS to ALERT_LOG_FOLDER, or delete it without one.

    Works in bounded transactions. The daily totals of firings stay.

    Raises:
        ArchiveRefused: another archive run is active.
    """
    if not settings.ALERT_LOG_DAYS:
        return
    before = now() - settings.ALERT_LOG_DAYS * DAY_S
    if settings.ALERT_LOG_FOLDER:
        for _ in archive.archive(before, Path(settings.ALERT_LOG_FOLDER)):
            pass
    else:
        archive.discard(before)
    _prune_messages(before)


def _prune_messages(before: int) -> None:
    """Delete old verifications and summaries that no longer wait; they belong to no log."""
    old = Delivery.objects.filter(log=None, created_at__lt=before * 1000)
    done = old.exclude(state=DeliveryState.WAITING).order_by("created_at", "id")
    while portion := list(done.values_list("pk", flat=True)[:ROWS]):
        Delivery.objects.filter(pk__in=portion).delete()

"""Removes old alert logs and old deliveries that belong to no log."""

from pathlib import Path

from django.conf import settings

from alerts import log_archive
from alerts.deliveries.enums import DeliveryState
from alerts.deliveries.models import Delivery
from core.clock import DAY_S, now

ROWS_PER_DELETE = 5000  # at most


def prune_alert_logs() -> None:
    """Archive what is older than ALERT_LOG_DAYS to ALERT_LOG_FOLDER, or delete it without one.

    Works in bounded transactions. The daily totals of firings stay.

    Raises:
        ArchiveRefused: another archive run is active.
    """
    if not settings.ALERT_LOG_DAYS:
        return
    before = now() - settings.ALERT_LOG_DAYS * DAY_S
    if settings.ALERT_LOG_FOLDER:
        for _ in log_archive.archive_logs(before, Path(settings.ALERT_LOG_FOLDER)):
            pass
    else:
        log_archive.discard_logs(before)
    _prune_messages(before)


def _prune_messages(before: int) -> None:
    """Delete old verifications and summaries that no longer wait; they belong to no log."""
    old = Delivery.objects.filter(log=None, created_at__lt=before * 1000)
    done = old.exclude(state=DeliveryState.WAITING).order_by("created_at", "id")
    while portion := list(done.values_list("pk", flat=True)[:ROWS_PER_DELETE]):
        Delivery.objects.filter(pk__in=portion).delete()

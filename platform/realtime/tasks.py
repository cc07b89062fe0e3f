"""Housekeeping of the event log."""

from celery import shared_task

from realtime.events import retention


@shared_task(name="realtime.prune_events")
def prune_events() -> None:
    """Delete the events older than EVENT_LOG_DAYS."""
    retention.prune_event_log()

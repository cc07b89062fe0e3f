"""Housekeeping of the event log and the notifications."""

from celery import shared_task

from realtime.events import notifications, retention


@shared_task(name="realtime.prune_events")
def prune_events() -> None:
    """Delete the events older than EVENT_LOG_DAYS."""
    retention.prune_event_log()


@shared_task(name="realtime.prune_notifications")
def prune_notifications() -> None:
    """Delete the notifications older than NOTIFICATION_DAYS."""
    notifications.prune_notifications()

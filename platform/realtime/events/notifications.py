"""Stored notifications: written with the events that tell of them, listed, read and pruned."""

from collections.abc import Iterable

from django.conf import settings

from core.clock import DAY_S, now
from core.postgresql.batch import StatementBatch
from core.postgresql.row_statements import Row, RowInsert
from realtime.events.types import NotificationEvent, NotificationType, StreamEvent
from realtime.models import Notification

INSERT_NOTIFICATIONS = RowInsert(
    Notification, "login", "token", "message", "description", "create_time", "open_time", "type",
    "status", "level", "data",
)  # fmt: skip
ROWS_PER_DELETE = 5000  # at most


def notification_rows(login: int, events: Iterable[StreamEvent]) -> list[Row]:
    """Return the rows of the notifications among these numbered events of the login."""
    return [
        [
            login,
            event.token,
            event.message,
            event.description,
            event.create_time,
            0,
            int(NotificationType[event.token.partition(":")[0]]),
            int(event.status),
            int(event.level),
            event.data,
        ]
        for event in events
        if isinstance(event, NotificationEvent)
    ]


def store_notifications(rows: list[Row]) -> None:
    """Insert the rows in one statement, or one for one row."""
    batch = StatementBatch()
    INSERT_NOTIFICATIONS.add_to(batch, rows)
    batch.run()


def prune_notifications() -> int:
    """Delete the notifications older than NOTIFICATION_DAYS; return their number."""
    if not settings.NOTIFICATION_DAYS:
        return 0
    before = now() - settings.NOTIFICATION_DAYS * DAY_S
    old = Notification.objects.filter(create_time__lt=before).order_by("create_time")
    pruned = 0
    while portion := list(old.values_list("pk", flat=True)[:ROWS_PER_DELETE]):
        pruned += Notification.objects.filter(pk__in=portion).delete()[0]
    return pruned

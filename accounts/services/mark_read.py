"""Marking notifications as read."""

from collections.abc import Collection

from core.clock import now
from core.errors import NotFound
from core.locks import transactional
from realtime.events.types import NotificationStatus
from realtime.models import Notification


@transactional
def mark_read(*, login: int, ids: Collection[int]) -> None:
    """Mark the login's notifications as read, all or none; those read before stay as they are.

    Raises:
        NotFound: one of them is not the login's.
    """
    own = Notification.objects.filter(login=login, pk__in=ids)
    if own.count() != len(set(ids)):
        raise NotFound
    unread = own.filter(status=NotificationStatus.WAITING)
    unread.update(status=NotificationStatus.READ, open_time=now())

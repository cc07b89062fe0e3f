"""Tells the client about its addresses, as a notification on the stream."""

from accounts.models import Account
from core.clock import now
from realtime import log
from realtime.events import EventCode, NotificationEvent
from realtime.wire import WAITING


def tell(account: Account, message: str, description: str, level: int) -> None:
    """Append the notification; the account is locked. `level` is of codes.md."""
    event = NotificationEvent(
        message=message,
        description=description,
        token="",
        status=WAITING,
        level=level,
        user_id=account.login,
        create_time=now(),
        code=EventCode.ADD,
    )
    log.append(account, event)

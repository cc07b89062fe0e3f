"""An account's notifications on its admin page."""

from django.http import HttpRequest

from backoffice.columns import format_utc
from backoffice.widgets.content import Cell, Table
from backoffice.widgets.panel import Panel
from core.users import Account
from realtime.events.types import NotificationLevel
from realtime.models import Notification

LATEST = 20
TONES = {NotificationLevel.WARNING: "warn", NotificationLevel.ERROR: "bad"}


def notification_panel(request: HttpRequest, account: Account) -> Table:
    """Return the newest notifications, and when the client has read them."""
    found = Notification.objects.filter(login=account.pk)[:LATEST]
    return Table(
        ("Sent (UTC)", "Level", "Title", "Text", "Token", "Read (UTC)"),
        [
            (
                format_utc(one.create_time),
                _level_cell(one.level),
                one.message,
                one.description,
                one.token,
                format_utc(one.open_time) if one.open_time else "",
            )
            for one in found
        ],
    )


def _level_cell(stored: int) -> Cell:
    level = NotificationLevel(stored)
    return Cell(level.name.lower(), tone=TONES.get(level, ""))


PANELS = (
    Panel("accounts.account", "Notifications", "realtime.view_notification", notification_panel),
)

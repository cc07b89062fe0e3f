"""An account's event log on its admin page."""

from django.http import HttpRequest

from backoffice.columns import format_utc
from backoffice.widgets.content import Table
from backoffice.widgets.panel import Panel
from core.json import dumps
from core.users import Account
from realtime.models import AccountEvent

LATEST = 20
KINDS = {"b": "balance", "o": "order", "a": "alert", "n": "notification", "s": "stored"}


def event_log_panel(request: HttpRequest, account: Account) -> Table:
    """Return the events that the client was sent last, as they were sent."""
    found = AccountEvent.objects.filter(login=account.pk).order_by("-seq")[:LATEST]
    return Table(
        ("Seq", "Time (UTC)", "Kind", "As it was sent"),
        [
            (
                event.seq,
                format_utc(event.time),
                KINDS.get(event.event[0], event.event[0]),
                dumps(event.event).decode(),
            )
            for event in found
        ],
    )


PANELS = (Panel("accounts.account", "Event log", "realtime.view_accountevent", event_log_panel),)

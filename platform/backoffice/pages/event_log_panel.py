"""An account's event log on its admin page."""

from typing import Any

from django.http import HttpRequest

from backoffice.acting.panel import Content, Panel
from backoffice.columns import utc
from core.json import dumps
from realtime.models import AccountEvent

LATEST = 20
KINDS = {"b": "balance", "o": "order", "a": "alert", "n": "notification"}


def events(request: HttpRequest, account: Any) -> Content:
    """Return the events that the client was sent last, as they were sent."""
    found = AccountEvent.objects.filter(login=account.pk).order_by("-seq")[:LATEST]
    return Content(
        ("Seq", "Time (UTC)", "Kind", "As it was sent"),
        [
            (
                event.seq,
                utc(event.time),
                KINDS.get(event.event[0], event.event[0]),
                dumps(event.event).decode(),
            )
            for event in found
        ],
    )


PANELS = (Panel("accounts.account", "Event log", "realtime.view_accountevent", events),)

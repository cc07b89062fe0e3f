"""Whether an account's client is connected, live on the account's admin page."""

from typing import Any

from django.http import HttpRequest

from backoffice import tile_parts as parts
from backoffice.acting.tile import LiveTile
from backoffice.tile_parts import Part
from realtime import publish


def sockets(request: HttpRequest, account: Any) -> list[Part]:
    """Return how many stream processes have the account's sockets, and its last event's seq."""
    listening = publish.listeners(account.pk)
    words = f"on {listening} stream process{'es' if listening != 1 else ''}" if listening else "no"
    tone = "good" if listening else ""
    return [parts.figures(("Connected", words, tone), ("Last event", str(account.seq)))]


TILES = (LiveTile("accounts.account", "sockets", "Stream", "realtime.view_accountevent", sockets),)

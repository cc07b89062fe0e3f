"""Whether an account's client is connected, live on the account's admin page."""

from django.http import HttpRequest

from backoffice.widgets.content import Cell, Content, FigureList
from backoffice.widgets.live_tile import LiveTile
from core.users import Account
from realtime.events import publish


def connection_tile(request: HttpRequest, account: Account) -> list[Content]:
    """Return how many stream processes have the account's sockets, and its last event's seq."""
    listening = publish.count_listeners(account.pk)
    text = f"on {listening} stream process{'es' if listening != 1 else ''}" if listening else "no"
    tone = "good" if listening else ""
    return [FigureList([("Connected", Cell(text, tone=tone)), ("Last event", str(account.seq))])]


TILES = (
    LiveTile(
        "accounts.account", "sockets", "Stream", "realtime.view_accountevent", connection_tile
    ),
)

"""The server's frames of the stream as text, encoded once each."""

from typing import Any

from autobahn.websocket.protocol import PreparedMessage

from core import json
from core.money import exact
from realtime.events import Level, NotificationEvent

TINY = 1e-3  # below it the repr of a float may have an exponent
RESYNC = '{"event":"resync"}'


class Frame:
    """A text frame and its bytes; a server's frames are not masked, so they are everybody's."""

    __slots__ = ("data", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.data: bytes = PreparedMessage(text.encode(), False, False, True).payloadHybi


def text(frame: object) -> str:
    """Return compact JSON; decimals are plain numbers."""
    return json.dumps(frame).decode()


def quote(symbol: str, bid: float, ask: float, ctm: int) -> str:
    """Return the array of a quote; `ctm` is unix seconds."""
    if bid < TINY or ask < TINY:
        return text(["t", symbol, exact(bid), exact(ask), ctm])
    return text(["t", symbol, bid, ask, ctm])


def numbered(seq: int, event: object) -> str:
    """Return a lossless event as a session gets it after `resume`."""
    return text({"seq": seq, "event": event})


def heartbeat(seq: int, ctm: int) -> str:
    """Return the last seq with the time of the newest quote in unix seconds."""
    return text(["h", seq, ctm])


def answer(event: str, **fields: Any) -> str:
    """Return a successful answer to a client's frame."""
    return text({"event": event, "success": True, **fields})


def refusal(event: str, code: str) -> str:
    """Return the refusal of a client's frame, by its code."""
    return text({"event": event, "success": False, "error": code})


def error(code: str, message: str) -> str:
    """Return the answer to a frame that could not be understood."""
    return text({"event": "error", "error": code, "message": message})


def delayed(login: int) -> str:
    """Return the warning that live data is interrupted."""
    message = "Live data is interrupted"
    description = "Quotes and events are late until the connection is back; nothing gets lost."
    return text(NotificationEvent.to(login, message, description, Level.WARNING).wire())

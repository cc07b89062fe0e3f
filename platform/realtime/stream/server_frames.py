"""The server's frames of the stream as text, encoded once each."""

from autobahn.websocket.protocol import PreparedMessage

from core import json
from core.clock import now
from core.money import exact_decimal
from realtime.events.types import NotificationEvent, NotificationLevel, NotificationType

TINY = 1e-3  # below it the repr of a float may have an exponent
RESYNC = '{"event":"resync"}'


class Frame:
    """A text frame and its bytes; a server's frames are not masked, so they are everybody's."""

    __slots__ = ("data", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.data: bytes = PreparedMessage(text.encode(), False, False, True).payloadHybi


def encode_frame(frame: object) -> str:
    """Return compact JSON; decimals are plain numbers."""
    return json.dumps(frame).decode()


def quote_frame(symbol: str, bid: float, ask: float, ctm: int) -> str:
    """Return the array of a quote; `ctm` is unix seconds."""
    if bid < TINY or ask < TINY:
        return encode_frame(["t", symbol, exact_decimal(bid), exact_decimal(ask), ctm])
    return encode_frame(["t", symbol, bid, ask, ctm])


def numbered_frame(seq: int, event: object) -> str:
    """Return a lossless event as a session gets it after `resume`."""
    return encode_frame({"seq": seq, "event": event})


def heartbeat_frame(seq: int, ctm: int) -> str:
    """Return the last seq with the time of the newest quote in unix seconds."""
    return encode_frame(["h", seq, ctm])


def answer_frame(event: str, **fields: object) -> str:
    """Return a successful answer to a client's frame."""
    return encode_frame({"event": event, "success": True, **fields})


def refusal_frame(event: str, code: str) -> str:
    """Return the refusal of a client's frame, by its code."""
    return encode_frame({"event": event, "success": False, "error": code})


def error_frame(code: str, message: str) -> str:
    """Return the answer to a frame that could not be understood."""
    return encode_frame({"event": "error", "error": code, "message": message})


def delay_warning(login: int) -> str:
    """Return the warning that live data is interrupted."""
    message = "Live data is interrupted"
    description = "Quotes and events are late until the connection is back; nothing gets lost."
    return encode_frame(
        NotificationEvent.for_login(
            login, NotificationType.LIVE_DATA, (message, description), NotificationLevel.WARNING
        )
        .numbered(now())
        .as_wire()
    )

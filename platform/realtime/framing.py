"""Frames as they go over the wire, made once for all the sockets that get them."""

from autobahn.websocket.protocol import PreparedMessage


class Frame:
    """A text frame and its bytes; a server's frames are not masked, so they are everybody's."""

    __slots__ = ("data", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.data: bytes = PreparedMessage(text.encode(), False, False, True).payloadHybi

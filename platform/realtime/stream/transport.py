"""How frames get to a socket, and when it takes more.

daphne passes `send` as a partial over its protocol (daphne/server.py, create_application).
That `send` never waits: what the client does not read is buffered without bound, but the
transport's producer hook reports it. And it encodes a frame for each socket once more, at
ten times the cost of writing it: here ready bytes go to the transport. Another ASGI server
waits in `send` itself; there this is always open, and frames go through it one by one.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from functools import partial
from types import SimpleNamespace

from daphne.ws_protocol import WebSocketProtocol

from realtime.stream.server_frames import Frame

Send = Callable[[dict[str, object]], Awaitable[None]]
MOST_AT_ONCE = 100  # frames that are written together
KERNEL_BUFFER = 64 * 1024  # bytes; by default the kernel would buffer megabytes of old quotes


class SocketTransport:
    """Writes to one socket; full while 64 KiB (Twisted's `bufferSize`) or more are unsent."""

    def __init__(self, send: Send) -> None:
        self._open = asyncio.Event()
        self._open.set()
        self._send = send
        self._protocol = daphne_protocol_of(send)
        self.batch_size = 1 if self._protocol is None else MOST_AT_ONCE

    @property
    def is_full(self) -> bool:
        return not self._open.is_set()

    async def wait_for_room(self) -> None:
        """Wait until the client has read what is buffered, or is gone."""
        await self._open.wait()

    async def write(self, frames: list[Frame]) -> None:
        """Send the frames, at most MOST_AT_ONCE; drop them where the connection is closing."""
        if self._protocol is None:
            for frame in frames:
                await self._send({"type": "websocket.send", "text": frame.text})
        elif self._protocol.state == WebSocketProtocol.STATE_OPEN:
            self._protocol.transport.write(b"".join([frame.data for frame in frames]))

    async def close(self, code: int) -> None:
        """End the connection with a close frame."""
        await self._send({"type": "websocket.close", "code": code})

    def attach(self) -> None:
        """Follow the transport, which the HTTP channel did until the upgrade."""
        if self._protocol is None:
            return
        producer = SimpleNamespace(
            pauseProducing=self._open.clear,
            resumeProducing=self._open.set,
            stopProducing=self._open.set,
        )
        self._protocol.unregisterProducer()
        self._protocol.registerProducer(producer, True)
        handle = self._protocol.transport.getHandle()
        if isinstance(handle, socket.socket):
            handle.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BUFFER)

    def detach(self) -> None:
        """Stop following: with a paused producer Twisted would never close the connection."""
        if self._protocol is not None:
            self._protocol.unregisterProducer()
        self._open.set()

    def drop(self) -> None:
        """Abort the connection without a close frame."""
        self.detach()
        if self._protocol is not None:
            self._protocol.dropConnection(abort=True)


def daphne_protocol_of(send: Send) -> WebSocketProtocol | None:
    """Return daphne's protocol behind `send`, or None under another server."""
    bound = send.args if isinstance(send, partial) else ()
    return next((part for part in bound if isinstance(part, WebSocketProtocol)), None)

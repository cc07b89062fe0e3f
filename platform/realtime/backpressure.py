"""When a socket takes more: `send` of daphne never waits, its transport's producer hook does.

daphne passes `send` as a partial over its protocol (daphne/server.py, create_application) and
buffers without bound whatever the client does not read. Another ASGI server waits in `send`
itself; there this is always open.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

from daphne.ws_protocol import WebSocketProtocol

Send = Callable[[dict[str, Any]], Awaitable[None]]
KERNEL_BUFFER = 64 * 1024  # bytes; by itself the kernel would take megabytes of old quotes


class Backpressure:
    """Open while less than 64 KiB (Twisted's `bufferSize`) wait in the socket's transport."""

    def __init__(self, send: Send) -> None:
        self._open = asyncio.Event()
        self._open.set()
        self._protocol = protocol_of(send)

    @property
    def full(self) -> bool:
        return not self._open.is_set()

    async def room(self) -> None:
        """Wait until the client has read what is buffered, or is gone."""
        await self._open.wait()

    def attach(self) -> None:
        """Follow the transport; the HTTP channel before the upgrade did so until now."""
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
        """Let go: with a paused producer Twisted would never close the connection."""
        if self._protocol is not None:
            self._protocol.unregisterProducer()
        self._open.set()

    def drop(self) -> None:
        """End the connection without a word."""
        self.detach()
        if self._protocol is not None:
            self._protocol.dropConnection(abort=True)


def protocol_of(send: Send) -> Any:
    """daphne's protocol behind `send`, or None under another server."""
    bound = send.args if isinstance(send, partial) else ()
    return next((part for part in bound if isinstance(part, WebSocketProtocol)), None)

"""What the stream is compared with: a bare ASGI broadcaster, and Channels' own groups.

Both make the frames themselves, as many a second as BENCH_RATE says.
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from typing import Any

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.tools.bench.streaming.group_settings"
import django

django.setup()

from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402
from channels.layers import get_channel_layer  # noqa: E402

FLUSH = 0.08  # seconds, the feed's
ANSWER = '{"success":true}'
Send = Callable[[dict[str, Any]], Awaitable[None]]
joined: set[Send] = set()
running: set[asyncio.Task[None]] = set()


def make_frame(number: int) -> str:
    """Return a quote of one of 100 symbols."""
    return f'["t","SYM{number % 100:03}",{1.1 + number / 1e6:.6f},1.200001,1700000000]'


async def broadcast_batches(broadcast: Callable[[list[str]], Awaitable[None]]) -> None:
    """Broadcast batch after batch while a socket is open; a late batch is not caught up."""
    batch = int(float(os.environ["BENCH_RATE"]) * FLUSH)
    due, start = time.monotonic(), 0
    while joined:
        await broadcast([make_frame(number) for number in range(start, start + batch)])
        start += batch
        due = max(due + FLUSH, time.monotonic())
        await asyncio.sleep(due - time.monotonic())


def add_socket(send: Send, text: str, broadcast: Callable[[list[str]], Awaitable[None]]) -> None:
    """Add a socket; its first frame says with how many the broadcast begins."""
    joined.add(send)
    if len(joined) == int(text):
        running.add(asyncio.create_task(broadcast_batches(broadcast)))


async def to_all(frames: list[str]) -> None:
    for send in list(joined):
        for text in frames:
            await send({"type": "websocket.send", "text": text})


async def bare(scope: Any, receive: Any, send: Send) -> None:
    """Accept every socket, answer the first frame and broadcast from a loop."""
    await receive()
    await send({"type": "websocket.accept"})
    try:
        while (message := await receive())["type"] != "websocket.disconnect":
            await send({"type": "websocket.send", "text": ANSWER})
            add_socket(send, message["text"], to_all)
    finally:
        joined.discard(send)


async def to_group(frames: list[str]) -> None:
    layer: Any = get_channel_layer()
    for text in frames:
        await layer.group_send("quotes", {"type": "quote", "text": text})


class Group(AsyncWebsocketConsumer):  # type: ignore[misc]  # Channels is untyped
    """Send each quote to one group of all sockets."""

    groups = ["quotes"]

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await self.send(text_data=ANSWER)
        add_socket(self.send, str(text_data), to_group)

    async def disconnect(self, code: int) -> None:
        joined.discard(self.send)

    async def quote(self, event: dict[str, str]) -> None:
        await self.send(text_data=event["text"])


group = Group.as_asgi()

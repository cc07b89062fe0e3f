"""The stream's addresses: `/ws`, and `/` for clients of the public contract."""

from collections.abc import Awaitable, Callable

from django.urls import re_path

from realtime.stream.consumer import StreamConsumer
from realtime.stream.transport import Send


async def refuse_handshake(
    scope: object, receive: Callable[[], Awaitable[object]], send: Send
) -> None:
    """Refuse the handshake of any other address (403)."""
    await receive()
    await send({"type": "websocket.close"})


websocket_urlpatterns = [
    re_path(r"^(ws/?)?$", StreamConsumer.as_asgi()),
    re_path("", refuse_handshake),  # type: ignore[arg-type]  # an ASGI application, as Channels routes them
]

"""The client WebSocket stream: authorization, then what `client_actions` lists."""

import asyncio
import logging

from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import Error

from core.errors import BrokerError
from realtime.stream import server_frames
from realtime.stream.authorization import authorize_socket
from realtime.stream.client_actions import perform_action
from realtime.stream.client_frames import ClientFrame, InvalidFrame, parse_frame
from realtime.stream.connection import SESSION_ENDED, StreamConnection
from realtime.stream.hub import Hub
from realtime.stream.outbox import Outbox
from realtime.stream.transport import Send

FIRST_FRAME_WITHIN = 10.0  # seconds
MOST_ERRORS = 10
# From 4000 on: daphne sends no code that the WebSocket standard reserves, such as 1013.
TRY_AGAIN, TOO_MANY_ERRORS, NO_FIRST_FRAME = 4503, 4400, 4408
log = logging.getLogger(__name__)


class StreamConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # Channels is untyped
    """One socket. Everything goes out through its outbox, so that there is one order."""

    async def __call__(self, scope: object, receive: object, send: Send) -> None:
        self.outbox = Outbox(send)
        self.authorized: tuple[Hub, StreamConnection] | None = None
        self.errors = 0
        self.timer: asyncio.TimerHandle | None = None
        try:
            await super().__call__(scope, receive, send)
        finally:  # also when the server cancels it, where `disconnect` is not called
            self.release()

    async def connect(self) -> None:
        await self.accept()
        self.outbox.open()
        loop = asyncio.get_running_loop()
        self.timer = loop.call_later(FIRST_FRAME_WITHIN, self.outbox.close, NO_FIRST_FRAME)

    def release(self) -> None:
        """Stop the outbox and the timer, and leave the hub."""
        self.outbox.stop()
        if self.timer is not None:
            self.timer.cancel()
        if self.authorized is not None:
            hub, connection = self.authorized
            connection.stop()
            hub.leave(connection)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.outbox.is_closing:
            return
        if text_data == "ping":
            self.outbox.put("pong")
            return
        try:
            await self.handle(parse_frame(text_data))
        except InvalidFrame as error:
            self.refuse_frame(error)
        except Error:
            log.exception("the database failed")
            self.outbox.close(TRY_AGAIN)

    async def handle(self, frame: ClientFrame) -> None:
        """Handle a well-formed frame: the first one authorizes."""
        if self.authorized is not None:
            await perform_action(frame, *self.authorized)
            return
        if self.timer is not None:
            self.timer.cancel()
        try:
            self.authorized = await authorize_socket(frame.get("authorization"), self.outbox)
        except BrokerError as error:
            self.outbox.put(server_frames.refusal_frame("authorization", error.code))
            self.outbox.close(SESSION_ENDED)

    def refuse_frame(self, error: InvalidFrame) -> None:
        """Send what was wrong with a frame; after MOST_ERRORS of them, close."""
        self.errors += 1
        self.outbox.put(server_frames.error_frame(error.code, error.message))
        if self.errors >= MOST_ERRORS:
            self.outbox.close(TOO_MANY_ERRORS)

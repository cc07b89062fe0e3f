"""A client that does not read costs bounded memory and is closed."""

import asyncio
import json
import socket
from typing import Any

from accounts.models import Account
from realtime.stream import outbox as outboxes
from realtime.stream.outbox import Outbox
from tests.realtime.conftest import Connect, append_events, new_token, slow_connection
from tests.realtime.stream_client import WITHIN
from tests.realtime.stream_server import StreamServer

TEXT, CLOSE = 0x81, 0x88
HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


def client_frame(kind: int, payload: bytes) -> bytes:
    """Return a client's frame on the wire; a mask of zeros changes nothing."""
    return bytes([kind, 0xFE]) + len(payload).to_bytes(2, "big") + bytes(4) + payload


def silent_client(stream: StreamServer, account: Account) -> socket.socket:
    """Return a signed-in client that has read its first answer and nothing since."""
    connection = slow_connection(stream)
    connection.settimeout(WITHIN)
    connection.sendall(HANDSHAKE)
    read_until(connection, b"\r\n\r\n")
    payload = json.dumps({"authorization": new_token(account)}).encode()
    connection.sendall(client_frame(TEXT, payload))
    read_until(connection, b'"success":true}')
    return connection


def read_until(connection: socket.socket, end: bytes) -> None:
    """Read up to these bytes."""
    answer = b""
    while not answer.endswith(end):
        byte = connection.recv(1)
        assert byte, answer
        answer += byte


def test_a_slow_reader_that_closes_is_released(
    client: Connect, stream: StreamServer, alice: Account
) -> None:
    reading = client(alice)
    with silent_client(stream, alice) as stalled:
        for _ in range(15):
            append_events(alice.login, *["x" * 500] * 100)
            for _ in range(100):
                reading.receive_first("n")
        stalled.sendall(bytes([CLOSE, 0x82]) + bytes(4) + (1000).to_bytes(2, "big"))
        while stalled.recv(65536):  # what was on its way, then the end: no TimeoutError
            pass


def test_the_outbox_is_bounded_in_bytes() -> None:
    async def hung(message: dict[str, Any]) -> None:
        await asyncio.Event().wait()

    async def most_waiting() -> int:
        outbox, most, large = Outbox(hung), 0, "x" * 64 * 1024
        for _ in range(outboxes.MOST_WAITING):
            outbox.put(large)
            most = max(most, sum(len(frame.data) for frame in outbox._frames))
        assert outbox.is_closing
        return most

    assert asyncio.run(most_waiting()) <= 4 * 1024 * 1024

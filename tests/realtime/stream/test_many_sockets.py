"""Many sockets that connect and vanish."""

import asyncio
import json
import time
from contextlib import suppress

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from accounts.models import Account
from core import redis
from tests.realtime.conftest import (
    Connect,
    append_events,
    new_token,
    publish_batch,
    slow_connection,
)
from tests.realtime.stream_server import StreamServer

SOCKETS, EVENTS = 200, 4000


async def vanish(url: str, raw: str) -> None:
    """Cut sockets at every stage of a session without closing them."""
    sockets = await asyncio.gather(*(connect(url, compression=None) for _ in range(SOCKETS)))
    await asyncio.gather(*(begin(socket, raw, n) for n, socket in enumerate(sockets)))
    for socket in sockets:
        socket.transport.abort()


async def begin(socket: ClientConnection, raw: str, number: int) -> None:
    # The login's oldest sockets are closed when it has too many, some of them at this moment.
    with suppress(ConnectionClosed):
        await advance(socket, raw, number)


async def advance(socket: ClientConnection, raw: str, number: int) -> None:
    if number % 4 == 0:
        return
    await socket.send(json.dumps({"authorization": raw}))
    if number % 4 > 1:
        await socket.recv()
    if number % 4 > 2:
        await socket.send(json.dumps({"event": "subscribe", "data": ["EURUSD"]}))


def test_sockets_that_vanish_leave_nothing_behind(
    client: Connect, stream: StreamServer, alice: Account, bob: Account
) -> None:
    publish_batch(["EURUSD", 1.1, 1.2, 1])
    before = len(stream.log())
    asyncio.run(vanish(stream.url, new_token(alice)))
    for ctm in range(2, 20):
        publish_batch(["EURUSD", 1.1, 1.2, ctm])
    wait_until_unsubscribed(alice.login)
    with client(bob) as other:
        other.send("ping")
        assert other.text() == "pong"
    message = stream.log()[before:]
    assert "Traceback" not in message, message
    assert "never retrieved" not in message, message


def wait_until_unsubscribed(login: int) -> None:
    """Wait until the server has noticed that no socket of the login is left."""
    deadline = time.monotonic() + 20
    while dict(redis.sync_client().pubsub_numsub(f"account:{login}"))[f"account:{login}"]:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_reader_that_stops_reading_is_the_only_one_closed(
    client: Connect, stream: StreamServer, alice: Account
) -> None:
    stalled, reading = client(alice, sock=slow_connection(stream)), client(alice)
    for _ in range(EVENTS // 100):
        append_events(alice.login, *["x" * 500] * 100)
        for _ in range(100):
            assert reading.receive_first("n")[1] == "x" * 128
    append_events(alice.login, "last")
    assert reading.receive_first("n")[1] == "last"
    with pytest.raises(ConnectionClosed) as closed:
        stalled.receive_until(lambda frame: frame[1] == "last")
    # The code stands behind what was not read; who reads too late finds the connection gone.
    assert closed.value.rcvd is None or closed.value.rcvd.code == 4413
    reading.send("ping")
    assert reading.text() == "pong"

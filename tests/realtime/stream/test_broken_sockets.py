"""A socket whose task failed is closed, never left open and silent."""

import asyncio
from collections.abc import Iterator
from contextlib import closing, suppress
from typing import Any

import pytest
from django.db import connection
from websockets.exceptions import ConnectionClosed

from accounts.models import Account
from realtime.stream.outbox import Outbox
from tests import factories
from tests.realtime.conftest import Connect, new_token
from tests.realtime.stream_client import StreamClient
from tests.realtime.stream_server import StreamServer


@pytest.fixture
def server(django_db_setup: None) -> Iterator[StreamServer]:
    """A daphne that may log a failure."""
    server = StreamServer()
    yield server
    server.stop()


@pytest.fixture
def no_symbols(transactional_db: None) -> Iterator[None]:
    """Make reading the symbols fail."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE market_symbol RENAME TO elsewhere")
        yield
        cursor.execute("ALTER TABLE elsewhere RENAME TO market_symbol")


def test_a_failing_database_closes_the_socket_with_a_code_that_means_try_again(
    server: StreamServer, alice: Account, no_symbols: None
) -> None:
    with closing(StreamClient(server.url)) as socket:
        socket.send({"authorization": new_token(alice)})
        with suppress(ConnectionClosed):  # the terms of groups may be read before it
            socket.send({"event": "subscribe", "data": ["EURUSD"]})
        assert socket.close_code() == 4503


@pytest.mark.parametrize("name", ["\0", "EUR\0USD", "X" * 17, "", "ＥＵＲＵＳＤ", "EUR USD"])
@pytest.mark.parametrize("event", ["subscribe", "unsubscribe"])
def test_malformed_symbol_names_are_rejected(
    client: Connect, alice: Account, name: str, event: str
) -> None:
    factories.symbol("EURUSD")
    answer = client(alice).ask({"event": event, "data": [name, "EURUSD"]})
    assert answer["success"]
    assert (answer["data"], answer["rejected"]) == (["EURUSD"], [name])


def test_a_server_that_refuses_a_frame_is_logged_and_the_outbox_takes_no_more(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def refusing(message: dict[str, Any]) -> None:
        raise ValueError("no such frame")

    async def run() -> bool:
        outbox = Outbox(refusing)
        outbox.open()
        outbox.put("{}")
        async with asyncio.timeout(5):
            while not outbox.is_closing:
                await asyncio.sleep(0)
        return outbox.is_closing

    assert asyncio.run(run())
    assert "is dropped" in caplog.text

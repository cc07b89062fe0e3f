"""Redis stops and returns: sockets stay, report it, and miss nothing."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis as library

from accounts.models import Account, User
from core import redis
from market.errors import OffQuotes
from market.models import LastQuote
from market.quotes.quote import Quote
from runtime.lock import lock_servers
from runtime.paths import LocalPaths
from runtime.redis_server import RedisServer
from tests import factories
from tests.conftest import Signed, error_of
from tests.realtime.conftest import append_events, new_token
from tests.realtime.stream_client import StreamClient
from tests.realtime.stream_server import StreamServer
from trading.enums import Cmd
from trading.services import ledger

READS = (
    "/market", "/account/balance", "/account/changes?since=0", "/price_alert/list",
    "/trades?tradeType=1&limit=9&offset=0",
)  # fmt: skip


class OwnRedis:
    """A Redis that only this test uses and may stop."""

    def __init__(self, folder: Path) -> None:
        self.places = LocalPaths.resolve(folder, "local")
        self.places.create_folders()
        self.server = RedisServer(self.places, fast=True)
        self.url = f"unix://{self.server.socket}?db=0"

    def start(self) -> None:
        self.server.prepare()
        with lock_servers(self.places) as descriptor:
            self.server.start(descriptor, lambda: False)

    def stop(self) -> None:
        self.server.request_stop()
        self.server.await_end(10**9)


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[OwnRedis]:
    server = OwnRedis(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def server(django_db_setup: None, own_redis: OwnRedis) -> Iterator[StreamServer]:
    server = StreamServer(REDIS_URL=own_redis.url)
    yield server
    text = server.stop()
    assert "Traceback" not in text, text


def authorized(server: StreamServer, account: Account) -> StreamClient:
    socket = StreamClient(server.url)
    assert socket.ask({"authorization": new_token(account)})["success"]
    return socket


def test_sockets_survive_an_outage_of_redis(
    own_redis: OwnRedis, server: StreamServer, alice: Account, bob: Account
) -> None:
    with authorized(server, alice) as hers, authorized(server, bob) as his:
        own_redis.stop()
        warning = hers.receive()
        assert (warning[0], warning[5], warning[6]) == ("n", 20, alice.login)
        append_events(
            alice.login, "during"
        )  # announced on the tests' Redis, which this daphne reads not
        User.objects.filter(pk=bob.pk).update(enable=False)
        with authorized(server, alice) as late:
            assert late.receive()[5] == 20
        own_redis.start()
        assert hers.receive_first("n")[1] == "during"
        assert his.close_code() == 4401
        own = library.Redis.from_url(own_redis.url)
        own.publish("quotes", '[["EURUSD",1.1,1.2,1700000000]]')
        own.close()
        assert hers.ask({"event": "subscribe", "data": ["EURUSD"]})["data"] == ["EURUSD"]
        assert hers.receive() == ["t", "EURUSD", 1.1, 1.2, 1700000000]


@pytest.fixture
def here(own_redis: OwnRedis, settings: Any) -> Iterator[None]:
    """Point REST in this process to the same Redis."""
    clients = (redis.sync_client, redis.fail_fast_client)
    settings.REDIS_URL = own_redis.url
    for made in clients:
        made.cache_clear()
    yield
    for made in clients:
        made.cache_clear()


def store_quote(quote: Quote) -> None:
    """Store the quote as the persister does once a second."""
    row = {"bid": quote.bid, "ask": quote.ask, "number": quote.seq_no}
    LastQuote.objects.create(
        symbol_id=quote.symbol, **row, time=quote.time, received=quote.received
    )


def test_rest_works_without_redis_and_the_socket_gets_its_events_afterwards(
    own_redis: OwnRedis, server: StreamServer, here: None, signed_in: Signed, alice: Account
) -> None:
    factories.symbol("EURUSD", quote_timeout=60)
    store_quote(factories.quote("EURUSD", 1.1, 1.1001))
    ledger.post_operation(login=alice.login, cmd=Cmd.BALANCE_IN, amount=factories.D(10_000))
    rest, order = signed_in(alice), {"cmd": 0, "symbol": "EURUSD", "volume": 10, "sl": 0, "tp": 0}
    with authorized(server, alice) as stream:
        own_redis.stop()
        assert stream.receive_first("n")[5] == 20
        for path in READS:
            assert rest.get(path).status_code == 200, path
        opened = rest.post("/trade/open", order)
        assert opened.status_code == 200, opened.json()
        LastQuote.objects.update(received=LastQuote.objects.get().received - 61_000)
        assert error_of(rest.post("/trade/open", order))[1] == OffQuotes.code
        assert stream.is_quiet()
        own_redis.start()
        began = time.monotonic()
        assert stream.receive_first("o")[1] == opened.json()["order"]
        assert time.monotonic() - began < 7  # the longest pause between two attempts is 5
        factories.quote("EURUSD", 1.1, 1.1001)
        assert rest.post("/trade/open", order).status_code == 200
        assert stream.receive_first("o")[1] > opened.json()["order"]

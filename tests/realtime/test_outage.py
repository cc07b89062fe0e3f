"""Redis goes and comes back: sockets stay, say so, and miss nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis as library

from accounts.models import Account, User
from embedded.lock import servers_lock
from embedded.places import Places
from embedded.redis import Redis
from tests.realtime.client import StreamClient
from tests.realtime.conftest import token, write
from tests.realtime.server import StreamServer


class OwnRedis:
    """A Redis that may be stopped, since no other test uses it."""

    def __init__(self, folder: Path) -> None:
        self.places = Places.of(folder, "local")
        self.places.make()
        self.server = Redis(self.places, fast=True)
        self.url = f"unix://{self.server.socket}?db=0"

    def start(self) -> None:
        self.server.prepare()
        with servers_lock(self.places) as descriptor:
            self.server.start(descriptor, lambda: False)

    def stop(self) -> None:
        self.server.ask_to_stop()
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
    said = server.stop()
    assert "Traceback" not in said, said


def authorized(server: StreamServer, account: Account) -> StreamClient:
    socket = StreamClient(server.url)
    assert socket.ask({"authorization": token(account)})["success"]
    return socket


def test_sockets_outlive_redis(
    own_redis: OwnRedis, server: StreamServer, alice: Account, bob: Account
) -> None:
    with authorized(server, alice) as hers, authorized(server, bob) as his:
        own_redis.stop()
        warning = hers.receive()
        assert (warning[0], warning[5], warning[6]) == ("n", 20, alice.login)
        write(alice.login, "during")  # announced on the tests' Redis, which this daphne reads not
        User.objects.filter(pk=bob.pk).update(enable=False)
        with authorized(server, alice) as late:
            assert late.receive()[5] == 20
        own_redis.start()
        assert hers.first("n")[1] == "during"
        assert his.close_code() == 4401
        own = library.Redis.from_url(own_redis.url)
        own.publish("quotes", '[["EURUSD",1.1,1.2,1700000000]]')
        own.close()
        assert hers.ask({"event": "subscribe", "data": ["EURUSD"]})["data"] == ["EURUSD"]
        assert hers.receive() == ["t", "EURUSD", 1.1, 1.2, 1700000000]

"""Floating `b` and `o` frames, from the engine to the sockets of connected accounts."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisDown
from rest_framework.test import APIClient

from accounts.models import Account
from core import redis
from market.models import Symbol
from realtime.events import publish
from tests import factories
from tests.conftest import Signed
from tests.realtime.conftest import Connect, append_events
from tests.realtime.stream_client import StreamClient
from trading import services
from trading.engine.engine import Engine
from trading.enums import Cmd
from trading.models import Trade
from trading.services import ledger

WITHIN = 10.0  # seconds
NAMES = (
    "login", "balance", "margin", "margin_free", "margin_level", "equity", "credit", "level_type",
    "profit",
)  # fmt: skip


@pytest.fixture
def engine(alice: Account, bob: Account, eurusd: Symbol) -> Engine:
    """An engine over funded accounts; the test drives it."""
    for login in (alice.login, bob.login):
        ledger.post_operation(login=login, cmd=Cmd.BALANCE_IN, amount=factories.D(10_000))
    engine = Engine()
    engine.load()
    return engine


def open_trade(login: int = 100001) -> Trade:
    return services.open_market(login=login, cmd=Cmd.BUY, symbol="EURUSD", volume=100)


def drive_until(engine: Engine, until: Callable[[], bool]) -> None:
    """Step the engine until the condition holds."""
    deadline = time.monotonic() + WITHIN
    while not until():
        assert time.monotonic() < deadline
        engine.step()
        engine.floating.refresh_connected()


def wait_until_connected(engine: Engine, login: int) -> None:
    drive_until(engine, lambda: login in engine.floating._connected)


def is_floating(letter: str) -> Callable[[Any], bool]:
    return lambda f: isinstance(f, list) and f[0] == letter and f[-1] == 1


def floating_frames(socket: StreamClient, engine: Engine, letter: str) -> list[Any]:
    """Drive the engine until all is sent; return the letter's frames up to the last quote."""
    drive_until(engine, lambda: not engine.floating.has_unsent)
    socket.send("ping")
    found: list[Any] = []
    while (text := socket.text()) != "pong":
        found.append(text)
    return [f for f in map(json.loads, found) if is_floating(letter)(f)]


@pytest.fixture
def connected(client: Connect, engine: Engine, alice: Account) -> StreamClient:
    """Alice's socket with an open trade, after the first floating frames."""
    open_trade()
    engine.step()
    socket = client(alice)
    wait_until_connected(engine, alice.login)
    drive_until(engine, lambda: not engine.floating.has_unsent)
    socket.receive_until(is_floating("o"))  # held for the first half second
    assert socket.is_quiet()
    return socket


def test_a_quote_moves_the_profit_of_the_trade_and_the_balance(
    connected: StreamClient, engine: Engine
) -> None:
    factories.quote("EURUSD", 1.101, 1.1011)
    engine.step()
    drive_until(engine, lambda: not engine.floating.has_unsent)
    seen = connected.receive_until(is_floating("o"))
    balance = next(f for f in seen if f[0] == "b")
    assert seen[-1][15] == 90.0
    assert (balance[1:3], balance[6], balance[9]) == ([100001, 10000.0], 10090.0, 90.0)


def test_the_figures_are_those_of_the_balance_route(
    connected: StreamClient, engine: Engine, signed_in: Signed, alice: Account
) -> None:
    factories.quote("EURUSD", 1.09873, 1.09888)
    engine.step()
    drive_until(engine, lambda: not engine.floating.has_unsent)
    frame = connected.receive_first("b")
    api: APIClient = signed_in(alice)
    balance = api.get("/account/balance").json()
    assert frame[1:-1] == [balance[name] for name in NAMES]


def test_figures_that_did_not_change_are_not_sent(connected: StreamClient, engine: Engine) -> None:
    factories.quote("EURUSD", 1.101, 1.1011)
    engine.step()
    assert len(floating_frames(connected, engine, "b")) == 1
    factories.quote("EURUSD", 1.101, 1.1011)
    engine.step()
    assert floating_frames(connected, engine, "b") == []


def test_the_profit_is_sent_again_after_an_event_without_it(
    connected: StreamClient, engine: Engine
) -> None:
    order = Trade.objects.positions().get().order
    for _ in range(2):  # the second changes nothing
        services.modify_position(login=100001, order=order, sl=factories.D("1.05"))
        engine.step()
        event, *_, last = floating_frames(connected, engine, "o")
        assert (event[11], event[15]) == (1.05, 0)
        assert (last[11], last[15]) == (1.05, -10)


def test_the_figures_go_on_after_an_event_that_the_engine_does_not_know(
    connected: StreamClient, engine: Engine
) -> None:
    append_events(100001, "hello")
    connected.receive_first("n")
    factories.quote("EURUSD", 1.101, 1.1011)
    engine.step()
    assert len(floating_frames(connected, engine, "b")) == 1


def test_at_most_four_frames_a_second(connected: StreamClient, engine: Engine) -> None:
    began, price = time.monotonic(), 1.1
    while time.monotonic() < began + 1.0:
        price += 0.00001
        factories.quote("EURUSD", round(price, 5), round(price + 0.0001, 5))
        engine.step()
    lasted = time.monotonic() - began
    found = floating_frames(connected, engine, "b")
    assert 2 <= len(found) <= lasted / 0.25 + 2
    assert found[-1][9] == pytest.approx((price - 1.1001) * 100_000, abs=0.01)


def test_accounts_without_a_socket_get_no_frames(
    engine: Engine, client: Connect, alice: Account, bob: Account
) -> None:
    for login in (alice.login, bob.login):
        open_trade(login)
    socket = client(bob)
    wait_until_connected(engine, bob.login)
    assert alice.login not in publish.connected_logins()
    assert set(engine.floating._sent_frames) <= {bob.login}
    assert all(frame[1] == bob.login for frame in floating_frames(socket, engine, "b"))


def test_a_frame_older_than_the_clients_last_event_is_dropped(
    connected: StreamClient, engine: Engine, alice: Account
) -> None:
    alice.refresh_from_db()
    stale: Any = ["b", 100001, 1, 1, 1, 1, 1, 0, 0, 1, 1]
    publish.publish_floating([publish.FloatingMessage(alice.login, alice.seq - 1, {"b": stale})])
    fitting: Any = ["b", 100001, 2, 2, 2, 2, 2, 0, 0, 2, 1]
    publish.publish_floating([publish.FloatingMessage(alice.login, alice.seq, {"b": fitting})])
    assert connected.receive_first("b")[2] == 2


def test_an_account_without_open_trades_gets_no_floating_frames(
    connected: StreamClient, engine: Engine
) -> None:
    services.close_position(login=100001, order=Trade.objects.positions().get().order)
    connected.receive_first("b")
    engine.step()
    factories.quote("EURUSD", 1.2, 1.2001)
    engine.step()
    assert floating_frames(connected, engine, "b") == []


def test_an_unavailable_redis_raises_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> Any:
        raise RedisDown("away")

    monkeypatch.setattr(redis.sync_client(), "pubsub_channels", lambda _pattern: away())
    assert publish.connected_logins() == set()

"""How often a request or a portion of the engine's work waits for PostgreSQL and Redis.

Pinned in `round_trips.json`, where numbers only fall: `PIN_ROUND_TRIPS=1` writes those that have.
"""

import json
import os
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from socket import socketpair
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection

from core.session_tokens import SessionToken
from runtime.paths import configured_paths
from tests import factories, forked
from tests.round_trips.counting_proxy import Address, PostgresCounter, RedisCounter, counting_proxy
from trading import services
from trading.enums import Activation, Cmd
from trading.models import Trade

pytestmark = pytest.mark.django_db(transaction=True)
PINS = Path(__file__).with_name("round_trips.json")
PIN = "PIN_ROUND_TRIPS"
ROOT = Path(__file__).resolve().parents[2]
UNREACHED = {"LIMIT_ADDRESS": "1000000", "LIMIT_TRADING": "1000000"}  # limits, counted all the same
REPEATS = 4  # the fewest count: what a process caches for a time is read again now and then
# So few accounts that redis-py sends what is published in one piece: with several the server may
# answer the first before the next is sent.
LOGIN, ACCOUNTS, STOPS = 500_001, 4, (1.09, 1.08, 1.07, 1.06)
BUY = {"cmd": 0, "volume": 10, "symbol": "EURUSD", "sl": 0, "tp": 0}
READS = ("/account/me", "/trades?limit=50&offset=0&tradeType=1", "/market/short/list")
Trips = dict[str, int]


class CountedClient:
    """The other end of a `counted_process`, and what it has counted."""

    def __init__(self, stack: ExitStack) -> None:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="trips-")))
        postgres, redis = ".s.PGSQL.5432", "redis.sock"
        self._proxies = {
            "sql": stack.enter_context(
                counting_proxy(folder / postgres, postgres_address(), PostgresCounter)
            ),
            "redis": stack.enter_context(
                counting_proxy(folder / redis, configured_paths().sockets / redis, RedisCounter)
            ),
        }
        environment = os.environ | UNREACHED
        environment["LOG_LEVEL"] = "WARNING"
        environment["DATABASE_URL"] = database_url(folder)
        environment["REDIS_URL"] = f"unix://{folder / redis}?db=0"
        environment["PYTHONPATH"] = f"{ROOT}:{ROOT / 'platform'}"
        words = ["-m", "tests.round_trips.counted_process"]
        here, there = socketpair()
        here.settimeout(60)
        self._channel = stack.enter_context(here.makefile("rw"))
        stack.enter_context(here)
        self._written = folder / "output"
        output = stack.enter_context(self._written.open("wb"))
        with there:
            files = (output, output)
            process = forked.Process(words, environment, files, inherited=[there.fileno()])
        stack.callback(process.wait)
        stack.callback(process.kill)
        self._read_answer()

    def do(self, name: str, **arguments: Any) -> tuple[Any, Trips]:
        """Have the process do something; return the answer and the round trips."""
        before = {kind: proxy.count for kind, proxy in self._proxies.items()}
        print(json.dumps([name, arguments]), file=self._channel, flush=True)
        answer = self._read_answer()
        return answer, {kind: p.count - before[kind] for kind, p in self._proxies.items()}

    def request(self, method: str, path: str, body: Any = None, key: str = "") -> tuple[Any, Trips]:
        """Send a request of the account; return the body and the round trips."""
        token = str(SessionToken.issue(LOGIN, 0, 1))
        arguments = {"method": method, "path": path, "token": token, "body": body, "key": key}
        (status, answer), trips = self.do("request", **arguments)
        assert status == 200, answer
        return answer, trips

    def _read_answer(self) -> Any:
        line = self._channel.readline()
        assert line, f"the process has ended:\n{self._written.read_text()[-3000:]}"
        return json.loads(line)


def postgres_address() -> Address:
    """Return where the PostgreSQL of the tests listens: the private one, or DATABASE_URL's."""
    host, port = (connection.settings_dict[name] for name in ("HOST", "PORT"))
    path = host.startswith("/")
    return Path(host) / f".s.PGSQL.{port or 5432}" if path else (host, int(port or 5432))


def database_url(folder: Path) -> str:
    """Return the URL of the test database through the socket in `folder`."""
    parts = (connection.settings_dict[name] for name in ("USER", "PASSWORD", "NAME"))
    user, password, name = (quote(part, safe="") for part in parts)
    return f"postgresql://{user}:{password}@{quote(str(folder), safe='')}/{name}"


@pytest.fixture
def counted() -> Iterator[CountedClient]:
    factories.symbol("EURUSD", quote_timeout=86_400)
    group = factories.group("trips", max_positions=1000)
    for login in range(LOGIN, LOGIN + ACCOUNTS):
        factories.client(login, group)
    factories.publish(("EURUSD", 1.1, 1.1001))
    with ExitStack() as stack:
        yield CountedClient(stack)


def fewest(counts: list[Trips]) -> Trips:
    """Return the fewest round trips of each kind."""
    return {kind: min(each[kind] for each in counts) for kind in counts[0]}


def count_reads(client: CountedClient) -> dict[str, Trips]:
    """Return the round trips of reads."""
    services.open_market(login=LOGIN, cmd=Cmd.BUY, symbol="EURUSD", volume=10)
    return {
        f"GET {path.partition('?')[0]}": fewest(
            [client.request("GET", path)[1] for _ in range(REPEATS)]
        )
        for path in READS
    }


def count_writes(client: CountedClient, new_key: Callable[[], str], note: str) -> dict[str, Trips]:
    """Return the round trips of an open and a close."""
    opened, closed = [], []
    for _ in range(REPEATS):
        answer, trips = client.request("POST", "/trade/open", BUY, new_key())
        opened.append(trips)
        order = {"order": answer["order"]}
        closed.append(client.request("DELETE", "/trade/close", order, new_key())[1])
    return {f"POST /trade/open{note}": fewest(opened), f"DELETE /trade/close{note}": fewest(closed)}


def count_group_closes(client: CountedClient) -> dict[str, Trips]:
    """Return the round trips of closing five positions at once."""
    closed = []
    for _ in range(REPEATS):
        for _ in range(5):
            client.request("POST", "/trade/open", BUY)
        answer, trips = client.request("DELETE", "/trade/close/group", {"type": 0})
        assert answer["closed"] == 5
        closed.append(trips)
    return {"DELETE /trade/close/group": fewest(closed)}


def count_portions(client: CountedClient) -> dict[str, Trips]:
    """Return the round trips of batches: one that reaches a stop of each account, one of nothing.

    The portions are equal, so that the fewest of them is what each needs.
    """
    for login in range(LOGIN, LOGIN + ACCOUNTS):
        for stop in STOPS:
            services.open_market(
                login=login, cmd=Cmd.BUY, symbol="EURUSD", volume=10, sl=factories.D(str(stop))
            )
    client.do("load")
    reached: list[Trips] = []
    unreached: list[Trips] = []
    for stop in STOPS:
        for bid, wanted, counts in ((stop + 0.005, 0, unreached), (stop, ACCOUNTS, reached)):
            batch = factories.publish(("EURUSD", bid, bid + 0.0001))
            arguments = {"number": batch.number, "encoded": batch.encode().decode()}
            executed, trips = client.do("process", **arguments)
            assert executed == wanted
            counts.append(trips)
    assert Trade.objects.filter(activation=Activation.STOP_LOSS).count() == ACCOUNTS * len(STOPS)
    return {
        f"a batch that reaches {ACCOUNTS} stops": fewest(reached),
        "a batch that reaches nothing": fewest(unreached),
    }


def assert_pinned(found: dict[str, Trips]) -> None:
    """Compare with the file: more round trips fail, and so do fewer until they are pinned."""
    pinned: dict[str, Trips] = json.loads(PINS.read_text()) if PINS.exists() else {}
    more = {
        name: trips
        for name, trips in found.items()
        if any(trips[kind] > pinned.get(name, trips)[kind] for kind in trips)
    }
    assert more == {}, f"more round trips than {[pinned[name] for name in more]}: {more}"
    if os.environ.get(PIN) == "1":
        text = json.dumps({**pinned, **found}, indent=2, sort_keys=True)
        PINS.write_text(text + "\n", encoding="utf-8")
        return
    assert found == {name: pinned.get(name) for name in found}, f"pin what fell: {PIN}=1"


def test_reads_wait_as_often_as_is_pinned(counted: CountedClient) -> None:
    assert_pinned(count_reads(counted))


def test_writes_wait_as_often_as_is_pinned(counted: CountedClient) -> None:
    assert_pinned(count_writes(counted, str, "") | count_group_closes(counted))


def test_writes_with_a_key_wait_as_often_as_is_pinned(counted: CountedClient) -> None:
    assert_pinned(count_writes(counted, lambda: uuid.uuid4().hex, " with a key"))


def test_batches_of_the_engine_wait_as_often_as_is_pinned(counted: CountedClient) -> None:
    assert_pinned(count_portions(counted))

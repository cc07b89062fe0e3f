"""The engine's heartbeat, leading or standing by; sending it delays no work."""

import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import orjson
import pytest
from redis.exceptions import RedisError

from accounts.models import Account
from core import heartbeats, redis
from core.leader import Leadership
from tests import factories
from trading import services
from trading.engine import heartbeat as report
from trading.engine.book_summary import SUMMARY_KEY
from trading.engine.engine import Engine
from trading.enums import Cmd, State
from trading.models import Trade

pytestmark = pytest.mark.django_db(transaction=True)


def buy(**fields: Any) -> Trade:
    return services.open_market(login=100001, cmd=Cmd.BUY, symbol="EURUSD", volume=100, **fields)


def heartbeat() -> dict[str, float]:
    (numbers,) = heartbeats.read_heartbeats()["engine"].values()
    return numbers


def published() -> dict[str, Any]:
    data: Any = redis.sync_client().get(f"{SUMMARY_KEY}0")
    return dict(orjson.loads(data))


@pytest.fixture
def leader(engine: Engine) -> Iterator[Leadership]:
    leadership = Leadership("engine-0")
    assert leadership.try_acquire()
    yield leadership
    leadership.close()


def test_the_leader_reports_its_lag_and_counts(engine: Engine, leader: Leadership) -> None:
    trade = buy(sl=Decimal("1.05"))
    engine.step()
    factories.quote("EURUSD", 1.04, 1.0401)
    engine.step()
    trade.refresh_from_db()
    assert trade.state == State.CLOSED
    buy()
    engine.step()
    engine.do_upkeep(leader)
    seen = heartbeat()
    assert (seen["leader"], seen["shard"], seen["lag_ms"]) == (1, 0, 0)
    assert (seen["triggers"], seen["trades"], seen["orders"]) == (1, 1, 1)
    assert seen["accounts"] == 1
    assert seen["pass_ms"] > 0
    assert seen["overview_ms"] > 0


def test_unprocessed_quotes_are_reported_as_lag(engine: Engine, leader: Leadership) -> None:
    begin = engine.batch
    newest = factories.publish(("EURUSD", 1.2, 1.2001)).number
    engine.do_upkeep(leader)
    assert heartbeat()["lag_ms"] == newest - begin


def test_a_standby_reports_that_it_does_not_lead(engine: Engine, leader: Leadership) -> None:
    stop = threading.Event()
    standby = threading.Thread(target=Engine().run, args=(stop,))
    standby.start()
    deadline = time.monotonic() + 10
    while not heartbeats.read_heartbeats():
        assert time.monotonic() < deadline
    stop.set()
    standby.join(10)
    assert heartbeat() == {"shard": 0, "shards": 1, "leader": 0}


def test_a_failing_book_summary_delays_no_trigger(
    engine: Engine, leader: Leadership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "summarize_book", lambda _: 1 / 0)
    engine.do_upkeep(leader)
    trade = buy(sl=Decimal("1.05"))
    engine.step()
    factories.quote("EURUSD", 1.04, 1.0401)
    engine.step()
    trade.refresh_from_db()
    assert trade.state == State.CLOSED


def test_without_redis_nothing_is_reported_and_no_error_raised(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise RedisError

    with monkeypatch.context() as outage:
        outage.setattr(redis, "fail_fast_client", away)
        engine.heartbeat.send(engine.margin, engine.executor, batch=1, orders=0)
        engine.heartbeat.report_standby()
    assert heartbeats.read_heartbeats() == {}


def test_the_book_summary_is_sent_every_two_seconds(
    engine: Engine, leader: Leadership, alice: Account
) -> None:
    for _ in range(3):
        engine.heartbeat.send(engine.margin, engine.executor, batch=engine.batch, orders=0)
    first = published()
    assert first["groups"] == {}
    buy()
    engine.step()
    engine.heartbeat.send(engine.margin, engine.executor, batch=engine.batch, orders=0)
    assert published()["time"] == first["time"]

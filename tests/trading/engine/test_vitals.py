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
from core import redis, vitals
from core.leader import Leadership
from tests import factories
from trading import services
from trading.engine import report
from trading.engine.overview import KEY
from trading.engine.runner import Engine
from trading.enums import Cmd, State
from trading.models import Trade

pytestmark = pytest.mark.django_db(transaction=True)


def buy(**fields: Any) -> Trade:
    return services.open_market(login=100001, cmd=Cmd.BUY, symbol="EURUSD", volume=100, **fields)


def told() -> dict[str, float]:
    (numbers,) = vitals.told()["engine"].values()
    return numbers


def published() -> dict[str, Any]:
    data: Any = redis.client().get(f"{KEY}0")
    return dict(orjson.loads(data))


@pytest.fixture
def leader(engine: Engine) -> Iterator[Leadership]:
    leadership = Leadership("engine-0")
    assert leadership.attempt()
    yield leadership
    leadership.close()


def test_the_leader_tells_its_lag_and_what_it_holds(engine: Engine, leader: Leadership) -> None:
    trade = buy(sl=Decimal("1.05"))
    engine.step()
    factories.quote("EURUSD", 1.04, 1.0401)
    engine.step()
    trade.refresh_from_db()
    assert trade.state == State.CLOSED
    buy()
    engine.step()
    engine.keep_up(leader)
    seen = told()
    assert (seen["leader"], seen["shard"], seen["lag_ms"]) == (1, 0, 0)
    assert (seen["triggers"], seen["trades"], seen["orders"]) == (1, 1, 1)
    assert seen["accounts"] == 1
    assert seen["pass_ms"] > 0
    assert seen["overview_ms"] > 0


def test_quotes_that_were_not_walked_are_its_lag(engine: Engine, leader: Leadership) -> None:
    begin = engine.batch
    newest = factories.publish(("EURUSD", 1.2, 1.2001)).number
    engine.keep_up(leader)
    assert told()["lag_ms"] == newest - begin


def test_a_standby_says_that_it_does_not_lead(engine: Engine, leader: Leadership) -> None:
    stop = threading.Event()
    standby = threading.Thread(target=Engine().run, args=(stop,))
    standby.start()
    deadline = time.monotonic() + 10
    while not vitals.told():
        assert time.monotonic() < deadline
    stop.set()
    standby.join(10)
    assert told() == {"shard": 0, "shards": 1, "leader": 0}


def test_an_overview_that_fails_holds_up_nothing(
    engine: Engine, leader: Leadership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "overview", lambda _: 1 / 0)
    engine.keep_up(leader)
    trade = buy(sl=Decimal("1.05"))
    engine.step()
    factories.quote("EURUSD", 1.04, 1.0401)
    engine.step()
    trade.refresh_from_db()
    assert trade.state == State.CLOSED


def test_without_redis_nothing_is_told_and_nothing_breaks(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise RedisError

    with monkeypatch.context() as outage:
        outage.setattr(redis, "hasty_client", away)
        engine.report.send(engine.margin, engine.actions, batch=1, orders=0)
        engine.report.standing_by()
    assert vitals.told() == {}


def test_an_overview_comes_every_two_seconds_and_not_at_every_word(
    engine: Engine, leader: Leadership, alice: Account
) -> None:
    for _ in range(3):
        engine.report.send(engine.margin, engine.actions, batch=engine.batch, orders=0)
    first = published()
    assert first["groups"] == {}
    buy()
    engine.step()
    engine.report.send(engine.margin, engine.actions, batch=engine.batch, orders=0)
    assert published()["time"] == first["time"]

"""After an outage the engine catches up at once, without waiting for the next reconciliation."""

import threading
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import OperationalError
from redis.exceptions import ConnectionError as RedisDown

from accounts.models import Account
from core import redis
from core.leader import Leadership
from tests import factories
from trading import services
from trading.book_updates import BOOK_STREAM
from trading.engine import availability
from trading.engine.engine import Engine
from trading.enums import Cmd, State
from trading.models import Trade

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def leader() -> Iterator[Leadership]:
    leadership = Leadership("engine-0")
    assert leadership.try_acquire()
    yield leadership
    leadership.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(availability, "BACK_OFF", 0.01)


def position_without_update(**fields: Any) -> Trade:
    """Open a position whose book update never reached Redis."""
    trade = services.open_market(login=100001, cmd=Cmd.BUY, symbol="EURUSD", volume=100, **fields)
    redis.sync_client().delete(BOOK_STREAM)
    return trade


def failing_once(error: Exception) -> Callable[[], None]:
    """Return work during which a server is unavailable for a moment."""
    calls: list[int] = []

    def work() -> None:
        calls.append(1)
        if len(calls) == 1:
            raise error

    return work


def state_of(trade: Trade) -> int:
    trade.refresh_from_db()
    return trade.state


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("error", [RedisDown("away"), OperationalError("away")])
def test_an_order_with_a_lost_update_is_loaded_after_the_outage(
    engine: Engine, leader: Leadership, error: Exception
) -> None:
    trade = position_without_update(sl=Decimal("1.05"))
    stop = threading.Event()
    availability.retry_until_available(stop, failing_once(error), engine._reconcile_soon)
    engine.do_upkeep(leader)
    factories.quote("EURUSD", 1.04, 1.0401)
    engine.step()
    assert state_of(trade) == State.CLOSED


@pytest.mark.usefixtures("impatient")
def test_an_order_with_a_lost_update_triggers_at_an_earlier_quote(
    engine: Engine, leader: Leadership
) -> None:
    trade = position_without_update(sl=Decimal("1.05"))
    factories.quote("EURUSD", 1.04, 1.0401)
    factories.quote("EURUSD", 1.2, 1.2001)
    engine.step()
    assert state_of(trade) == State.OPEN
    retry = failing_once(RedisDown("away"))
    availability.retry_until_available(threading.Event(), retry, engine._reconcile_soon)
    engine.do_upkeep(leader)
    assert state_of(trade) == State.CLOSED
    assert trade.close_price == Decimal("1.04")


@pytest.mark.usefixtures("impatient")
def test_an_engine_that_runs_through_an_outage_misses_nothing(
    alice: Account, eurusd: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, stop, away = Engine(), threading.Event(), threading.Event()
    step = engine.step

    def interrupted() -> None:
        if away.is_set():
            raise RedisDown("away")
        step()

    monkeypatch.setattr(engine, "step", interrupted)
    thread = threading.Thread(target=engine.run, args=(stop,))
    thread.start()
    try:
        until(lambda: redis.is_alive("engine"))
        away.set()
        trade = position_without_update(sl=Decimal("1.05"))
        until(lambda: engine._reconciled < 0)
        factories.quote("EURUSD", 1.04, 1.0401)
        away.clear()
        until(lambda: state_of(trade) == State.CLOSED)
    finally:
        stop.set()
        thread.join(10)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline

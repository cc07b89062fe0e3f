"""A book behind the database: the first quote that reaches a level decides nevertheless.

Found by the brute force (`test_brute_force`).
"""

from decimal import Decimal as D
from typing import Any

import pytest
from django.db import OperationalError

from market.models import Symbol
from market.quotes.tick_log import Batch
from tests import factories
from trading import services
from trading.engine.engine import Engine
from trading.enums import Activation, Cmd, State
from trading.models import EngineCheckpoint, Trade
from trading.services import triggers

pytestmark = pytest.mark.django_db(transaction=True)
TIME = 1_800_000_000_000


def buy(**levels: Any) -> Trade:
    return services.open_market(login=100001, cmd=Cmd.BUY, symbol="EURUSD", volume=100, **levels)


def limit(price: str, **levels: Any) -> Trade:
    return services.open_pending(
        login=100001, cmd=Cmd.BUY_LIMIT, symbol="EURUSD", volume=100, open_price=D(price), **levels
    )


def publish(*prices: float) -> Batch:
    quotes = [("EURUSD", price, round(price + 0.0001, 5)) for price in prices]
    return factories.publish(*quotes, time=TIME)


def reload(trade: Trade) -> Trade:
    return Trade.objects.get(pk=trade.order)


def fail_once(monkeypatch: pytest.MonkeyPatch, name: str, error: Exception) -> None:
    """Make the next call of that step of the triggers fail."""
    real: Any = getattr(triggers, name)
    calls: list[int] = []

    def flaky(*args: object, **fields: object) -> object:
        calls.append(1)
        if len(calls) == 1:
            raise error
        return real(*args, **fields)

    monkeypatch.setattr(triggers, name, flaky)


def test_a_stop_moved_closer_closes_at_its_first_quote(engine: Engine) -> None:
    trade = buy(sl=D("1.09"))
    engine.step()
    services.modify_position(login=100001, order=trade.order, sl=D("1.095"))
    for price in (1.0949, 1.1, 1.08):
        engine.process_batch(publish(price))  # the news of the new level is not there yet
    engine.step()
    assert (reload(trade).state, reload(trade).close_price) == (State.CLOSED, D("1.0949"))


def test_a_moved_pending_fills_at_its_first_quote(engine: Engine) -> None:
    trade = limit("1.09", sl=D("1.08"))
    engine.step()
    services.modify_pending(login=100001, order=trade.order, open_price=D("1.095"))
    for price in (1.0948, 1.1, 1.085):
        engine.process_batch(publish(price))
    batch = publish(1.079)
    engine.process_batch(batch)
    fill = reload(trade).fills.get(kind="activate")
    assert (fill.price, fill.quote[0]) == (D("1.095"), 1.0948)
    assert reload(trade).close_price == D("1.079")


def test_a_stop_missing_in_the_book_comes_before_its_take_profit(engine: Engine) -> None:
    trade = buy(tp=D("1.105"))
    engine.step()
    services.modify_position(login=100001, order=trade.order, sl=D("1.095"))
    engine.process_batch(publish(1.094, 1.106))
    assert reload(trade).activation == Activation.STOP_LOSS


def test_a_failed_trigger_does_not_block_other_stops_of_the_batch(engine: Engine) -> None:
    first, second = buy(sl=D("1.095")), buy(sl=D("1.09"))
    engine.step()
    services.modify_position(login=100001, order=first.order, sl=D(0), tp=D("1.105"))
    engine.process_batch(publish(1.106, 1.094, 1.089))
    assert reload(first).activation == Activation.TAKE_PROFIT
    assert (reload(second).state, reload(second).close_price) == (State.CLOSED, D("1.089"))


def test_a_level_triggers_although_its_order_was_changed_elsewhere(engine: Engine) -> None:
    """A partial close makes the row newer than the book, and leaves its levels as they are."""
    trade = buy(sl=D("1.095"))
    engine.step()
    services.close_position(login=100001, order=trade.order, volume=40)
    engine.process_batch(publish(1.094, 1.09))
    assert (reload(trade).volume, reload(trade).close_price) == (60, D("1.094"))


def test_a_trigger_of_an_update_is_requeued_while_the_database_is_unavailable(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    trade = buy(sl=D("1.095"))
    engine.process_batch(publish(1.094, 1.1))  # walked before the news came
    fail_once(monkeypatch, "execute_close", OperationalError("away"))
    with pytest.raises(OperationalError):
        engine.step()
    publish(1.1)
    engine.step()
    engine.save_checkpoint()
    unfilled = reload(trade)
    engine.retry_failed()
    assert (reload(trade).state, reload(trade).close_price) == (State.CLOSED, D("1.094"))
    assert unfilled.state == State.OPEN
    assert EngineCheckpoint.objects.get().batch < engine.batch


def test_levels_missed_by_a_late_activation_trigger_as_well(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    trade = limit("1.095", tp=D("1.105"))
    engine.step()
    fail_once(monkeypatch, "limit_price", RuntimeError("a bug"))
    publish(1.0945, 1.106)
    publish(1.1)
    engine.step()
    assert reload(trade).is_pending
    engine.retry_failed()
    assert (reload(trade).open_price, reload(trade).close_price) == (D("1.095"), D("1.105"))


def test_a_failed_trigger_is_retried_at_its_own_quote(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    trade = buy(sl=D("1.095"))
    engine.step()
    fail_once(monkeypatch, "execute_close", RuntimeError("a bug"))
    publish(1.094)
    publish(1.08)
    engine.step()
    assert (reload(trade).state, reload(trade).close_price) == (State.CLOSED, D("1.094"))


def test_the_first_start_triggers_at_quotes_that_orders_missed(
    alice: object, eurusd: Symbol
) -> None:
    trade = buy(sl=D("1.095"))
    publish(1.094)
    publish(1.1)
    engine = Engine()
    engine.load()
    engine.step()
    assert (reload(trade).state, reload(trade).close_price) == (State.CLOSED, D("1.094"))

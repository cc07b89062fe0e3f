"""Triggers that failed or were missed: old book, unavailable server, stopped engine."""

from collections.abc import Iterator
from decimal import Decimal as D
from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisDown

from accounts.models import Account
from core import redis
from market.errors import OffQuotes
from market.models import Symbol
from market.quotes import tick_log
from market.quotes.tick_log import Batch
from tests import factories
from trading import services
from trading.book_updates import BOOK_STREAM, OrderUpdate
from trading.engine.engine import Engine
from trading.engine.triggers.trigger_book import TriggerBook
from trading.enums import Cmd, State
from trading.models import EngineCheckpoint, Trade
from trading.services import closing, ledger, triggers

pytestmark = pytest.mark.django_db(transaction=True)
TIME = 1_800_000_000_000


def buy(sl: D = D(0), tp: D = D(0)) -> Trade:
    return services.open_market(
        login=100001, cmd=Cmd.BUY, symbol="EURUSD", volume=100, sl=sl, tp=tp
    )


def publish(*prices: float, time: int = TIME) -> Batch:
    quotes = [("EURUSD", price, round(price + 0.0001, 5)) for price in prices]
    return factories.publish(*quotes, time=time)


def state_of(trade: Trade) -> int:
    trade.refresh_from_db()
    return trade.state


@pytest.fixture
def waiting(engine: Engine) -> Trade:
    """A buy limit that had no money at its price; now there is money, and the price is far away."""
    trade = services.open_pending(
        login=100001, cmd=Cmd.BUY_LIMIT, symbol="EURUSD", volume=100, open_price=D("1.095")
    )
    ledger.post_operation(login=100001, cmd=Cmd.BALANCE_OUT, amount=D(9500))
    publish(1.09)
    engine.step()
    publish(1.2, time=TIME + 1000)
    engine.step()
    ledger.post_operation(login=100001, cmd=Cmd.BALANCE_IN, amount=D(9500))
    return trade


def test_a_pending_that_waited_for_money_is_not_filled_at_an_old_quote_after_a_restart(
    engine: Engine, waiting: Trade
) -> None:
    engine.save_checkpoint()
    successor = Engine()
    successor.load()
    successor.step()
    waiting.refresh_from_db()
    assert waiting.is_pending


def test_such_a_pending_is_not_filled_at_an_old_quote_after_a_change(
    engine: Engine, waiting: Trade
) -> None:
    engine.executor = type(engine.executor)()  # the pause between two attempts is over
    later = TIME // 1000 + 99_999
    services.modify_pending(login=100001, order=waiting.order, expiration=later)
    engine.step()
    waiting.refresh_from_db()
    assert waiting.is_pending


def test_such_a_pending_is_filled_by_the_next_quote_at_its_price(
    engine: Engine, waiting: Trade
) -> None:
    engine.executor = type(engine.executor)()
    publish(1.094, time=TIME + 2000)
    engine.step()
    waiting.refresh_from_db()
    assert waiting.is_position
    assert waiting.open_time == TIME // 1000 + 2


def test_after_a_failed_trigger_the_changed_level_still_triggers(engine: Engine) -> None:
    trade = buy(sl=D("1.095"))
    engine.step()
    services.modify_position(login=100001, order=trade.order, sl=D("1.09"))
    engine.process_batch(publish(1.094))  # the news of the new level is not there yet
    publish(1.089)
    publish(1.1)
    engine.step()
    assert state_of(trade) == State.CLOSED
    assert trade.close_price == D("1.089")


def test_after_a_failed_trigger_the_other_level_triggers_in_the_same_batch(engine: Engine) -> None:
    trade = buy(sl=D("1.095"), tp=D("1.105"))
    engine.step()
    services.modify_position(login=100001, order=trade.order, sl=D(0))
    engine.process_batch(publish(1.094, 1.106, 1.1))
    assert state_of(trade) == State.CLOSED
    assert trade.close_price == D("1.105")


def test_a_book_update_that_failed_is_processed_again(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    trade = buy(sl=D("1.095"))
    entries: Any = redis.sync_client().xrange(BOOK_STREAM)
    redis.sync_client().delete(BOOK_STREAM)
    publish(1.09, 1.1)
    engine.step()  # walked before the news came
    real, calls = tick_log.read_batches_after, []

    def flaky(batch: int) -> object:
        calls.append(batch)
        if len(calls) == 1:
            raise RedisDown("away")
        return real(batch)

    monkeypatch.setattr(tick_log, "read_batches_after", flaky)
    redis.sync_client().xadd(BOOK_STREAM, entries[-1][1])
    with pytest.raises(RedisDown):
        engine.step()
    engine.step()
    assert state_of(trade) == State.CLOSED


def test_a_failed_stop_is_closed_later_at_its_own_quote(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    trade = buy(sl=D("1.095"))
    engine.step()
    real: Any = closing.execute_close
    calls: list[int] = []

    def flaky(*args: object, **fields: object) -> object:
        calls.append(1)
        if len(calls) == 1:
            raise OffQuotes("the conversion is away for a moment")
        return real(*args, **fields)

    monkeypatch.setattr(triggers, "execute_close", flaky)
    batch = publish(1.094)
    engine.step()
    publish(1.1)
    engine.step()
    engine.save_checkpoint()
    assert EngineCheckpoint.objects.get().batch < batch.number  # a successor would find it too
    engine.retry_failed()
    assert state_of(trade) == State.CLOSED
    assert trade.close_price == D("1.094")
    assert not engine.executor.failed


def test_an_unchanged_level_still_triggers_at_unprocessed_quotes(engine: Engine) -> None:
    trade = buy(sl=D("1.095"))
    engine.step()
    publish(1.094)
    publish(1.1)
    services.modify_position(login=100001, order=trade.order, sl=D("1.095"), tp=D("1.2"))
    engine.step()
    assert state_of(trade) == State.CLOSED


def test_an_expired_pending_is_not_activated_by_an_outdated_book(engine: Engine) -> None:
    trade = services.open_pending(
        login=100001, cmd=Cmd.BUY_LIMIT, symbol="EURUSD", volume=100, open_price=D("1.095")
    )
    engine.step()
    publish(1.1)
    expiration = TIME // 1000 + 5
    services.modify_pending(login=100001, order=trade.order, expiration=expiration)
    redis.sync_client().delete(BOOK_STREAM)
    publish(1.094, time=TIME + 60_000)
    engine.step()
    assert (state_of(trade), trade.close_time) == (State.DELETED, expiration)


def test_an_outdated_update_does_not_revive_a_closed_order(engine: Engine) -> None:
    trade = buy(sl=D("1.095"))
    old = OrderUpdate.of_trade(trade)
    services.close_position(login=100001, order=trade.order)
    trade.refresh_from_db()
    book = TriggerBook()
    book.apply(OrderUpdate.of_trade(trade))
    book.apply(old)
    assert list(book.logins) == []


def test_missed_triggers_are_converted_at_the_rates_of_their_time(
    bob: Account, eurusd: Symbol
) -> None:
    factories.symbol("GBPUSD")
    profits = []
    for down in (False, True):
        factories.publish(("EURUSD", 1.1, 1.1001), ("GBPUSD", 1.25, 1.2501))
        trade = services.open_market(
            login=100002, cmd=Cmd.BUY, symbol="GBPUSD", volume=100, sl=D("1.24")
        )
        engine = Engine()
        engine.load()
        engine.step()
        engine.save_checkpoint()
        for quote in (("GBPUSD", 1.24, 1.2401), ("EURUSD", 1.2, 1.2001)):
            factories.publish(quote)
            if not down:
                engine.step()
        if down:
            engine = Engine()
            engine.load()
            engine.step()
        trade.refresh_from_db()
        profits.append(trade.profit)
    assert profits == [D("-918.18"), D("-918.18")]


def test_a_start_reads_the_tick_log_once_for_all_orders(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        buy(sl=D("1.0"), tp=D("1.5"))
    engine.save_checkpoint()
    real, reads = tick_log.read_batches_after, []

    def counted(batch: int) -> Iterator[Batch]:
        reads.append(batch)
        return real(batch)

    monkeypatch.setattr(tick_log, "read_batches_after", counted)
    successor = Engine()
    successor.load()
    assert len(reads) == 1
    services.modify_position(login=100001, order=Trade.objects.live()[0].order, tp=D("1.6"))
    successor.step()
    assert len(reads) == 1  # the new level has seen everything that was walked

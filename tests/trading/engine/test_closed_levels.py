"""Levels reached while the market is closed wait for a quote of an open market.

The quotes' times decide: sessions here are hours of the quotes' own day.
"""

from typing import Any

import pytest

from accounts.models import Account
from core import redis
from core.clock import now_ms
from market.catalog import clear_catalog
from market.enums import TradeMode
from market.models import GroupTerms, Symbol
from market.quotes.quote import BATCH_SIZE
from market.quotes.tick_log import TICK_LOG, Batch, Tick, entry_id, newest_batch_number
from market.schedules import GroupSchedule, Holiday
from market.sessions import state as sessions
from tests import factories
from tests.factories import D
from tests.market.sessions.short_schedules import daily_schedule, unix_time
from trading import services
from trading.engine.engine import Engine
from trading.engine.triggers import closed_market
from trading.engine.triggers.levels import TriggerKind
from trading.engine.triggers.trigger_book import TriggerHit
from trading.enums import Activation, Cmd, State
from trading.ledger_audit import find_differences
from trading.models import Trade
from trading.services import triggers
from trading.unit.locked_account import LockedAccount

pytestmark = pytest.mark.django_db(transaction=True)
CLOSING, OPENING = unix_time("2027-01-13 20:00"), unix_time("2027-01-14 08:00")


def close_at_night(symbol: Symbol) -> None:
    """Let the symbol trade from 08:00 to 20:00 from now on."""
    symbol.schedule = daily_schedule("day", "08:00-20:00")
    symbol.save()


def process_quotes(engine: Engine, *quotes: tuple[float, float]) -> None:
    """Process quotes of (source time in unix seconds, bid), each in its own batch."""
    for time, bid in quotes:
        factories.publish(("EURUSD", bid, round(bid + 0.0001, 5)), time=round(time * 1000))
    engine.step()


def process_batch(engine: Engine, *quotes: tuple[float, float]) -> None:
    """Process such quotes as one batch."""
    number = max(newest_batch_number() + 1, now_ms())
    ticks = [
        Tick("EURUSD", bid, round(bid + 0.0001, 5), int(time * 1000), number,
             number * BATCH_SIZE + index)
        for index, (time, bid) in enumerate(quotes)
    ]  # fmt: skip
    encoded = Batch(number, ticks, {}).encode()
    redis.sync_client().xadd(TICK_LOG, {"b": encoded}, id=entry_id(number))
    engine.step()


def position(sl: str = "0", tp: str = "0") -> Trade:
    return services.open_market(
        login=100001, cmd=Cmd.BUY, symbol="EURUSD", volume=100, sl=D(sl), tp=D(tp)
    )


def limit(price: str, expiration: int = 0) -> Trade:
    return services.open_pending(
        login=100001, cmd=Cmd.BUY_LIMIT, symbol="EURUSD", volume=100,
        open_price=D(price), expiration=expiration,
    )  # fmt: skip


def reload(trade: Trade) -> Trade:
    return Trade.objects.get(pk=trade.order)


def test_a_stop_loss_reached_while_closed_fills_at_the_first_tradable_price(
    engine: Engine, eurusd: Symbol
) -> None:
    trade = position(sl="1.095")
    close_at_night(eurusd)
    process_quotes(engine, (CLOSING, 1.094), (CLOSING + 3600, 1.09))
    assert reload(trade).state == State.OPEN
    process_quotes(engine, (OPENING, 1.085), (OPENING + 1, 1.08))
    closed = reload(trade)
    assert (closed.state, closed.activation) == (State.CLOSED, Activation.STOP_LOSS)
    assert (closed.close_price, closed.close_time) == (D("1.085"), OPENING)
    assert not list(find_differences())


def test_a_level_that_is_no_longer_reached_at_the_opening_does_not_fill(
    engine: Engine, eurusd: Symbol
) -> None:
    trade, pending = position(sl="1.095"), limit("1.097")
    close_at_night(eurusd)
    process_quotes(
        engine, (CLOSING, 1.09), (CLOSING + 3600, 1.08), (OPENING, 1.1), (OPENING + 60, 1.0975)
    )
    assert reload(trade).state == State.OPEN
    assert reload(pending).cmd == Cmd.BUY_LIMIT
    process_quotes(engine, (OPENING + 120, 1.0949))
    assert (reload(trade).close_price, reload(pending).open_price) == (D("1.0949"), D("1.097"))


def test_closing_and_opening_within_one_batch_are_distinguished(
    engine: Engine, eurusd: Symbol
) -> None:
    trade, gain, pending = position(sl="1.095"), position(tp="1.12"), limit("1.096")
    close_at_night(eurusd)
    process_batch(
        engine,
        (CLOSING - 1, 1.1), (CLOSING, 1.09), (CLOSING + 1, 1.13), (OPENING - 1, 1.08),
        (OPENING, 1.0955), (OPENING + 1, 1.0945), (OPENING + 2, 1.07), (OPENING + 3, 1.121),
        (OPENING + 4, 1.15),
    )  # fmt: skip
    assert (reload(trade).close_price, reload(trade).close_time) == (D("1.0945"), OPENING + 1)
    assert (reload(gain).close_price, reload(gain).close_time) == (D("1.12"), OPENING + 3)
    filled = reload(pending)
    assert (filled.cmd, filled.open_price, filled.open_time) == (Cmd.BUY, D("1.096"), OPENING)


def test_the_closing_time_is_closed_and_the_opening_time_open(
    engine: Engine, eurusd: Symbol
) -> None:
    first, second = position(sl="1.095"), position(sl="1.05")
    close_at_night(eurusd)
    process_quotes(engine, (CLOSING, 1.09), (OPENING - 0.001, 1.09))
    assert reload(first).state == State.OPEN
    process_quotes(engine, (OPENING, 1.09), (CLOSING + 86_400 - 0.001, 1.04))
    assert reload(first).close_time == OPENING
    assert reload(second).close_price == D("1.04")


def test_a_pending_reached_while_closed_stays_without_a_postponement(
    engine: Engine, eurusd: Symbol
) -> None:
    pending = limit("1.095")
    close_at_night(eurusd)
    process_quotes(engine, (CLOSING, 1.09))
    waiting = reload(pending)
    assert (waiting.is_pending, waiting.waiting, waiting.comment) == (True, False, "")
    process_quotes(engine, (OPENING, 1.0948))
    filled = reload(pending)
    assert (filled.cmd, filled.open_time, filled.activation) == (0, OPENING, Activation.PENDING)


def test_a_pending_expires_while_the_market_is_closed(engine: Engine, eurusd: Symbol) -> None:
    pending = limit("1.095", expiration=int(CLOSING) + 60)
    close_at_night(eurusd)
    process_quotes(engine, (CLOSING + 61, 1.09))
    assert (reload(pending).state, reload(pending).close_time) == (State.DELETED, CLOSING + 60)


def test_a_restarted_engine_gets_the_same_fills(engine: Engine, eurusd: Symbol) -> None:
    trade, pending = position(sl="1.095"), limit("1.096")
    close_at_night(eurusd)
    process_quotes(engine, (CLOSING, 1.08), (CLOSING + 1, 1.07))
    engine.save_checkpoint()
    walked = Engine()
    factories.publish(("EURUSD", 1.0949, 1.095), time=int(OPENING * 1000))
    walked.load()
    walked.step()
    assert (reload(trade).close_price, reload(trade).close_time) == (D("1.0949"), OPENING)
    assert (reload(pending).cmd, reload(pending).open_price) == (Cmd.BUY, D("1.096"))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The orders that the service was asked to close, each time."""
    found: list[int] = []
    decide = triggers.decide_trigger_close

    def counted(locked: LockedAccount, **given: Any) -> Trade | None:
        found.append(given["order"])
        return decide(locked, **given)

    monkeypatch.setattr(triggers, "decide_trigger_close", counted)
    return found


def test_a_group_whose_terms_forbid_trading_costs_one_transaction_too(
    engine: Engine, eurusd: Symbol, alice: Account, asked: list[int]
) -> None:
    trade = position(sl="1.095")
    terms = GroupTerms.objects.create(group=alice.group, symbols="EUR*", trade=TradeMode.NO)
    clear_catalog()
    for second in range(20):
        process_quotes(engine, (OPENING + second, 1.09))
    assert asked == [trade.order]
    terms.enabled = False
    terms.save()
    process_quotes(engine, (OPENING + 30, 1.091))
    assert (reload(trade).state, reload(trade).close_price) == (State.CLOSED, D("1.091"))


def test_while_closed_only_the_first_quote_costs_a_transaction(
    engine: Engine, eurusd: Symbol, asked: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    trade = position(sl="1.095")
    close_at_night(eurusd)
    for second in range(20):
        process_quotes(engine, (CLOSING + second, 1.09))
    assert len(asked) == 1
    monkeypatch.setattr(
        closed_market, "RECHECK_AFTER", 0.0
    )  # what was put there a minute ago is asked anew
    engine.executor.deferred = closed_market.DeferredTriggers()
    process_quotes(engine, (CLOSING + 30, 1.09), (CLOSING + 31, 1.09))
    assert len(asked) > 1
    process_quotes(engine, (OPENING, 1.09))
    assert reload(trade).state == State.CLOSED


def test_hours_changed_while_a_level_waits_apply_at_the_next_quote(
    engine: Engine, eurusd: Symbol
) -> None:
    trade = position(sl="1.095")
    close_at_night(eurusd)
    process_quotes(engine, (CLOSING, 1.09))
    assert reload(trade).state == State.OPEN
    Holiday.objects.create(name="Late trading", date="2027-01-13", hours="08:00-24:00")
    process_quotes(engine, (CLOSING + 60, 1.091))
    assert (reload(trade).state, reload(trade).close_price) == (State.CLOSED, D("1.091"))


def test_an_untraded_symbols_stop_waits_until_it_is_traded_again(
    engine: Engine, eurusd: Symbol
) -> None:
    trade = position(sl="1.095")
    eurusd.trade = 0
    eurusd.save()
    process_quotes(engine, (CLOSING, 1.09))
    assert reload(trade).state == State.OPEN
    assert engine.executor.failed == {}
    eurusd.trade = 1
    eurusd.save()
    process_quotes(engine, (CLOSING + 1, 1.091))
    assert reload(trade).close_price == D("1.091")


def test_a_requeued_trigger_of_a_closed_market_is_dropped(engine: Engine, eurusd: Symbol) -> None:
    trade = position(sl="1.095")
    close_at_night(eurusd)
    batch = factories.publish(("EURUSD", 1.09, 1.0901), time=int(CLOSING * 1000))
    engine.step()
    hit = TriggerHit(batch.ticks[0], trade.order, TriggerKind.STOP_LOSS)
    engine.executor.failed[hit.order, hit.kind] = hit  # from when these hours were open
    engine.executor.deferred = closed_market.DeferredTriggers()
    engine.retry_failed()
    assert engine.executor.failed == {}
    assert reload(trade).state == State.OPEN


def test_one_groups_working_time_does_not_block_another_groups_stops(
    engine: Engine, alice: Account, bob: Account, eurusd: Symbol
) -> None:
    mine = position(sl="1.095")
    other = services.open_market(
        login=bob.login, cmd=Cmd.BUY, symbol="EURUSD", volume=10, sl=D("1.095")
    )
    engine.load()
    working = daily_schedule("work", "08:00-20:00")
    GroupSchedule.objects.create(group=alice.group, schedule=working)
    assert sessions.is_open(eurusd, bob.group, CLOSING)
    process_quotes(engine, (CLOSING, 1.09))
    assert (reload(mine).state, reload(other).state) == (State.OPEN, State.CLOSED)
    process_quotes(engine, (OPENING, 1.089))
    assert reload(mine).close_price == D("1.089")

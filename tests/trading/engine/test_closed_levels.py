"""Levels reached while the market is closed wait for a quote of an open market.

The quotes' times decide: sessions here are hours of the quotes' own day.
"""

import pytest

from accounts.models import Account
from core import redis
from core.clock import now_ms
from market import sessions
from market.models import Symbol
from market.path import PATH, Batch, Tick, entry_id, newest
from market.quotes import BATCH_SIZE
from market.schedules import GroupSchedule, Holiday
from tests import factories
from tests.factories import D
from tests.market.sessions.week import at, every_day
from trading import services
from trading.engine import resting
from trading.engine.book import Hit
from trading.engine.levels import Kind
from trading.engine.runner import Engine
from trading.enums import Activation, Cmd, State
from trading.models import Trade
from trading.proof import differences

pytestmark = pytest.mark.django_db(transaction=True)
CLOSING, OPENING = at("2027-01-13 20:00"), at("2027-01-14 08:00")


def closes(symbol: Symbol) -> None:
    """Let the symbol trade from 08:00 to 20:00 from now on."""
    symbol.schedule = every_day("day", "08:00-20:00")
    symbol.save()


def walk(engine: Engine, *quotes: tuple[float, float]) -> None:
    """Process quotes of (source time in unix seconds, bid), each in its own batch."""
    for time, bid in quotes:
        factories.publish(("EURUSD", bid, round(bid + 0.0001, 5)), time=round(time * 1000))
    engine.step()


def one_batch(engine: Engine, *quotes: tuple[float, float]) -> None:
    """Process such quotes as one batch."""
    number = max(newest() + 1, now_ms())
    ticks = [
        Tick("EURUSD", bid, round(bid + 0.0001, 5), int(time * 1000), number,
             number * BATCH_SIZE + index)
        for index, (time, bid) in enumerate(quotes)
    ]  # fmt: skip
    encoded = Batch(number, ticks, {}).encoded()
    redis.client().xadd(PATH, {"b": encoded}, id=entry_id(number))
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


def now_of(trade: Trade) -> Trade:
    return Trade.objects.get(pk=trade.order)


def test_a_stop_loss_reached_while_closed_fills_at_the_first_tradable_price(
    engine: Engine, eurusd: Symbol
) -> None:
    trade = position(sl="1.095")
    closes(eurusd)
    walk(engine, (CLOSING, 1.094), (CLOSING + 3600, 1.09))
    assert now_of(trade).state == State.OPEN
    walk(engine, (OPENING, 1.085), (OPENING + 1, 1.08))
    closed = now_of(trade)
    assert (closed.state, closed.activation) == (State.CLOSED, Activation.STOP_LOSS)
    assert (closed.close_price, closed.close_time) == (D("1.085"), OPENING)
    assert not list(differences())


def test_a_level_that_the_market_has_left_again_at_the_opening_is_not_touched(
    engine: Engine, eurusd: Symbol
) -> None:
    trade, pending = position(sl="1.095"), limit("1.097")
    closes(eurusd)
    walk(engine, (CLOSING, 1.09), (CLOSING + 3600, 1.08), (OPENING, 1.1), (OPENING + 60, 1.0975))
    assert now_of(trade).state == State.OPEN
    assert now_of(pending).cmd == Cmd.BUY_LIMIT
    walk(engine, (OPENING + 120, 1.0949))
    assert (now_of(trade).close_price, now_of(pending).open_price) == (D("1.0949"), D("1.097"))


def test_closing_and_opening_within_one_batch_are_told_apart(
    engine: Engine, eurusd: Symbol
) -> None:
    trade, gain, pending = position(sl="1.095"), position(tp="1.12"), limit("1.096")
    closes(eurusd)
    one_batch(
        engine,
        (CLOSING - 1, 1.1), (CLOSING, 1.09), (CLOSING + 1, 1.13), (OPENING - 1, 1.08),
        (OPENING, 1.0955), (OPENING + 1, 1.0945), (OPENING + 2, 1.07), (OPENING + 3, 1.121),
        (OPENING + 4, 1.15),
    )  # fmt: skip
    assert (now_of(trade).close_price, now_of(trade).close_time) == (D("1.0945"), OPENING + 1)
    assert (now_of(gain).close_price, now_of(gain).close_time) == (D("1.12"), OPENING + 3)
    filled = now_of(pending)
    assert (filled.cmd, filled.open_price, filled.open_time) == (Cmd.BUY, D("1.096"), OPENING)


def test_the_last_moment_is_closed_and_the_first_one_open(engine: Engine, eurusd: Symbol) -> None:
    first, second = position(sl="1.095"), position(sl="1.05")
    closes(eurusd)
    walk(engine, (CLOSING, 1.09), (OPENING - 0.001, 1.09))
    assert now_of(first).state == State.OPEN
    walk(engine, (OPENING, 1.09), (CLOSING + 86_400 - 0.001, 1.04))
    assert now_of(first).close_time == OPENING
    assert now_of(second).close_price == D("1.04")


def test_a_pending_reached_while_closed_stays_and_is_not_put_off(
    engine: Engine, eurusd: Symbol
) -> None:
    pending = limit("1.095")
    closes(eurusd)
    walk(engine, (CLOSING, 1.09))
    waiting = now_of(pending)
    assert (waiting.is_pending, waiting.waiting, waiting.comment) == (True, False, "")
    walk(engine, (OPENING, 1.0948))
    filled = now_of(pending)
    assert (filled.cmd, filled.open_time, filled.activation) == (0, OPENING, Activation.PENDING)


def test_a_pending_expires_while_the_market_is_closed(engine: Engine, eurusd: Symbol) -> None:
    pending = limit("1.095", expiration=int(CLOSING) + 60)
    closes(eurusd)
    walk(engine, (CLOSING + 61, 1.09))
    assert (now_of(pending).state, now_of(pending).close_time) == (State.DELETED, CLOSING + 60)


def test_an_engine_that_starts_anew_and_walks_the_path_again_finds_the_same(
    engine: Engine, eurusd: Symbol
) -> None:
    trade, pending = position(sl="1.095"), limit("1.096")
    closes(eurusd)
    walk(engine, (CLOSING, 1.08), (CLOSING + 1, 1.07))
    engine.save_place()
    walked = Engine()
    factories.publish(("EURUSD", 1.0949, 1.095), time=int(OPENING * 1000))
    walked.load()
    walked.step()
    assert (now_of(trade).close_price, now_of(trade).close_time) == (D("1.0949"), OPENING)
    assert (now_of(pending).cmd, now_of(pending).open_price) == (Cmd.BUY, D("1.096"))


def test_while_it_is_closed_only_the_first_quote_costs_a_transaction(
    engine: Engine, eurusd: Symbol, monkeypatch: pytest.MonkeyPatch
) -> None:
    trade = position(sl="1.095")
    closes(eurusd)
    asked: list[int] = []
    carried_out = services.trigger

    def counted(**given: object) -> Trade | None:
        asked.append(1)
        return carried_out(**given)  # type: ignore[arg-type]

    monkeypatch.setattr(services, "trigger", counted)
    for second in range(20):
        walk(engine, (CLOSING + second, 1.09))
    assert len(asked) == 1
    monkeypatch.setattr(resting, "LIFE", 0.0)  # what was put there a minute ago is asked anew
    engine.actions.resting = resting.Resting()
    walk(engine, (CLOSING + 30, 1.09), (CLOSING + 31, 1.09))
    assert len(asked) > 1
    walk(engine, (OPENING, 1.09))
    assert now_of(trade).state == State.CLOSED


def test_hours_that_change_while_a_level_waits_hold_at_the_next_quote(
    engine: Engine, eurusd: Symbol
) -> None:
    trade = position(sl="1.095")
    closes(eurusd)
    walk(engine, (CLOSING, 1.09))
    assert now_of(trade).state == State.OPEN
    Holiday.objects.create(name="Late trading", date="2027-01-13", hours="08:00-24:00")
    walk(engine, (CLOSING + 60, 1.091))
    assert (now_of(trade).state, now_of(trade).close_price) == (State.CLOSED, D("1.091"))


def test_an_untraded_symbols_stop_waits_until_it_is_traded_again(
    engine: Engine, eurusd: Symbol
) -> None:
    trade = position(sl="1.095")
    eurusd.trade = 0
    eurusd.save()
    walk(engine, (CLOSING, 1.09))
    assert now_of(trade).state == State.OPEN
    assert engine.actions.failed == {}
    eurusd.trade = 1
    eurusd.save()
    walk(engine, (CLOSING + 1, 1.091))
    assert now_of(trade).close_price == D("1.091")


def test_a_hit_that_is_owed_its_quote_is_not_owed_one_of_a_closed_market(
    engine: Engine, eurusd: Symbol
) -> None:
    trade = position(sl="1.095")
    closes(eurusd)
    batch = factories.publish(("EURUSD", 1.09, 1.0901), time=int(CLOSING * 1000))
    engine.step()
    hit = Hit(batch.ticks[0], trade.order, Kind.STOP_LOSS)
    engine.actions.failed[hit.order, hit.kind] = hit  # from when these hours were open
    engine.actions.resting = resting.Resting()
    engine.retry()
    assert engine.actions.failed == {}
    assert now_of(trade).state == State.OPEN


def test_one_groups_working_time_does_not_keep_another_from_its_stops(
    engine: Engine, alice: Account, bob: Account, eurusd: Symbol
) -> None:
    mine = position(sl="1.095")
    other = services.open_market(
        login=bob.login, cmd=Cmd.BUY, symbol="EURUSD", volume=10, sl=D("1.095")
    )
    engine.load()
    working = every_day("work", "08:00-20:00")
    GroupSchedule.objects.create(group=alice.group, schedule=working)
    assert sessions.is_open(eurusd, bob.group, CLOSING)
    walk(engine, (CLOSING, 1.09))
    assert (now_of(mine).state, now_of(other).state) == (State.OPEN, State.CLOSED)
    walk(engine, (OPENING, 1.089))
    assert now_of(mine).close_price == D("1.089")

"""The engine with real database and tick log: fills, prices, times, restarts."""

from decimal import Decimal as D

import pytest

from accounts.models import Account
from core import redis
from market.models import Symbol
from tests import factories
from trading import services
from trading.book_updates import BOOK_STREAM
from trading.engine.engine import Engine
from trading.enums import Activation, Cmd, State
from trading.ledger_audit import find_differences
from trading.models import EngineCheckpoint, Trade
from trading.services import ledger

pytestmark = pytest.mark.django_db(transaction=True)
TIME = 1_800_000_000_000


def open_buy(**fields: object) -> Trade:
    return services.open_market(
        login=100001,
        cmd=Cmd.BUY,
        symbol="EURUSD",
        volume=100,
        **fields,  # type: ignore[arg-type]
    )


def place(cmd: Cmd, price: str, **fields: object) -> Trade:
    return services.open_pending(
        login=100001,
        cmd=cmd,
        symbol="EURUSD",
        volume=100,
        open_price=D(price),
        **fields,  # type: ignore[arg-type]
    )


def after_bids(engine: Engine, trade: Trade, *prices: float, time: int = TIME) -> Trade:
    """Return the trade after the engine processed these bids (ask one pip above), one batch."""
    quotes = [("EURUSD", price, round(price + 0.0001, 5)) for price in prices]
    factories.publish(*quotes, time=time)
    engine.step()
    trade.refresh_from_db()
    return trade


def test_a_stop_loss_closes_at_the_first_quote_that_reaches_it(engine: Engine) -> None:
    trade = after_bids(engine, open_buy(sl=D("1.095")), 1.097, 1.0942, 1.09, 1.1)
    assert (trade.state, trade.activation) == (State.CLOSED, Activation.STOP_LOSS)
    assert (trade.close_price, trade.close_time) == (D("1.0942"), TIME // 1000)
    assert trade.profit == D("-590.00")
    assert not list(find_differences())


def test_without_slippage_a_stop_loss_fills_at_its_level(engine: Engine, alice: Account) -> None:
    alice.group.allow_sl_tp_slippage = False
    alice.group.save()
    trade = after_bids(engine, open_buy(sl=D("1.095")), 1.09)
    assert trade.close_price == D("1.095")


@pytest.mark.parametrize(("rule", "price"), [("limit", D("1.105")), ("market", D("1.107"))])
def test_a_take_profit_fills_by_the_groups_gap_rule(
    engine: Engine, alice: Account, rule: str, price: D
) -> None:
    alice.group.gap_rule = rule
    alice.group.save()
    trade = after_bids(engine, open_buy(tp=D("1.105")), 1.107)
    assert (trade.activation, trade.close_price) == (Activation.TAKE_PROFIT, price)


def test_a_buy_limit_fills_at_its_price_and_a_buy_stop_at_the_market(engine: Engine) -> None:
    limit, stop = place(Cmd.BUY_LIMIT, "1.095"), place(Cmd.BUY_STOP, "1.105")
    after_bids(engine, limit, 1.093, 1.107)
    stop.refresh_from_db()
    assert (limit.cmd, limit.open_price, limit.activation) == (0, D("1.095"), Activation.PENDING)
    assert (stop.cmd, stop.open_price) == (Cmd.BUY, D("1.1071"))


def test_an_activated_orders_levels_apply_in_the_rest_of_the_batch(engine: Engine) -> None:
    trade = after_bids(engine, place(Cmd.BUY_LIMIT, "1.095", sl=D("1.09")), 1.0945, 1.089, 1.1)
    assert (trade.state, trade.close_price) == (State.CLOSED, D("1.089"))


def test_a_pending_expires_by_the_time_of_the_quote(engine: Engine) -> None:
    expiration = TIME // 1000
    trade = place(Cmd.BUY_LIMIT, "1.09", expiration=expiration)
    assert after_bids(engine, trade, 1.1, time=TIME - 1).state == State.OPEN
    assert after_bids(engine, trade, 1.08, time=TIME).state == State.DELETED
    assert trade.close_time == expiration


def test_a_pending_without_margin_waits_until_there_is_enough(
    engine: Engine, alice: Account
) -> None:
    trade = place(Cmd.BUY_LIMIT, "1.095")
    ledger.post_operation(login=alice.login, cmd=Cmd.BALANCE_OUT, amount=D(9500))
    assert after_bids(engine, trade, 1.09).is_pending
    ledger.post_operation(login=alice.login, cmd=Cmd.BALANCE_IN, amount=D(9500))
    engine.executor = type(engine.executor)()  # the pause before the next attempt is over
    assert after_bids(engine, trade, 1.091).is_position


def test_a_pending_that_is_refused_finally_is_cancelled_with_the_code(engine: Engine) -> None:
    trade = place(Cmd.BUY_LIMIT, "1.095", comment="mine")
    Symbol.objects.update(trade=1)
    after_bids(engine, trade, 1.09)
    assert (trade.state, trade.activation) == (State.DELETED, Activation.CANCEL)
    assert trade.comment == "mine [ACTIVATION_CANCEL: RET_TRADE_DISABLE]"


def test_a_trigger_missed_by_a_stopped_engine_fills_at_its_quote_later(engine: Engine) -> None:
    trade = open_buy(sl=D("1.095"))
    after_bids(engine, trade, 1.099)
    engine.save_checkpoint()
    factories.publish(("EURUSD", 1.094, 1.0941), time=TIME + 1)
    factories.publish(("EURUSD", 1.12, 1.1201), time=TIME + 2)
    successor = Engine()
    successor.load()
    successor.step()
    trade.refresh_from_db()
    assert (trade.close_price, trade.close_time) == (D("1.094"), TIME // 1000)


def test_an_order_with_a_lost_update_triggers_at_missed_quotes(
    engine: Engine,
) -> None:
    trade = open_buy(sl=D("1.095"))
    redis.sync_client().delete(BOOK_STREAM)
    after_bids(engine, trade, 1.094, 1.12)
    assert trade.state == State.OPEN
    engine.reconcile()
    trade.refresh_from_db()
    assert (trade.state, trade.close_price) == (State.CLOSED, D("1.094"))


def test_a_stop_that_was_set_after_a_spike_is_not_triggered_by_it(engine: Engine) -> None:
    trade = open_buy()
    factories.publish(("EURUSD", 1.08, 1.0801), ("EURUSD", 1.1, 1.1001))
    services.modify_position(login=100001, order=trade.order, sl=D("1.09"))
    engine.step()
    trade.refresh_from_db()
    assert trade.state == State.OPEN


def test_processing_the_same_ticks_twice_changes_nothing(engine: Engine) -> None:
    trade = after_bids(engine, open_buy(sl=D("1.095")), 1.09)
    EngineCheckpoint.objects.all().delete()
    again = Engine()
    again.load()
    again.batch = 0
    again.step()
    before, trade = trade, Trade.objects.get(pk=trade.order)
    assert (trade.revision, trade.profit) == (before.revision, before.profit)
    assert not list(find_differences())

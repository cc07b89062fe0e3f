"""Margin call and stop-out through the running engine: every quote counts, nothing is asked twice.

Eight lots of EURUSD at 1.1001 use 8 800.80; 15 pips down is the margin call, 70 the stop-out.
"""

from decimal import Decimal as D
from typing import Any

import pytest

from accounts.enums import RateMode
from accounts.models import Account, Group
from core import redis
from market.models import Symbol
from realtime.models import AccountEvent
from tests import factories
from trading import services
from trading.book_updates import BOOK_STREAM
from trading.engine import margin_monitor
from trading.engine.engine import Engine
from trading.enums import Activation, Cmd, State
from trading.ledger_audit import find_differences
from trading.models import MarginAction, Trade
from trading.services import ledger, margin_control
from trading.unit.locked_account import LockedAccount

pytestmark = pytest.mark.django_db(transaction=True)
STOP_OUT = (State.CLOSED, Activation.STOP_OUT)


def buy(volume: int = 800, login: int = 100001, **fields: Any) -> Trade:
    return services.open_market(login=login, cmd=Cmd.BUY, symbol="EURUSD", volume=volume, **fields)


def publish(*prices: float) -> None:
    factories.publish(*(("EURUSD", price, round(price + 0.0001, 5)) for price in prices))


def end_of(trade: Trade) -> tuple[int, int]:
    trade.refresh_from_db()
    return trade.state, trade.activation


def kinds(login: int = 100001) -> list[str]:
    return list(MarginAction.objects.filter(account=login).values_list("kind", flat=True))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Collect the logins that the margin service is called for."""
    logins: list[int] = []
    real = margin_control.decide_margin_levels

    def watch(locked: LockedAccount, **fields: Any) -> list[Trade]:
        logins.append(locked.login)
        return real(locked, **fields)

    monkeypatch.setattr(margin_monitor, "decide_margin_levels", watch)
    return logins


def test_a_falling_path_stops_out_at_the_first_quote_that_reaches_the_level(
    engine: Engine,
) -> None:
    trade = buy()
    publish(1.099, 1.096, 1.0932, 1.0929, 1.09)
    engine.step()
    assert end_of(trade) == STOP_OUT
    assert trade.close_price == D("1.0929")
    assert not list(find_differences())


def test_a_spike_of_one_quote_stops_out(engine: Engine) -> None:
    trade = buy()
    publish(1.1, 1.08, 1.1, 1.1)
    engine.step()
    assert (*end_of(trade), trade.close_price) == (*STOP_OUT, D("1.08"))


def test_a_spike_makes_a_margin_call_and_the_next_quote_ends_it(engine: Engine) -> None:
    buy()
    publish(1.1, 1.097, 1.1, 1.0971, 1.1)
    engine.step()
    call, recovery = MarginAction.Kind.CALL, MarginAction.Kind.RECOVERY
    assert kinds() == [call, recovery, call, recovery]


def test_a_margin_call_is_not_repeated_while_it_lasts(engine: Engine, asked: list[int]) -> None:
    buy()
    for price in (1.097, 1.0969, 1.0968, 1.0967):
        publish(price)
        engine.step()
    assert kinds() == [MarginAction.Kind.CALL]
    assert asked == [100001]


def test_a_restarted_engine_knows_that_a_call_lasts(engine: Engine, asked: list[int]) -> None:
    buy()
    publish(1.097)
    engine.step()
    restarted = Engine()
    restarted.load()
    publish(1.0989, 1.097, 1.099)  # 101.8 % and 102.7 %: above the call, but not by 5 points
    restarted.step()
    assert (kinds(), asked) == ([MarginAction.Kind.CALL], [100001])
    publish(1.1)
    restarted.step()
    assert kinds() == [MarginAction.Kind.CALL, MarginAction.Kind.RECOVERY]


def test_quotes_that_reach_no_level_call_no_service(engine: Engine, asked: list[int]) -> None:
    buy()
    publish(*(1.1 - step / 10_000 for step in range(12)))
    engine.step()
    assert asked == []


def test_a_stop_loss_at_the_same_quote_comes_first(engine: Engine) -> None:
    trade = buy(sl=D("1.095"))
    publish(1.09)
    engine.step()
    assert end_of(trade) == (State.CLOSED, Activation.STOP_LOSS)


def test_after_a_stop_loss_the_rest_of_the_batch_is_checked_for_a_stop_out(engine: Engine) -> None:
    """The first close frees margin; the second fall takes the rest."""
    first, second = buy(400, sl=D("1.097")), buy(400)
    publish(1.0969, 1.081, 1.1)
    engine.step()
    assert end_of(first) == (State.CLOSED, Activation.STOP_LOSS)
    assert (*end_of(second), second.close_price) == (*STOP_OUT, D("1.081"))


def test_a_position_is_not_stopped_out_by_quotes_before_its_opening(engine: Engine) -> None:
    publish(1.05, 1.1)
    trade = buy()
    engine.step()
    assert end_of(trade)[0] == State.OPEN


def test_a_withdrawal_counts_at_the_next_quote(engine: Engine) -> None:
    trade = buy(100)
    engine.step()
    ledger.post_operation(login=100001, cmd=Cmd.BALANCE_OUT, amount=D(8800))
    engine.step()
    publish(1.0925)
    engine.step()
    assert end_of(trade) == STOP_OUT


def test_a_lost_order_update_is_repaired_by_reconciling(engine: Engine) -> None:
    trade = buy(100)
    ledger.post_operation(login=100001, cmd=Cmd.BALANCE_OUT, amount=D(8800))
    redis.sync_client().delete(BOOK_STREAM)
    engine.step()
    engine.reconcile()
    publish(1.0925)
    engine.step()
    assert end_of(trade) == STOP_OUT


def test_a_lost_balance_update_is_repaired_by_reconciling(engine: Engine) -> None:
    buy(100)
    engine.step()
    ledger.post_operation(login=100001, cmd=Cmd.BALANCE_OUT, amount=D(8800))
    redis.sync_client().delete(BOOK_STREAM)
    engine.reconcile()
    accounts = engine.margin.book.accounts
    assert accounts.updates[accounts.index_of(100001)].balance == 1200.0


def test_a_changed_leverage_and_group_reach_the_book(engine: Engine, alice: Account) -> None:
    buy(100)
    engine.step()
    place = engine.margin.book.accounts.index_of(100001)
    alice.refresh_from_db()
    alice.leverage = 50
    alice.save()
    engine.step()
    assert engine.margin.scan.figures_of(place).margin == pytest.approx(2200.2)
    Group.objects.update(margin_rate_mode=RateMode.MID)
    Symbol.objects.update(margin_divider=2)
    engine.margin.refresh_settings()
    engine.margin.book.refresh_margins()
    assert engine.margin.scan.figures_of(place).margin in (
        pytest.approx(4400.2), pytest.approx(2200.1)  # the catalogue may be two seconds old
    )  # fmt: skip


def test_a_stop_out_missed_during_an_outage_happens_at_its_quote_later(engine: Engine) -> None:
    trade = buy()
    engine.step()
    engine.save_checkpoint()
    publish(1.08)
    publish(1.1)
    successor = Engine()
    successor.load()
    successor.step()
    assert (*end_of(trade), trade.close_price) == (*STOP_OUT, D("1.08"))


def test_a_failing_account_does_not_block_other_stop_outs(
    engine: Engine, bob: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    hers, his = buy(), buy(login=100002)
    real = margin_control.decide_margin_levels

    def broken(locked: LockedAccount, **fields: Any) -> list[Trade]:
        if locked.login == 100001:
            raise RuntimeError("a bug")
        return real(locked, **fields)

    monkeypatch.setattr(margin_monitor, "decide_margin_levels", broken)
    publish(1.05)
    engine.step()
    assert (end_of(hers)[0], end_of(his)) == (State.OPEN, STOP_OUT)


def test_each_shard_watches_its_own_accounts(alice: Account, bob: Account, eurusd: Symbol) -> None:
    hers, his = buy(), buy(login=100002)
    shards = [Engine(number, 2) for number in range(2)]
    for shard in shards:
        shard.load()
        assert len(shard.margin.book) == len(shard.book.logins) == 1
    publish(1.05)
    shards[1].step()
    assert (end_of(hers), end_of(his)[0]) == (STOP_OUT, State.OPEN)
    shards[0].step()
    assert end_of(his) == STOP_OUT


@pytest.mark.parametrize("down", [False, True])
def test_a_pending_placed_after_a_dip_does_not_prevent_the_stop_out(
    engine: Engine, down: bool
) -> None:
    trade = buy()
    engine.step()
    engine.save_checkpoint()
    publish(1.08)
    publish(1.1)
    services.open_pending(
        login=100001, cmd=Cmd.BUY_LIMIT, symbol="EURUSD", volume=1, open_price=D("1.01")
    )
    if down:
        engine = Engine()
        engine.load()
    engine.step()
    assert (*end_of(trade), trade.close_price) == (*STOP_OUT, D("1.08"))


def test_a_margin_call_is_notified_once_however_often_the_engine_starts(alice: Account) -> None:
    factories.symbol("EURUSD")
    publish(1.1)
    buy()
    for price in (1.1, 1.098, 1.1):  # a call, and its end
        publish(price)
    for start in range(3):
        engine = Engine()
        engine.load()
        engine.step()
        assert kinds() == ["call", "recovery"], f"start {start}"
    titles = AccountEvent.objects.filter(login=alice.login, event__0="n")
    assert [*titles.values_list("event__1", flat=True)] == ["Margin call"]


def test_quotes_of_other_symbols_from_before_an_open_judge_nothing_after_a_start(
    alice: Account,
) -> None:
    for name in ("EURUSD", "GBPUSD"):
        factories.symbol(name)
        factories.quote(name, 1.1, 1.1001)
    services.open_market(login=alice.login, cmd=Cmd.BUY, symbol="GBPUSD", volume=300)
    factories.publish(("GBPUSD", 1.078, 1.0781), ("GBPUSD", 1.1, 1.1001))
    bought = buy(500)  # priced by the quote of EURUSD, which is older than both of these
    engine = Engine()
    engine.load()
    engine.step()
    assert end_of(bought) == (State.OPEN, Activation.NONE)
    assert kinds() == []

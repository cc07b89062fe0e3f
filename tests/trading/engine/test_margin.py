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
from tests import factories
from trading import ledger, services
from trading.book_updates import NEWS
from trading.engine.runner import Engine
from trading.enums import Activation, Cmd, State
from trading.models import MarginAction, Trade
from trading.proof import differences

pytestmark = pytest.mark.django_db(transaction=True)
STOP_OUT = (State.CLOSED, Activation.STOP_OUT)


def buy(volume: int = 800, login: int = 100001, **fields: Any) -> Trade:
    return services.open_market(login=login, cmd=Cmd.BUY, symbol="EURUSD", volume=volume, **fields)


def publish(*prices: float) -> None:
    factories.publish(*(("EURUSD", price, round(price + 0.0001, 5)) for price in prices))


def ended(trade: Trade) -> tuple[int, int]:
    trade.refresh_from_db()
    return trade.state, trade.activation


def kinds(login: int = 100001) -> list[str]:
    return list(MarginAction.objects.filter(account=login).values_list("kind", flat=True))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Collect the logins that the margin service is called for."""
    logins: list[int] = []
    real = services.watch_margin

    def watch(**fields: Any) -> list[Trade]:
        logins.append(fields["login"])
        return real(**fields)

    monkeypatch.setattr(services, "watch_margin", watch)
    return logins


def test_a_falling_path_stops_out_at_the_first_quote_that_reaches_the_level(
    engine: Engine,
) -> None:
    trade = buy()
    publish(1.099, 1.096, 1.0932, 1.0929, 1.09)
    engine.step()
    assert ended(trade) == STOP_OUT
    assert trade.close_price == D("1.0929")
    assert not list(differences())


def test_a_spike_of_one_quote_between_two_looks_stops_out(engine: Engine) -> None:
    trade = buy()
    publish(1.1, 1.08, 1.1, 1.1)
    engine.step()
    assert (*ended(trade), trade.close_price) == (*STOP_OUT, D("1.08"))


def test_a_spike_calls_the_margin_and_the_next_quote_ends_the_call(engine: Engine) -> None:
    buy()
    publish(1.1, 1.097, 1.1, 1.0971, 1.1)
    engine.step()
    call, recovery = MarginAction.Kind.CALL, MarginAction.Kind.RECOVERY
    assert kinds() == [call, recovery, call, recovery]


def test_a_call_is_not_repeated_while_it_stands(engine: Engine, asked: list[int]) -> None:
    buy()
    for price in (1.097, 1.0969, 1.0968, 1.0967):
        publish(price)
        engine.step()
    assert kinds() == [MarginAction.Kind.CALL]
    assert asked == [100001]


def test_quotes_that_reach_no_level_ask_for_nothing(engine: Engine, asked: list[int]) -> None:
    buy()
    publish(*(1.1 - step / 10_000 for step in range(12)))
    engine.step()
    assert asked == []


def test_a_stop_loss_at_the_same_quote_comes_first(engine: Engine) -> None:
    trade = buy(sl=D("1.095"))
    publish(1.09)
    engine.step()
    assert ended(trade) == (State.CLOSED, Activation.STOP_LOSS)


def test_what_a_stop_loss_left_is_judged_by_the_rest_of_the_batch(engine: Engine) -> None:
    """The first close frees margin; the second fall takes the rest."""
    first, second = buy(400, sl=D("1.097")), buy(400)
    publish(1.0969, 1.081, 1.1)
    engine.step()
    assert ended(first) == (State.CLOSED, Activation.STOP_LOSS)
    assert (*ended(second), second.close_price) == (*STOP_OUT, D("1.081"))


def test_a_position_is_not_judged_by_quotes_from_before_it(engine: Engine) -> None:
    publish(1.05, 1.1)
    trade = buy()
    engine.step()
    assert ended(trade)[0] == State.OPEN


def test_money_that_leaves_counts_at_the_next_quote(engine: Engine) -> None:
    trade = buy(100)
    engine.step()
    ledger.finance(login=100001, cmd=Cmd.BALANCE_OUT, amount=D(8800))
    engine.step()
    publish(1.0925)
    engine.step()
    assert ended(trade) == STOP_OUT


def test_news_that_was_lost_is_mended_by_reconciling(engine: Engine) -> None:
    trade = buy(100)
    ledger.finance(login=100001, cmd=Cmd.BALANCE_OUT, amount=D(8800))
    redis.client().delete(NEWS)
    engine.step()
    engine.reconcile()
    publish(1.0925)
    engine.step()
    assert ended(trade) == STOP_OUT


def test_lost_news_of_the_balance_alone_is_mended_too(engine: Engine) -> None:
    buy(100)
    engine.step()
    ledger.finance(login=100001, cmd=Cmd.BALANCE_OUT, amount=D(8800))
    redis.client().delete(NEWS)
    engine.reconcile()
    accounts = engine.margin.book.accounts
    assert accounts.rows[accounts.place(100001)].balance == 1200.0


def test_a_changed_leverage_and_group_reach_the_book(engine: Engine, alice: Account) -> None:
    buy(100)
    engine.step()
    place = engine.margin.book.accounts.place(100001)
    alice.refresh_from_db()
    alice.leverage = 50
    alice.save()
    engine.step()
    assert engine.margin.look.exact(place).margin == pytest.approx(2200.2)
    Group.objects.update(margin_rate_mode=RateMode.MID)
    Symbol.objects.update(margin_divider=2)
    engine.margin.settings()
    engine.margin.book.refresh()
    assert engine.margin.look.exact(place).margin in (
        pytest.approx(4400.2), pytest.approx(2200.1)  # the catalogue may be two seconds old
    )  # fmt: skip


def test_a_stop_out_during_an_outage_is_made_up_for(engine: Engine) -> None:
    trade = buy()
    engine.step()
    engine.save_place()
    publish(1.08)
    publish(1.1)
    successor = Engine()
    successor.load()
    successor.step()
    assert (*ended(trade), trade.close_price) == (*STOP_OUT, D("1.08"))


def test_what_the_service_cannot_do_keeps_nobody_from_the_stop_out(
    engine: Engine, bob: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    hers, his = buy(), buy(login=100002)
    real = services.watch_margin

    def broken(**fields: Any) -> list[Trade]:
        if fields["login"] == 100001:
            raise RuntimeError("a bug")
        return real(**fields)

    monkeypatch.setattr(services, "watch_margin", broken)
    publish(1.05)
    engine.step()
    assert (ended(hers)[0], ended(his)) == (State.OPEN, STOP_OUT)


def test_each_shard_watches_its_own_accounts(alice: Account, bob: Account, eurusd: Symbol) -> None:
    hers, his = buy(), buy(login=100002)
    shards = [Engine(number, 2) for number in range(2)]
    for shard in shards:
        shard.load()
        assert len(shard.margin.book) == len(shard.book.logins) == 1
    publish(1.05)
    shards[1].step()
    assert (ended(hers), ended(his)[0]) == (STOP_OUT, State.OPEN)
    shards[0].step()
    assert ended(his) == STOP_OUT


@pytest.mark.parametrize("down", [False, True])
def test_a_pending_placed_after_a_dip_does_not_hide_it(engine: Engine, down: bool) -> None:
    trade = buy()
    engine.step()
    engine.save_place()
    publish(1.08)
    publish(1.1)
    services.open_pending(
        login=100001, cmd=Cmd.BUY_LIMIT, symbol="EURUSD", volume=1, open_price=D("1.01")
    )
    if down:
        engine = Engine()
        engine.load()
    engine.step()
    assert (*ended(trade), trade.close_price) == (*STOP_OUT, D("1.08"))

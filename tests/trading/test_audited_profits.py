"""`check_ledger` recomputes each closed row's profit from its prices, volume and stored rate."""

from dataclasses import replace
from decimal import Decimal as D
from random import Random
from typing import Any

import pytest

from accounts.enums import StopOutOrder
from accounts.models import Account, Group
from market.models import Symbol
from market.quotes.quote import FixedQuotes, LatestQuotes
from tests import factories
from tests.trading.unguarded_rows import without_triggers
from trading import services
from trading.enums import Activation, Cmd, State
from trading.ledger_audit import find_differences
from trading.models import Fill, Trade

pytestmark = pytest.mark.usefixtures("alice", "eurusd")
LOGIN, YEN = 100001, 200300


def buy(volume: int, login: int = LOGIN, symbol: str = "EURUSD", **fields: Any) -> Trade:
    return services.open_market(login=login, cmd=Cmd.BUY, symbol=symbol, volume=volume, **fields)


def alter_profit(trade: Trade, by: D) -> None:
    """Give the row and the balance another profit, so that all else adds up."""
    with without_triggers():
        Trade.objects.filter(pk=trade.order).update(profit=trade.profit + by)
    account = Account.objects.get(pk=trade.account_id)
    Account.objects.filter(pk=trade.account_id).update(balance=account.balance + by)


def expected_difference(trade: Trade, profit: str, due: str) -> str:
    return (
        f"{trade.account_id}: order {trade.order} has a profit of {profit},"
        f" its prices, volume and rate say {due}"
    )


def test_a_cent_too_much_is_named() -> None:
    closed = services.close_position(login=LOGIN, order=buy(100).order)
    assert list(find_differences()) == []
    alter_profit(closed, D("0.01"))
    assert list(find_differences()) == [expected_difference(closed, "-9.99", "-10")]


@pytest.mark.parametrize("which", [0, 1, 2])
def test_each_partial_close_is_checked_together_with_earlier_ones(which: int) -> None:
    factories.quote("EURUSD", 1.1, 1.10005)
    trade = buy(100)
    Symbol.objects.update(contract_size=D("33.3333"))
    parts = [
        services.close_position(login=LOGIN, order=trade.order, volume=v) for v in (33, 33, None)
    ]
    assert list(find_differences()) == []
    alter_profit(parts[which], D("-0.01"))
    (line,) = find_differences()
    assert line.startswith(f"{LOGIN}: order {parts[which].order} has a profit of ")


def test_the_realized_profit_of_an_open_trade_is_checked() -> None:
    trade = buy(100)
    services.close_position(login=LOGIN, order=trade.order, volume=30)
    assert list(find_differences()) == []
    Trade.objects.filter(pk=trade.order).update(realized=D("-3.0001"))
    (line,) = find_differences()
    assert line == (
        f"{LOGIN}: order {trade.order} says that its closed parts earned -3.0001,"
        " their prices, volumes and rates say -3"
    )


def test_the_profit_is_that_of_the_stored_rounded_price() -> None:
    Account.objects.update(leverage=10_000)
    factories.quote("EURUSD", 1.17, 1.17008)
    trade = buy(10_000)
    latest = LatestQuotes().get("EURUSD")
    assert latest is not None
    quotes = FixedQuotes({"EURUSD": replace(latest, bid=D("1.1700000049"))})
    closed = services.close_position(login=LOGIN, order=trade.order, quotes=quotes)
    closed.refresh_from_db()
    assert (closed.close_price, closed.profit) == (D("1.17"), D("-800.00"))
    assert list(find_differences()) == []


@pytest.fixture
def yen(db: None) -> Account:
    """An account without decimals, whose profits in dollars are converted."""
    account = factories.client(YEN, factories.group("yen", "JPY"), "3000000")
    factories.symbol("USDJPY", digits=3)
    factories.quote("USDJPY", 149.987, 150.013)
    return account


def test_terms_changed_after_the_close_cause_no_difference(yen: Account) -> None:
    """A contract, a tick or a currency that is changed later accuses nobody."""
    closed = services.close_position(login=YEN, order=buy(37, YEN).order)
    assert closed.profit == D(-555)  # 3.70 USD bought at 150.013 yen
    Symbol.objects.update(contract_size=7, tick_size=D("0.5"), tick_value=3, profit_mode=2)
    Group.objects.filter(name="yen").update(currency="USD")
    assert list(find_differences()) == []
    alter_profit(closed, D(1))
    assert list(find_differences()) == [expected_difference(closed, "-554", "-555")]


def test_a_fill_without_its_rate_is_named() -> None:
    closed = services.close_position(login=LOGIN, order=buy(100).order)
    Fill.objects.filter(trade=closed).update(rates={})
    assert list(find_differences()) == [expected_difference(closed, "-10", "nothing")]


def test_a_fill_without_stored_terms_causes_no_difference() -> None:
    trade = buy(100)
    services.close_position(login=LOGIN, order=trade.order, volume=33)
    for fill in Fill.objects.filter(kind="close"):
        del fill.rules["contract_size"], fill.rules["tick_factor"], fill.rules["currency"]
        fill.save(update_fields=["rules"])
    rest = services.close_position(login=LOGIN, order=trade.order)
    assert list(find_differences()) == []
    alter_profit(rest, D(1))  # a family is known as a whole or not at all
    assert list(find_differences()) == []


def test_futures_profits_are_checked_by_their_ticks() -> None:
    oil = {"quote_currency": "USD", "margin_currency": "USD", "margin_mode": 2, "profit_mode": 2}
    factories.symbol("USOIL", 2, contract_size=10, tick_size=D("0.03"), tick_value=D("0.1"), **oil)
    factories.quote("USOIL", 61.43, 61.45)
    closed = services.close_position(login=LOGIN, order=buy(100, symbol="USOIL").order)
    assert closed.profit == D("-0.67")  # two points of 10 at a third of ten
    assert list(find_differences()) == []


@pytest.mark.parametrize("seed", range(4))
def test_every_way_to_close_is_checked(yen: Account, seed: int) -> None:
    chance = Random(seed)
    Group.objects.update(stopout_order=StopOutOrder.PARTIAL, allow_sl_tp_slippage=bool(seed % 2))
    trades = [buy(chance.randint(1, 60), login, sl=D("1.05")) for login in (LOGIN, YEN) * 6]
    for trade in trades[:8]:
        factories.quote("EURUSD", 1.1 + chance.randint(-900, 900) / 100_000, 1.12)
        for _ in range(chance.randint(1, 3)):
            trade.refresh_from_db()
            lots = chance.randint(1, trade.volume)
            services.close_position(login=trade.account_id, order=trade.order, volume=lots)
            if lots == trade.volume:
                break
    quote = factories.quote("EURUSD", 1.04999, 1.05)
    for trade in trades[8:10]:
        services.close_by_trigger(
            login=trade.account_id, order=trade.order, activation=Activation.STOP_LOSS,
            quote=quote, quotes=LatestQuotes(),
        )  # fmt: skip
    Group.objects.update(margin_stopout=D(1_000_000), margin_call=D(1_000_000))
    for login in (LOGIN, YEN):
        services.enforce_margin_levels(login=login, quotes=LatestQuotes(), quote=quote)
    assert not Trade.objects.positions().exists()
    assert Trade.objects.filter(state=State.CLOSED_PART).exists()
    assert list(find_differences()) == []

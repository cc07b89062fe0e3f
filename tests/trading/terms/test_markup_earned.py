"""The mark-up that a trade earned: both sides, at the deal's rate, by its fills."""

from decimal import Decimal as D
from typing import Any

import pytest

from accounts.models import Account
from market.models import GroupTerms, Symbol
from market.quotes.quote import LatestQuotes
from tests import factories
from tests.trading.unguarded_rows import without_triggers
from trading import services
from trading.enums import Activation, Cmd
from trading.ledger_audit import find_differences
from trading.models import Trade


@pytest.fixture(autouse=True)
def _terms(alice: Account, bob: Account, eurusd: Symbol) -> None:
    """Four points on the bid and six on the ask, in dollars and in euros."""
    for account in (alice, bob):
        GroupTerms.objects.create(group=account.group, symbols="*", bid_markup=4, ask_markup=6)


def open_trade(login: int = 100001, cmd: Cmd = Cmd.BUY, volume: int = 100, **fields: Any) -> Trade:
    return services.open_market(login=login, cmd=cmd, symbol="EURUSD", volume=volume, **fields)


@pytest.mark.parametrize(("cmd", "opened"), [(Cmd.BUY, "0.00006"), (Cmd.SELL, "0.00004")])
def test_a_close_earns_the_mark_up_of_both_sides(cmd: Cmd, opened: str) -> None:
    trade = open_trade(cmd=cmd)
    assert (trade.open_markup, trade.markup) == (D(opened), 0)
    closed = services.close_position(login=100001, order=trade.order)
    assert closed.markup == D("10.00")  # ten points of a lot
    assert closed.profit == D("-20.00")  # with the market's own spread
    assert list(find_differences()) == []


def test_it_is_converted_at_the_rate_of_the_deal() -> None:
    trade = open_trade(100002)
    factories.quote("EURUSD", 1.2, 1.2001)
    closed = services.close_position(login=100002, order=trade.order)
    assert closed.markup == D("8.33")  # 10 dollars sold at the ask of 1.2001
    assert list(find_differences()) == []


def test_parts_earn_together_what_a_whole_close_does() -> None:
    factories.symbol("GBPUSD")
    factories.quote("GBPUSD", 1.3, 1.3001)
    GroupTerms.objects.update(bid_markup=1, ask_markup=2)
    whole, parted = (
        services.open_market(login=100002, cmd=Cmd.BUY, symbol="GBPUSD", volume=100)
        for _ in range(2)
    )
    parts = [
        services.close_position(login=100002, order=parted.order, volume=volume)
        for volume in (7, 13, 33, 21, None)
    ]
    assert list(find_differences()) == []
    closed = services.close_position(login=100002, order=whole.order)
    assert sum(part.markup for part in parts) == closed.markup == D("2.73")
    assert {part.open_markup for part in parts} == {D("0.00002")}


def test_a_spread_below_the_markets_earns_less_than_nothing() -> None:
    GroupTerms.objects.update(bid_markup=None, ask_markup=None, spread=4)
    closed = services.close_position(login=100001, order=open_trade().order)
    assert (closed.profit, closed.markup) == (D(-4), D(-6))
    assert list(find_differences()) == []


def test_a_pending_has_it_from_its_activation_and_a_stop_loss_from_its_quote() -> None:
    order = services.open_pending(
        login=100001, cmd=Cmd.BUY_LIMIT, symbol="EURUSD", volume=100, open_price=D("1.09990"),
        sl=D("1.09900"),
    ).order  # fmt: skip
    low = factories.quote("EURUSD", 1.0997, 1.0998)
    opened = services.activate_pending(login=100001, order=order, quote=low, quotes=LatestQuotes())
    assert opened is not None
    assert (opened.open_price, opened.open_markup) == (D("1.0999"), D("0.00006"))
    lower = factories.quote("EURUSD", 1.0988, 1.0989)
    closed = services.close_by_trigger(
        login=100001, order=order, activation=Activation.STOP_LOSS, quote=lower,
        quotes=LatestQuotes(),
    )  # fmt: skip
    assert closed is not None
    assert (closed.close_price, closed.markup) == (D("1.09876"), D(10))
    assert list(find_differences()) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"markup": D("10.01")}, "has a mark-up of 10.01, its fills say 10"),
        (
            {"open_markup": D("0.00007")},
            "was opened with a mark-up of 0.00007, its fill says 0.00006",
        ),
    ],
)
def test_a_wrong_mark_up_is_named(changed: dict[str, D], said: str) -> None:
    closed = services.close_position(login=100001, order=open_trade().order)
    with without_triggers():
        Trade.objects.filter(pk=closed.order).update(**changed)
    assert f"100001: order {closed.order} {said}" in list(find_differences())


def test_a_wrong_sum_of_closed_parts_is_named() -> None:
    trade = open_trade()
    services.close_position(login=100001, order=trade.order, volume=30)
    Trade.objects.filter(pk=trade.order).update(realized_markup=D("3.01"))
    (line,) = find_differences()
    assert line == (
        f"100001: order {trade.order} says that the mark-up of its closed parts was 3.01,"
        " their fills say 3"
    )

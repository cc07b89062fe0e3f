"""The sequence of closes in a stop-out, with the level checked after each."""

from decimal import Decimal as D

import pytest

from accounts.models import Account, Group
from market.models import Symbol
from tests import factories
from tests.trading.services.margin.margin_steps import (
    Kind,
    change_group,
    events_after,
    margin_action_kinds,
    margin_actions,
    move_price,
    open_orders,
    open_position,
)
from trading.enums import Cmd


@pytest.fixture
def eve_in_euros(db: None) -> Account:
    """A client with 2,000 EUR and positions in three symbols of three quote currencies.

    10,000 units of each at a leverage of 100: EURUSD needs 100.00 EUR, GBPJPY 115.00, USDCHF
    90.91, times their lots.
    """
    for name, digits in (
        ("EURUSD", 5), ("GBPJPY", 3), ("USDCHF", 5), ("EURGBP", 5), ("EURJPY", 3), ("EURCHF", 5),
    ):  # fmt: skip
        factories.symbol(name, digits)
    factories.publish(
        ("EURUSD", 1.1, 1.1), ("GBPJPY", 184.0, 184.0), ("USDCHF", 0.9, 0.9),
        ("EURGBP", 0.869565, 0.869565), ("EURJPY", 160.0, 160.0), ("EURCHF", 0.99, 0.99),
    )  # fmt: skip
    return factories.client(200003, factories.group("euros", "EUR"), "2000")


def test_the_largest_loss_goes_first_across_currencies(eve_in_euros: Account) -> None:
    euro = open_position(eve_in_euros, "EURUSD", 80)  # 800.00 EUR of margin
    pound = open_position(eve_in_euros, "GBPJPY", 50)  # 575.00
    swiss = open_position(eve_in_euros, "USDCHF", 40)  # 363.64
    factories.quote("EURUSD", 1.094, 1.094)  # -480 USD, -438.76 EUR
    # -144,000 JPY, -900.00 EUR: the larger loss, though 144,000 is not what is compared
    changed = move_price(eve_in_euros, "GBPJPY", 181.12)
    assert [trade.order for trade in changed] == [pound.order]
    assert changed[0].profit == D("-900.00")
    assert open_orders(eve_in_euros) == [euro.order, swiss.order]
    action = margin_actions(eve_in_euros)[1]
    assert set(action.quotes) >= {"EURUSD", "GBPJPY", "USDCHF", "EURJPY"}
    assert D(action.before["equity"]).quantize(D("0.01")) == D("661.24")
    assert D(action.after["level"]).quantize(D("0.1")) == D("56.8")  # 661.24 of 1,163.64


def test_commission_counts_as_loss(ann: Account) -> None:
    first = open_position(ann, "EURUSD", 100)
    Symbol.objects.update(comm_base=D(70))
    second = open_position(ann, "EURUSD", 90)
    # 580 are lost by the first; 522 by the second, which has cost 63 besides.
    changed = move_price(ann, "EURUSD", 1.0942)
    assert [trade.order for trade in changed] == [second.order]
    assert open_orders(ann) == [first.order]


def test_of_equal_losses_the_older_position_goes_first(ann: Account) -> None:
    first, second = open_position(ann, "EURUSD", 100), open_position(ann, "EURUSD", 100)
    assert [trade.order for trade in move_price(ann, "EURUSD", 1.0945)] == [first.order]
    assert open_orders(ann) == [second.order]


def test_the_level_is_checked_again_after_each_close(ann: Account) -> None:
    orders = [open_position(ann, "EURUSD", 50).order for _ in range(4)]
    # 550 are left: below 50 % of 2,200, of 1,650, and at 50 % of 1,100; above it of 550.
    changed = move_price(ann, "EURUSD", 1.09175)
    assert [trade.order for trade in changed] == orders[:3]
    assert open_orders(ann) == orders[3:]
    assert margin_action_kinds(ann) == [Kind.CALL, *[Kind.STOP_OUT] * 3]
    levels = [action.before["level"] for action in margin_actions(ann)[1:4]]
    assert [D(level).quantize(D("0.01")) for level in levels] == [D(25), D("33.33"), D(50)]
    assert [event[1] for event in events_after(ann) if event[0] == "n"] == [
        "Margin call",
        "Stop-out",
    ]


def test_most_margin_goes_first_although_another_lost_more(ann: Account) -> None:
    change_group(ann, stopout_order="most_margin")
    factories.symbol("GBPUSD")
    factories.quote("GBPUSD", 1.25, 1.25)
    pound = open_position(ann, "GBPUSD", 80)  # 1,000.00
    euro = open_position(ann, "EURUSD", 100)  # 1,100.00
    factories.quote("EURUSD", 1.0995, 1.0995)  # -50
    changed = move_price(ann, "GBPUSD", 1.237)  # -1,040
    assert changed == []  # 1,110 of 2,100 are 52.86 %
    changed = move_price(ann, "GBPUSD", 1.236)  # -1,120
    assert [trade.order for trade in changed] == [euro.order]
    assert open_orders(ann) == [pound.order]


def test_the_published_fair_stop_out(db: None) -> None:
    """Example O-04: of two longs in USDJPY the larger closes, and 124 % are left."""
    factories.symbol("USDJPY", 3)
    factories.quote("USDJPY", 101.432, 101.432)
    of = factories.group("o04", leverage=500, stopout_order="most_margin")
    client = factories.client(200004, of, "500")
    smaller, larger = open_position(client, "USDJPY", 100), open_position(client, "USDJPY", 150)
    [closed] = move_price(client, "USDJPY", 101.33)
    client.refresh_from_db()
    assert closed.order == larger.order
    assert closed.instrument.base_units(closed.volume) == 150_000
    assert abs(closed.profit - D("-150.96")) <= D("0.05")
    assert abs(client.balance - D("349.04")) <= D("0.05")
    after = margin_actions(client)[1].after
    assert D(after["margin"]) == 200
    assert abs(D(after["equity"]) - D("248.35")) <= D("0.05")
    assert open_orders(client) == [smaller.order]


def test_winning_positions_close_when_only_they_are_left(ann: Account) -> None:
    loser = open_position(ann, "EURUSD", 100)
    factories.quote("EURUSD", 1.09, 1.09)
    winner = open_position(ann, "EURUSD", 90, Cmd.SELL)
    # At 1.0789 the long has lost 2,110, the short has won 999; 1,089 of 1,100 are left.
    assert move_price(ann, "EURUSD", 1.0789) == []
    change_group(ann, margin_stopout=D(120), margin_call=D(130))
    changed = move_price(ann, "EURUSD", 1.0789)
    # 99 % of the larger leg; then 1,089 of the short's 981 are 111 %.
    assert [trade.order for trade in changed] == [loser.order, winner.order]


@pytest.mark.parametrize("order", ["largest_loss", "most_margin", "partial"])
def test_all_positions_close_when_the_level_never_recovers(ann: Account, order: str) -> None:
    Group.objects.update(stopout_order=order)
    for volume in (30, 70, 50, 50):
        open_position(ann, "EURUSD", volume)
    assert len(move_price(ann, "EURUSD", 1.08)) == 4
    ann.refresh_from_db()
    assert open_orders(ann) == []
    assert ann.balance == D(0)  # 4,000 were lost of 2,200: the rest is not owed

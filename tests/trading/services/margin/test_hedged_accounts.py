"""Fully hedged accounts: by a group setting stopped out only when their equity is gone."""

from decimal import Decimal as D

import pytest

from accounts.models import Account
from tests import factories
from tests.trading.services.margin.margin_steps import (
    Kind,
    change_group,
    margin_action_kinds,
    margin_actions,
    move_price,
    open_orders,
    open_position,
)
from trading.enums import Activation, Cmd
from trading.models import Trade


@pytest.fixture
def hedged(ann: Account) -> tuple[Trade, Trade]:
    """A lot of EURUSD both ways: 1,100.00 of margin, and a spread is all that can be lost."""
    return open_position(ann, "EURUSD", 100), open_position(ann, "EURUSD", 100, Cmd.SELL)


def test_by_default_a_hedged_account_is_stopped_out_like_others(
    ann: Account, hedged: tuple[Trade, Trade]
) -> None:
    changed = move_price(ann, "EURUSD", 1.0915, 1.108)  # equity 550 of 1,100
    assert len(changed) == 2  # closing one leg frees no margin of the larger one
    assert {trade.activation for trade in changed} == {Activation.STOP_OUT}


def test_with_the_setting_a_hedged_account_stays_until_its_equity_is_gone(
    ann: Account, hedged: tuple[Trade, Trade]
) -> None:
    change_group(ann, stopout_skip_hedged=True)
    assert move_price(ann, "EURUSD", 1.0901, 1.112) == []  # equity 10
    assert margin_action_kinds(ann) == [Kind.CALL]
    changed = move_price(ann, "EURUSD", 1.09, 1.112)  # equity 0
    assert len(changed) == 2
    assert margin_actions(ann)[1].rules["stopout_skip_hedged"] is True
    ann.refresh_from_db()
    assert ann.balance == 0


def test_an_uncovered_hundredth_is_not_fully_hedged(
    ann: Account, hedged: tuple[Trade, Trade]
) -> None:
    change_group(ann, stopout_skip_hedged=True)
    open_position(ann, "EURUSD", 1)
    assert move_price(ann, "EURUSD", 1.0905, 1.109)


def test_hedged_in_one_symbol_and_not_in_another_is_not_fully_hedged(
    ann: Account, hedged: tuple[Trade, Trade]
) -> None:
    change_group(ann, stopout_skip_hedged=True)
    factories.symbol("GBPUSD")
    factories.quote("GBPUSD", 1.25, 1.25)
    open_position(ann, "GBPUSD", 1)
    assert move_price(ann, "EURUSD", 1.0905, 1.109)


def test_volumes_of_different_symbols_do_not_cover_each_other(ann: Account) -> None:
    change_group(ann, stopout_skip_hedged=True)
    factories.symbol("GBPUSD")
    factories.quote("GBPUSD", 1.25, 1.25)
    open_position(ann, "EURUSD", 90)
    open_position(ann, "GBPUSD", 90, Cmd.SELL)
    assert move_price(ann, "EURUSD", 1.085)  # equity 850 of 2,115


def test_with_zero_hedged_margin_the_account_is_stopped_out_without_equity(
    ann: Account, hedged: tuple[Trade, Trade]
) -> None:
    change_group(ann, hedge_margin="zero")
    assert move_price(ann, "EURUSD", 1.0901, 1.112) == []  # equity 10, no level
    assert len(open_orders(ann)) == 2
    changed = move_price(ann, "EURUSD", 1.09, 1.112)  # equity 0
    assert len(changed) == 2
    ann.refresh_from_db()
    assert (ann.balance, open_orders(ann)) == (D(0), [])
    assert margin_actions(ann)[0].before["level"] is None

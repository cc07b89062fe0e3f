"""Partial stop-out: only as much as needed of the position with the most margin, in lot steps."""

from decimal import Decimal as D

import pytest

from accounts.models import Account
from market.models import Symbol
from tests import factories
from tests.trading.services.margin.margin_steps import (
    Kind,
    change_group,
    margin_action_kinds,
    margin_actions,
    move_price,
    open_position,
)
from trading.enums import Activation, Cmd, State
from trading.models import Trade


@pytest.fixture(autouse=True)
def _partial(ann: Account) -> None:
    change_group(ann, stopout_order="partial")


def test_the_smallest_part_that_lifts_the_level_closes(ann: Account) -> None:
    trade = open_position(ann, "EURUSD", 200)
    piece, rest = move_price(ann, "EURUSD", 1.0925)  # equity 700 of 2,200
    trade.refresh_from_db()
    # 1.27 lots may stay: 1,397 of margin are 50.1 %. 1.28 would be 49.7 %.
    assert (piece.volume, piece.state) == (73, State.CLOSED_PART)
    assert (piece.activation, piece.profit) == (Activation.STOP_OUT, D("-547.50"))
    assert (rest.order, trade.volume, trade.state) == (trade.order, 127, State.OPEN)
    after = margin_actions(ann)[1].after
    assert D(after["level"]).quantize(D("0.01")) == D("50.11")
    assert margin_actions(ann)[1].trade_id == piece.order
    assert margin_actions(ann)[1].rules["lots"] == 73


def test_exactly_at_the_level_one_lot_step_is_closed(ann: Account) -> None:
    open_position(ann, "EURUSD", 200)
    piece, _ = move_price(ann, "EURUSD", 1.0945)
    assert piece.volume == 1


def test_the_part_is_rounded_up_to_the_lot_step(ann: Account) -> None:
    Symbol.objects.update(lot_min=10, lot_step=10)
    open_position(ann, "EURUSD", 200)
    piece, rest = move_price(ann, "EURUSD", 1.0925)
    assert (piece.volume, rest.volume) == (80, 120)


def test_the_part_may_be_below_the_smallest_lot(ann: Account) -> None:
    Symbol.objects.update(lot_min=50, lot_step=10)
    open_position(ann, "EURUSD", 200)
    piece, rest = move_price(ann, "EURUSD", 1.0945)
    assert (piece.volume, rest.volume) == (10, 190)


def test_a_remainder_below_the_smallest_lot_is_closed_as_well(ann: Account) -> None:
    Symbol.objects.update(lot_min=80, lot_step=10)
    trade = open_position(ann, "EURUSD", 200)
    # 0.30 of margin would be borne: 1.70 must go, and 0.30 cannot stay.
    [closed] = move_price(ann, "EURUSD", 1.0898)
    assert (closed.order, closed.volume, closed.state) == (trade.order, 200, State.CLOSED)


def test_a_volume_off_the_lot_step_is_closed_down_to_a_step(ann: Account) -> None:
    open_position(ann, "EURUSD", 195)
    Symbol.objects.update(lot_min=10, lot_step=10)
    piece, rest = move_price(ann, "EURUSD", 1.0942)
    assert (piece.volume, rest.volume) == (5, 190)


def test_if_the_largest_position_is_not_enough_a_part_of_the_next_closes(ann: Account) -> None:
    larger, smaller = open_position(ann, "EURUSD", 110), open_position(ann, "EURUSD", 90)
    changed = move_price(ann, "EURUSD", 1.0909)  # equity 380: 0.69 lots may stay
    assert [(one.order, one.volume) for one in changed[:1]] == [(larger.order, 110)]
    assert changed[1].volume == 21
    assert (changed[2].order, changed[2].volume) == (smaller.order, 69)
    assert margin_action_kinds(ann) == [Kind.CALL, Kind.STOP_OUT, Kind.STOP_OUT]


def test_a_part_of_the_position_with_the_most_margin_closes(ann: Account) -> None:
    factories.symbol("GBPUSD")
    factories.quote("GBPUSD", 1.25, 1.25)
    open_position(ann, "EURUSD", 90)  # 990.00
    pound = open_position(ann, "GBPUSD", 90)  # 1,125.00
    piece, rest = move_price(ann, "EURUSD", 1.087)  # equity 1,030 of 2,115
    assert (piece.symbol_id, piece.volume, rest.order) == ("GBPUSD", 5, pound.order)


def test_hedged_volume_is_closed_down_to_its_cover_at_most(ann: Account) -> None:
    """Beyond the cover margin would grow again, where the group asks for the uncovered part."""
    change_group(ann, hedge_margin="zero", margin_stopout=D(1100), margin_call=D(1200))
    open_position(ann, "EURUSD", 60, Cmd.SELL)
    open_position(ann, "EURUSD", 80)  # 0.20 lots are uncovered: 220.00, and 2,200 are 1,000 % of it
    piece, rest = move_price(ann, "EURUSD", 1.1)  # 198.00: 1,111 %; without the long it were 333 %
    assert (piece.volume, rest.volume) == (2, 78)


def test_the_parts_cents_sum_to_those_of_the_whole(ann: Account) -> None:
    Symbol.objects.update(comm_base=D(7))
    trade = open_position(ann, "EURUSD", 190)
    bids = (1.0935, 1.093, 1.0921, 1.0909, 1.0903)
    for bid in bids:
        move_price(ann, "EURUSD", bid)
    pieces = Trade.objects.filter(parent=trade)
    assert len(pieces) == len(bids)
    trade.refresh_from_db()
    rows = [*pieces, trade]
    assert sum(row.volume for row in rows) == 190
    assert sum(row.commission for row in rows) == D("-13.30")

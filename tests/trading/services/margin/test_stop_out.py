"""The stop-out: exactly at its level, and with its evidence."""

from decimal import Decimal as D

from accounts.enums import FloatingMode, LevelUnit
from accounts.models import Account
from market.models import Symbol
from tests import factories
from tests.trading.services.margin.margin_steps import (
    Kind,
    change_group,
    events_after,
    last_seq,
    margin_action_kinds,
    margin_actions,
    move_price,
    open_orders,
    open_position,
)
from trading import services
from trading.enums import Activation, Cmd, State
from trading.models import Fill, Trade


def test_at_the_level_the_position_closes_at_its_closing_side(ann: Account) -> None:
    trade = open_position(ann, "EURUSD", 200)
    [closed] = move_price(ann, "EURUSD", 1.0945, 1.0947, time=1_800_000_000_500)
    ann.refresh_from_db()
    assert closed == trade
    assert (closed.state, closed.activation) == (State.CLOSED, Activation.STOP_OUT)
    assert (closed.close_price, closed.close_time) == (D("1.0945"), 1_800_000_000)
    assert (closed.profit, ann.balance) == (D("-1100.00"), D("1100.00"))


def test_a_point_above_the_level_nothing_closes(ann: Account) -> None:
    trade = open_position(ann, "EURUSD", 200)
    assert move_price(ann, "EURUSD", 1.09451, 1.0947) == []  # 1,102 / 2,200
    assert (margin_action_kinds(ann), open_orders(ann)) == ([Kind.CALL], [trade.order])


def test_the_level_is_compared_unrounded(ann: Account) -> None:
    change_group(ann, margin_stopout=D("50.09"))
    open_position(ann, "EURUSD", 200)
    # 1,102 / 2,200 is 50.0909…: shown as 50.09, and yet above it.
    assert move_price(ann, "EURUSD", 1.09451) == []


def test_the_published_level_of_half_the_used_margin(db: None) -> None:
    """Example O-18: 5 lots of GBPUSD with 7,938.60 of margin are stopped out at 3,969.30."""
    factories.symbol("GBPUSD", 7)
    factories.quote("GBPUSD", 1.58772, 1.58772)
    client = factories.client(200002, factories.group("o18"), "7938.60")
    open_position(client, "GBPUSD", 500)
    assert move_price(client, "GBPUSD", 1.5797815) == []  # 3,969.35 are left
    [closed] = move_price(client, "GBPUSD", 1.5797814)
    before = margin_actions(client)[1].before
    assert (before["margin"], before["equity"], before["level"]) == ("7938.6", "3969.3", "50")
    assert closed.profit == D("-3969.30")


def test_the_level_can_be_money(ann: Account) -> None:
    change_group(ann, margin_type=LevelUnit.MONEY, margin_call=D(500), margin_stopout=D(300))
    open_position(ann, "EURUSD", 200)
    assert move_price(ann, "EURUSD", 1.09051) == []  # equity 302
    assert len(move_price(ann, "EURUSD", 1.0905)) == 1  # 300


def test_the_margin_mode_decides_what_counts(ann: Account) -> None:
    change_group(ann, margin_mode=FloatingMode.NONE)
    open_position(ann, "EURUSD", 200)
    assert move_price(ann, "EURUSD", 1.0945) == []  # the floating loss does not count
    assert margin_action_kinds(ann) == []


def test_the_stop_out_event_precedes_its_closes(ann: Account) -> None:
    trade = open_position(ann, "EURUSD", 200)
    move_price(ann, "EURUSD", 1.0999)
    before = last_seq(ann)
    move_price(ann, "EURUSD", 1.0945)
    announced, note, order, after = events_after(ann, before)
    assert (announced[0], announced[5], announced[8]) == ("b", 50, 2)
    assert note[:2] == ["n", "Stop-out"]
    assert note[2] == "The margin level is 50 %: not above the stop-out at 50."
    assert note[5] == 30
    assert (order[0], order[1], order[-1]) == ("o", trade.order, 6)
    assert (after[0], after[2], after[5], after[8]) == ("b", 1100, 0, 0)


def test_falling_through_both_levels_logs_a_call_a_stop_out_and_a_recovery(ann: Account) -> None:
    open_position(ann, "EURUSD", 200)
    move_price(ann, "EURUSD", 1.09)
    ann.refresh_from_db()
    assert margin_action_kinds(ann) == [Kind.CALL, Kind.STOP_OUT, Kind.RECOVERY]
    assert not ann.margin_called


def test_each_stop_out_stores_figures_quotes_and_rules(ann: Account, flat: Symbol) -> None:
    trade = open_position(ann, "EURUSD", 200)
    move_price(ann, "EURUSD", 1.0945, time=1_800_000_000_000)
    [_, action, _] = margin_actions(ann)
    assert (action.kind, action.trade_id, action.time) == (
        Kind.STOP_OUT,
        trade.order,
        1_800_000_000,
    )
    assert (action.before["equity"], action.before["level"]) == ("1100", "50")
    assert (action.after["balance"], action.after["level"]) == ("1100", None)
    assert action.quotes["EURUSD"][:3] == [1.0945, 1.0945, 1_800_000_000_000]
    assert action.rules["margin_stopout"] == "50"
    assert action.rules["stopout_order"] == "largest_loss"
    assert (action.rules["lots"], action.rules["not_closed"]) == (200, {})
    fill = Fill.objects.get(trade=trade, kind=Fill.Kind.CLOSE)
    assert fill.price == D("1.0945")


def test_pendings_use_no_margin_and_stay(ann: Account) -> None:
    open_position(ann, "EURUSD", 200)
    pending = services.open_pending(
        login=ann.login, cmd=Cmd.BUY_LIMIT, symbol="EURUSD", volume=10, open_price=D("1.05")
    )
    move_price(ann, "EURUSD", 1.0945)
    assert [trade.order for trade in Trade.objects.live()] == [pending.order]


def test_an_account_without_a_known_price_is_left_alone(ann: Account) -> None:
    factories.symbol("GBPUSD")
    factories.quote("GBPUSD", 1.25, 1.25)
    open_position(ann, "GBPUSD", 10)
    open_position(ann, "EURUSD", 180)
    factories.remove_quotes("GBPUSD")
    assert move_price(ann, "EURUSD", 1.05) == []
    assert margin_action_kinds(ann) == []


def test_other_accounts_are_not_affected(ann: Account, alice: Account) -> None:
    mine, other = open_position(ann, "EURUSD", 200), open_position(alice, "EURUSD", 200)
    assert move_price(alice, "EURUSD", 1.0945) == []
    assert (open_orders(ann), open_orders(alice)) == ([mine.order], [other.order])
    assert margin_action_kinds(alice) == []

"""The margin call: announced once, until the level has recovered."""

from decimal import Decimal as D

from accounts.enums import LevelUnit
from accounts.models import Account
from realtime.models import Notification
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
from trading.enums import Cmd
from trading.services import ledger


def test_a_margin_call_sends_figures_and_a_warning(ann: Account) -> None:
    trade = open_position(ann, "EURUSD", 200)
    before = last_seq(ann)
    assert move_price(ann, "EURUSD", 1.0999) == []
    ann.refresh_from_db()
    assert ann.margin_called
    balance, note = events_after(ann, before)
    # balance, margin, margin_free, margin_level, equity, credit, level_type, profit, code
    assert balance == ["b", ann.login, 2200, 2200, -20, D("99.09"), 2180, 0, 1, -20, 1]
    assert note[:2] == ["n", "Margin call"]
    assert note[2] == "The margin level is 99.09 %: below the margin call at 100."
    assert note[3:7] == [f"MARGIN_CALL:{ann.seq}", 0, 20, ann.login]
    assert note[8] == {"margin_level": D("99.09"), "level_type": 1, "margin_call": 100}
    stored = Notification.objects.get(login=ann.login)
    assert (stored.token, stored.data) == (note[3], note[8])
    assert open_orders(ann) == [trade.order]


def test_a_margin_call_stores_its_figures_quotes_and_rules(ann: Account) -> None:
    open_position(ann, "EURUSD", 200)
    move_price(ann, "EURUSD", 1.0999, time=1_800_000_000_000)
    [call] = margin_actions(ann)
    assert (call.kind, call.time, call.trade) == (Kind.CALL, 1_800_000_000, None)
    assert call.before["equity"] == "2180"
    assert call.before["margin"] == "2200"
    assert call.before["level"].startswith("99.0909090909")
    assert call.quotes["EURUSD"][:3] == [1.0999, 1.0999, 1_800_000_000_000]
    assert (call.rules["margin_call"], call.rules["margin_call_recovery"]) == ("100", "5")
    assert call.rules["leverage"] == 100


def test_a_level_exactly_at_the_margin_call_makes_no_call(ann: Account) -> None:
    open_position(ann, "EURUSD", 200)
    before = last_seq(ann)
    assert move_price(ann, "EURUSD", 1.1) == []
    assert (margin_action_kinds(ann), events_after(ann, before)) == ([], [])


def test_the_call_level_is_compared_unrounded(ann: Account) -> None:
    open_position(ann, "EURUSD", 100)
    change_group(ann, margin_call=D("190.91"))  # 2,100 / 1,100 is 190.9090…, shown as 190.91
    move_price(ann, "EURUSD", 1.099)
    assert margin_action_kinds(ann) == [Kind.CALL]


def test_a_margin_call_is_announced_once_while_it_lasts(ann: Account) -> None:
    open_position(ann, "EURUSD", 200)
    move_price(ann, "EURUSD", 1.0999)
    before = last_seq(ann)
    for bid in (1.0998, 1.0997, 1.0999):
        move_price(ann, "EURUSD", bid)
    assert margin_action_kinds(ann) == [Kind.CALL]
    assert events_after(ann, before) == []


def test_a_trembling_market_makes_one_call_that_ends_above_its_recovery_margin(
    ann: Account,
) -> None:
    open_position(ann, "EURUSD", 200)
    for bid in (1.0999, 1.1, 1.0999, 1.10054, 1.0998, 1.1, 1.0999):
        move_price(ann, "EURUSD", bid)
    ann.refresh_from_db()
    assert (margin_action_kinds(ann), ann.margin_called) == ([Kind.CALL], True)
    assert [event[0] for event in events_after(ann)].count("n") == 1
    before = last_seq(ann)
    move_price(ann, "EURUSD", 1.10055)  # 2,310 of equity are 105 % of 2,200
    ann.refresh_from_db()
    assert not ann.margin_called
    [balance] = events_after(ann, before)
    assert (balance[0], balance[5], balance[8]) == ("b", 105, 0)
    move_price(ann, "EURUSD", 1.0999)
    assert margin_action_kinds(ann) == [Kind.CALL, Kind.RECOVERY, Kind.CALL]


def test_a_deposit_ends_the_call_at_once(ann: Account) -> None:
    open_position(ann, "EURUSD", 200)
    move_price(ann, "EURUSD", 1.0999)
    ledger.post_operation(login=ann.login, cmd=Cmd.BALANCE_IN, amount=D(10))
    assert margin_action_kinds(ann) == [Kind.CALL]  # 2,190 are still below 2,310
    ledger.post_operation(login=ann.login, cmd=Cmd.BALANCE_IN, amount=D(120))
    ann.refresh_from_db()
    assert not ann.margin_called
    recovery = margin_actions(ann)[-1]
    assert (recovery.kind, recovery.after["level"]) == (Kind.RECOVERY, "105")


def test_closing_everything_ends_the_call(ann: Account) -> None:
    trade = open_position(ann, "EURUSD", 200)
    move_price(ann, "EURUSD", 1.0999)
    services.close_position(login=ann.login, order=trade.order)
    recovery = margin_actions(ann)[-1]
    assert (recovery.kind, recovery.after["level"]) == (Kind.RECOVERY, None)
    open_position(ann, "EURUSD", 190)
    move_price(ann, "EURUSD", 1.0980)
    assert margin_action_kinds(ann) == [Kind.CALL, Kind.RECOVERY, Kind.CALL]


def test_the_levels_can_be_money(ann: Account) -> None:
    change_group(ann, margin_type=LevelUnit.MONEY, margin_call=D(500), margin_stopout=D(300))
    open_position(ann, "EURUSD", 200)
    move_price(ann, "EURUSD", 1.0915)  # equity 500: not below
    assert margin_action_kinds(ann) == []
    before = last_seq(ann)
    move_price(ann, "EURUSD", 1.0914)
    assert margin_action_kinds(ann) == [Kind.CALL]
    note = events_after(ann, before)[1]
    assert note[2] == "The equity for the margin is 480 USD: below the margin call at 500."
    move_price(ann, "EURUSD", 1.09162)  # equity 524, and the call ends at 5 % above 500
    assert margin_action_kinds(ann) == [Kind.CALL]
    move_price(ann, "EURUSD", 1.09163)
    assert margin_action_kinds(ann) == [Kind.CALL, Kind.RECOVERY]


def test_without_margin_there_is_no_level_and_no_call(ann: Account) -> None:
    change_group(ann, hedge_margin="zero", margin_call=D(100_000))
    open_position(ann, "EURUSD", 100)
    open_position(ann, "EURUSD", 100, Cmd.SELL)
    assert move_price(ann, "EURUSD", 1.0, 1.0) == []
    assert margin_action_kinds(ann) == []


def test_a_healthy_account_is_left_alone(ann: Account) -> None:
    trade = open_position(ann, "EURUSD", 10)
    before = last_seq(ann)
    assert move_price(ann, "EURUSD", 1.0999) == []
    assert (margin_action_kinds(ann), events_after(ann, before), open_orders(ann)) == (
        [],
        [],
        [trade.order],
    )

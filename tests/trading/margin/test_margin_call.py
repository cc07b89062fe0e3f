"""The margin call: announced once, until the level has recovered."""

from decimal import Decimal as D

from accounts.enums import LevelUnit
from accounts.models import Account
from tests.trading.margin.scene import (
    Kind,
    actions,
    events,
    kinds,
    moved,
    opened,
    rules,
    seq,
    still_open,
)
from trading import ledger, services
from trading.enums import Cmd


def test_a_level_below_the_call_is_told_by_figures_and_a_warning(ann: Account) -> None:
    trade = opened(ann, "EURUSD", 200)
    before = seq(ann)
    assert moved(ann, "EURUSD", 1.0999) == []
    ann.refresh_from_db()
    assert ann.margin_called
    balance, note = events(ann, before)
    # balance, margin, margin_free, margin_level, equity, credit, level_type, profit, code
    assert balance == ["b", ann.login, 2200, 2200, -20, D("99.09"), 2180, 0, 1, -20, 1]
    assert note[:2] == ["n", "Margin call"]
    assert note[2] == "The margin level is 99.09 %: below the margin call at 100."
    assert note[4:7] == [0, 20, ann.login]
    assert still_open(ann) == [trade.order]


def test_the_call_keeps_its_figures_quotes_and_rules(ann: Account) -> None:
    opened(ann, "EURUSD", 200)
    moved(ann, "EURUSD", 1.0999, time=1_800_000_000_000)
    [call] = actions(ann)
    assert (call.kind, call.time, call.trade) == (Kind.CALL, 1_800_000_000, None)
    assert call.before["equity"] == "2180"
    assert call.before["margin"] == "2200"
    assert call.before["level"].startswith("99.0909090909")
    assert call.quotes["EURUSD"][:3] == [1.0999, 1.0999, 1_800_000_000_000]
    assert call.rules["margin_call"] == "100"
    assert call.rules["leverage"] == 100


def test_the_level_of_the_call_itself_is_no_call(ann: Account) -> None:
    opened(ann, "EURUSD", 200)
    before = seq(ann)
    assert moved(ann, "EURUSD", 1.1) == []
    assert (kinds(ann), events(ann, before)) == ([], [])


def test_comparisons_use_unrounded_figures(ann: Account) -> None:
    opened(ann, "EURUSD", 100)
    rules(ann, margin_call=D("190.91"))  # 2,100 / 1,100 is 190.9090…, shown as 190.91
    moved(ann, "EURUSD", 1.099)
    assert kinds(ann) == [Kind.CALL]


def test_a_call_is_told_once_while_it_lasts(ann: Account) -> None:
    opened(ann, "EURUSD", 200)
    moved(ann, "EURUSD", 1.0999)
    before = seq(ann)
    for bid in (1.0998, 1.0997, 1.0999):
        moved(ann, "EURUSD", bid)
    assert kinds(ann) == [Kind.CALL]
    assert events(ann, before) == []


def test_a_recovery_ends_the_call_and_the_next_fall_is_a_new_one(ann: Account) -> None:
    opened(ann, "EURUSD", 200)
    moved(ann, "EURUSD", 1.0999)
    before = seq(ann)
    moved(ann, "EURUSD", 1.1)
    ann.refresh_from_db()
    assert not ann.margin_called
    [balance] = events(ann, before)
    assert (balance[0], balance[5], balance[8]) == ("b", 100, 0)
    moved(ann, "EURUSD", 1.0999)
    assert kinds(ann) == [Kind.CALL, Kind.RECOVERY, Kind.CALL]


def test_a_deposit_ends_the_call_at_once(ann: Account) -> None:
    opened(ann, "EURUSD", 200)
    moved(ann, "EURUSD", 1.0999)
    ledger.finance(login=ann.login, cmd=Cmd.BALANCE_IN, amount=D(10))
    assert kinds(ann) == [Kind.CALL]  # 2,190 are still below 2,200
    ledger.finance(login=ann.login, cmd=Cmd.BALANCE_IN, amount=D(10))
    ann.refresh_from_db()
    assert not ann.margin_called
    recovery = actions(ann)[-1]
    assert (recovery.kind, recovery.after["level"]) == (Kind.RECOVERY, "100")


def test_closing_everything_ends_the_call(ann: Account) -> None:
    trade = opened(ann, "EURUSD", 200)
    moved(ann, "EURUSD", 1.0999)
    services.close(login=ann.login, order=trade.order)
    recovery = actions(ann)[-1]
    assert (recovery.kind, recovery.after["level"]) == (Kind.RECOVERY, None)
    opened(ann, "EURUSD", 190)
    moved(ann, "EURUSD", 1.0980)
    assert kinds(ann) == [Kind.CALL, Kind.RECOVERY, Kind.CALL]


def test_the_levels_can_be_money(ann: Account) -> None:
    rules(ann, margin_type=LevelUnit.MONEY, margin_call=D(500), margin_stopout=D(300))
    opened(ann, "EURUSD", 200)
    moved(ann, "EURUSD", 1.0915)  # equity 500: not below
    assert kinds(ann) == []
    before = seq(ann)
    moved(ann, "EURUSD", 1.0914)
    assert kinds(ann) == [Kind.CALL]
    note = events(ann, before)[1]
    assert note[2] == "The equity for the margin is 480 USD: below the margin call at 500."


def test_without_margin_there_is_no_level_and_no_call(ann: Account) -> None:
    rules(ann, hedge_margin="zero", margin_call=D(100_000))
    opened(ann, "EURUSD", 100)
    opened(ann, "EURUSD", 100, Cmd.SELL)
    assert moved(ann, "EURUSD", 1.0, 1.0) == []
    assert kinds(ann) == []


def test_a_healthy_account_is_left_alone(ann: Account) -> None:
    trade = opened(ann, "EURUSD", 10)
    before = seq(ann)
    assert moved(ann, "EURUSD", 1.0999) == []
    assert (kinds(ann), events(ann, before), still_open(ann)) == ([], [], [trade.order])

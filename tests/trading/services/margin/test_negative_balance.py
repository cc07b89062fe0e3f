"""Negative balance protection."""

from decimal import Decimal as D

from accounts.models import Account
from market.quotes.quote import LatestQuotes
from tests import factories
from tests.trading.services.margin.margin_steps import (
    Kind,
    change_group,
    events_after,
    last_seq,
    margin_actions,
    move_price,
    open_orders,
    open_position,
)
from trading import services
from trading.enums import Activation, Cmd, State
from trading.models import Trade
from trading.services import ledger

COMMENT = "negative balance protection"


def finance_rows(account: Account) -> list[tuple[int, D, str]]:
    """Return the finance rows after the deposit, oldest first."""
    rows = Trade.objects.finance_operations().filter(account=account).order_by("order")[1:]
    return [(row.cmd, row.profit, row.comment) for row in rows]


def test_a_stop_out_below_zero_is_compensated(ann: Account) -> None:
    open_position(ann, "EURUSD", 200)
    [closed] = move_price(ann, "EURUSD", 1.08)
    ann.refresh_from_db()
    assert closed.profit == D("-4000.00")
    assert finance_rows(ann) == [(Cmd.BALANCE_IN, D("1800.00"), COMMENT)]
    assert ann.balance == 0


def test_a_gap_through_a_stop_loss_below_zero_is_compensated(ann: Account) -> None:
    trade = open_position(ann, "EURUSD", 200, sl=D("1.095"))
    quote = factories.quote("EURUSD", 1.08, 1.08)
    services.close_by_trigger(
        login=ann.login, order=trade.order, activation=Activation.STOP_LOSS,
        quote=quote, quotes=LatestQuotes(),
    )  # fmt: skip
    ann.refresh_from_db()
    assert (ann.balance, finance_rows(ann)) == (D(0), [(Cmd.BALANCE_IN, D("1800.00"), COMMENT)])


def test_a_clients_close_below_zero_is_compensated(ann: Account) -> None:
    trade = open_position(ann, "EURUSD", 200)
    factories.quote("EURUSD", 1.08, 1.08)
    before = last_seq(ann)
    services.close_position(login=ann.login, order=trade.order)
    order, balance, row, made_good = events_after(ann, before)
    assert (order[0], order[1], balance[2]) == ("o", trade.order, -1800)
    assert (row[0], row[4], row[15], row[-1]) == ("o", Cmd.BALANCE_IN, 1800, 0)
    assert (made_good[0], made_good[2]) == ("b", 0)


def test_a_compensation_stores_its_figures_and_the_quote(ann: Account) -> None:
    open_position(ann, "EURUSD", 200)
    move_price(ann, "EURUSD", 1.08, time=1_800_000_000_000)
    action = next(one for one in margin_actions(ann) if one.kind == Kind.COMPENSATION)
    row = Trade.objects.finance_operations().filter(account=ann).latest("order")
    assert (action.trade_id, action.time) == (row.order, 1_800_000_000)
    assert (action.before["balance"], action.after["balance"]) == ("-1800", "0")
    assert action.quotes["EURUSD"][:2] == [1.08, 1.08]
    assert action.rules["negative_balance_protection"] is True


def test_the_stop_out_itself_shows_what_was_lost(ann: Account) -> None:
    open_position(ann, "EURUSD", 200)
    move_price(ann, "EURUSD", 1.08)
    action = next(one for one in margin_actions(ann) if one.kind == Kind.STOP_OUT)
    assert action.after["balance"] == "-1800"


def test_credit_bears_the_loss_first(ann: Account) -> None:
    ledger.post_operation(login=ann.login, cmd=Cmd.CREDIT_IN, amount=D(300))
    open_position(ann, "EURUSD", 200)
    move_price(ann, "EURUSD", 1.08)
    ann.refresh_from_db()
    assert (ann.balance, ann.credit) == (D(0), D(0))
    assert finance_rows(ann)[1:] == [
        (Cmd.CREDIT_OUT, D("-300.00"), f"{COMMENT}: credit used up"),
        (Cmd.BALANCE_IN, D("1800.00"), COMMENT),
    ]


def test_a_loss_covered_by_credit_is_not_compensated(ann: Account) -> None:
    ledger.post_operation(login=ann.login, cmd=Cmd.CREDIT_IN, amount=D(300))
    open_position(ann, "EURUSD", 200)
    move_price(ann, "EURUSD", 1.0885)  # -2,300
    ann.refresh_from_db()
    assert (ann.balance, ann.credit) == (D(-100), D(300))
    assert len(finance_rows(ann)) == 1


def test_nothing_is_compensated_while_a_position_is_open(ann: Account) -> None:
    long, short = open_position(ann, "EURUSD", 200), open_position(ann, "EURUSD", 200, Cmd.SELL)
    factories.quote("EURUSD", 1.08, 1.08)
    services.close_position(login=ann.login, order=long.order)
    ann.refresh_from_db()
    assert (ann.balance, finance_rows(ann)) == (D(-1800), [])
    services.close_position(login=ann.login, order=short.order)
    ann.refresh_from_db()
    assert (ann.balance, finance_rows(ann), open_orders(ann)) == (D(2200), [], [])


def test_a_balance_of_exactly_zero_is_not_compensated(ann: Account) -> None:
    open_position(ann, "EURUSD", 200)
    move_price(ann, "EURUSD", 1.089)
    ann.refresh_from_db()
    assert (ann.balance, finance_rows(ann)) == (D(0), [])


def test_the_group_can_switch_the_protection_off(ann: Account) -> None:
    change_group(ann, negative_balance_protection=False)
    open_position(ann, "EURUSD", 200)
    [closed] = move_price(ann, "EURUSD", 1.08)
    ann.refresh_from_db()
    assert (closed.state, ann.balance, finance_rows(ann)) == (State.CLOSED, D(-1800), [])

"""The broker's result says what each cent was, and agrees with the ledger."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import Group
from core.clock import DAY_S, now
from tests.factories import D
from tests.trading.reports.conftest import BusyDay, around_now
from tests.trading.unguarded_rows import without_triggers
from trading.enums import Cmd
from trading.ledger_audit import find_differences
from trading.models import MarginAction, Trade
from trading.reports.broker_result import Grouping, Period, ResultSums, read_result


@pytest.mark.parametrize("by", Grouping)
def test_the_parts_of_each_currency_are_what_the_balances_moved_by(
    busy_day: BusyDay, by: Grouping
) -> None:
    found = read_result(around_now(), by)
    assert {unit: sums.balance_change for unit, sums in found.totals.items()} == {
        "USD": busy_day.moved[100001],
        "EUR": busy_day.moved[100002],
    }
    for unit, total in found.totals.items():
        rows = [sums for (_, currency), sums in found.rows.items() if currency == unit]
        assert sum(sums.balance_change for sums in rows) == total.balance_change
    assert list(find_differences()) == []


def test_each_cent_is_in_its_column(busy_day: BusyDay) -> None:
    usd = read_result(around_now(), Grouping.GROUP).rows["demo-usd", "USD"]
    assert (usd.profit, usd.commission, usd.swap) == (D("-10.00"), D("-3.00"), D("-1.25"))
    assert (usd.correction, usd.compensation, usd.credit) == (D(4), D(0), D(60))
    assert (usd.deposit, usd.withdrawal, usd.net_deposit) == (D(10500), D(-50), D(10450))
    assert usd.broker_result == D("10.25")
    eur = read_result(around_now(), Grouping.GROUP).rows["std-eur", "EUR"]
    assert eur.profit + eur.commission + eur.compensation == D(-10000)
    assert eur.compensation > 10000
    assert eur.broker_result == D(10000)  # all that the client had paid in


def test_mark_up_is_shown_beside_the_result_that_contains_it(busy_day: BusyDay) -> None:
    with without_triggers():
        Trade.objects.filter(pk=busy_day.closed.pk).update(markup=D("0.70"))
    usd = read_result(around_now(), Grouping.SYMBOL).rows["EURUSD", "USD"]
    assert (usd.mark_up, usd.broker_result) == (D("0.70"), D("10.25"))


def test_volume_and_clients_are_counted(busy_day: BusyDay) -> None:
    found = read_result(around_now(), Grouping.GROUP)
    usd = found.rows["demo-usd", "USD"]
    assert (usd.volume, usd.trades, usd.active, usd.opened) == (100, 2, 1, 1)
    assert usd.value == pytest.approx(100_000 * 1.1)
    assert (found.converted_total().active, found.converted_total().opened) == (2, 2)


def test_what_belongs_to_a_trade_is_in_the_row_of_its_symbol(busy_day: BusyDay) -> None:
    rows = read_result(around_now(), Grouping.SYMBOL).rows
    usd, payments = rows["EURUSD", "USD"], rows["", "USD"]
    assert (usd.swap, usd.correction, usd.deposit) == (D("-1.25"), D(4), D(0))
    assert (payments.profit, payments.correction, payments.deposit) == (D(0), D(0), D(10500))
    assert (rows["", "EUR"].compensation > 0, rows["EURUSD", "EUR"].active) == (True, 1)


def test_a_close_is_in_the_row_of_its_day_alone(busy_day: BusyDay) -> None:
    today = now() // DAY_S
    move_to(busy_day.piece, (today - 3) * DAY_S - 1)
    move_to(busy_day.closed, (today - 3) * DAY_S)
    first = datetime.fromtimestamp((today - 4) * DAY_S, UTC).date()
    days = [read_result(Period(day, day), Grouping.DAY) for day in (first, first + timedelta(1))]
    assert [list(one.rows) for one in days] == [
        [(str(first), "USD")],
        [(str(first + timedelta(1)), "USD")],
    ]
    assert [one.totals["USD"].volume for one in days] == [30, 70]
    both = read_result(Period(first, first + timedelta(1)), Grouping.DAY)
    assert [sums.profit for sums in both.rows.values()] == [D(-3), D(-7)]
    assert (both.totals["USD"].active, list(find_differences())) == (1, [])


def test_other_groups_are_left_out(busy_day: BusyDay) -> None:
    eur = Group.objects.get(name="std-eur")
    found = read_result(around_now(), Grouping.DAY, [eur.pk])
    assert (list(found.totals), found.totals["EUR"].opened) == (["EUR"], 1)
    nothing = read_result(around_now(), Grouping.DAY, [])
    assert (nothing.rows, nothing.totals) == ({}, {})


def test_sums_are_converted_where_a_rate_is_known(busy_day: BusyDay) -> None:
    found = read_result(around_now(), Grouping.GROUP)
    assert (found.rates["USD"], found.missing_rates) == (1, [])
    eur = found.rows["std-eur", "EUR"]
    converted = found.converted()["std-eur"]
    assert converted.broker_result == eur.broker_result * D(str(found.rates["EUR"]))
    Group.objects.filter(name="std-eur").update(currency="XXX")
    found = read_result(around_now(), Grouping.GROUP)
    assert (found.missing_rates, list(found.converted())) == (["XXX"], ["demo-usd"])
    assert found.converted_total().balance_change == busy_day.moved[100001]


def test_check_ledger_names_a_day_whose_report_differs(busy_day: BusyDay) -> None:
    with without_triggers():
        Trade.objects.filter(pk=busy_day.piece.pk).update(close_time=0)
    lines = [line for line in find_differences() if "in the report" in line]
    assert lines == [
        f"100001: {name} in the report of 1970-01-01 moved by None, its rows say {moved}"
        for name, moved in (("balance", "-3.9000"), ("credit", "0"))
    ]


def test_a_compensation_that_is_reversed_stays_one(busy_day: BusyDay, dan: object) -> None:
    action = MarginAction.objects.get(kind="compensation")
    eur = read_result(around_now(), Grouping.GROUP).totals["EUR"].compensation
    Trade.objects.create(
        account_id=100002, cmd=Cmd.BALANCE_OUT, state=3, open_time=now(), close_time=now(),
        profit=D(-1), corrects=action.trade,
    )  # fmt: skip
    found = read_result(around_now(), Grouping.GROUP).totals["EUR"]
    assert (found.compensation, found.withdrawal) == (eur - 1, D(0))


def test_sums_add_up(db: None) -> None:
    total = ResultSums(profit=D(1), volume=2)
    total.add(ResultSums(profit=D(3), volume=4, active=1), D(2))
    assert (total.profit, total.volume, total.active) == (D(7), 6, 1)


def move_to(trade: Trade, time: int) -> None:
    """Let a closed trade have been opened and closed at this unix time."""
    with without_triggers():
        Trade.objects.filter(pk=trade.pk).update(close_time=time, open_time=time)

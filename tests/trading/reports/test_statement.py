"""A client's statement agrees with the ledger to the cent, for any period."""

from datetime import UTC, datetime, timedelta

from accounts.models import Account
from core.clock import DAY_S, now
from market.models import Symbol
from tests import factories
from tests.factories import D
from tests.trading.reports.conftest import BusyDay, around_now
from tests.trading.unguarded_rows import without_triggers
from trading import services
from trading.enums import Cmd
from trading.models import Rollover, SwapCharge, Trade
from trading.reports.account_statement import AccountStatement, Holdings, count_rows, read_statement
from trading.reports.broker_result import Period


def read(login: int, period: Period | None = None) -> AccountStatement:
    account = Account.objects.select_related("group", "user").get(pk=login)
    return read_statement(account, period or around_now())


def days_ago(first: int, last: int) -> Period:
    """Return a period by days before today."""
    today = datetime.fromtimestamp(now(), UTC).date()
    return Period(today - timedelta(first), today - timedelta(last))


def test_opening_balance_and_rows_are_the_balance(busy_day: BusyDay) -> None:
    for login, balance in busy_day.moved.items():
        found = read(login)
        assert found.opening == Holdings(D(0), D(0))
        assert found.closing.balance == balance
        assert found.closing.credit == Account.objects.get(pk=login).credit
        assert [row.after for row in found.rows][-1] == found.closing
        assert sum(found.totals.values()) == found.closing.balance + found.closing.credit
        assert len(found.rows) == count_rows(found.account, around_now())


def test_each_row_says_what_it_is(busy_day: BusyDay) -> None:
    found = read(100001)
    assert sorted((row.kind, row.amount) for row in found.rows) == [
        ("correction", D(-1)), ("correction", D(5)), ("credit", D(-40)), ("credit", D(100)),
        ("deposit", D(-200)), ("deposit", D(700)), ("deposit", D(10000)), ("swap", D("-1.25")),
        ("trade", D("-9.10")), ("trade", D("-3.90")), ("withdrawal", D(-50)),
    ]  # fmt: skip
    assert found.totals == {
        "deposit": D(10500), "withdrawal": D(-50), "credit": D(60), "profit": D(-10),
        "commission": D(-3), "swap": D("-1.25"), "correction": D(4),
    }  # fmt: skip
    assert read(100002).rows[-1].kind == "compensation"


def test_a_period_begins_with_what_the_one_before_ended_with(busy_day: BusyDay) -> None:
    begin = (now() // DAY_S - 3) * DAY_S
    with without_triggers():
        Trade.objects.filter(account=100001, cmd=Cmd.BALANCE_IN).exclude(profit__lt=100).update(
            close_time=begin - 1, open_time=begin - 1
        )
        Trade.objects.filter(pk=busy_day.piece.pk).update(close_time=begin)
    before, later = read(100001, days_ago(9, 4)), read(100001, days_ago(3, -1))
    assert (before.opening.balance, before.closing.balance) == (D(0), D(10700))
    assert later.opening == before.closing
    assert later.rows[0].trade == busy_day.piece
    assert later.closing.balance == busy_day.moved[100001]
    assert (before.is_current, before.equity, later.is_current) == (False, None, True)


def test_a_position_is_as_it_was_when_the_period_ended(alice: Account, eurusd: Symbol) -> None:
    Symbol.objects.update(comm_base=D(3))
    trade = services.open_market(login=100001, cmd=Cmd.BUY, symbol="EURUSD", volume=100)
    begin = (now() // DAY_S - 3) * DAY_S
    Trade.objects.filter(pk=trade.pk).update(open_time=begin, storage=D("-3.00"))
    for number, moment in enumerate((begin, begin + 2 * DAY_S)):
        night = Rollover.objects.create(night=f"2026-11-2{number}", moment=moment)
        SwapCharge.objects.create(trade=trade, night=night, amount=D("-1.50"))
    services.close_position(login=100001, order=trade.order, volume=30)
    services.close_position(login=100001, order=trade.order)
    [then] = read(100001, days_ago(9, 3)).positions
    assert (then.trade.order, then.volume) == (trade.order, 100)
    assert (then.commission, then.swap, then.floating) == (D(-3), D("-1.50"), None)
    [later] = read(100001, days_ago(9, 1)).positions
    assert (later.volume, later.swap) == (100, D(-3))
    assert read(100001).positions == []
    assert read(100001, days_ago(9, 4)).positions == []


def test_what_is_open_now_is_valued(alice: Account, eurusd: Symbol) -> None:
    trade = services.open_market(login=100001, cmd=Cmd.SELL, symbol="EURUSD", volume=100)
    factories.quote("EURUSD", 1.1001, 1.1002)
    found = read(100001)
    [position] = found.positions
    assert (position.trade.order, position.floating) == (trade.order, D(-20))
    assert found.equity == D(9980)
    factories.remove_quotes()
    assert (read(100001).positions[0].floating, read(100001).equity) == (None, None)


def test_an_account_without_rows_has_an_empty_statement(db: None) -> None:
    factories.client(7, factories.group(), "0")
    found = read(7)
    assert (found.rows, found.positions, found.totals) == ([], [], {})
    assert found.closing == Holdings(D(0), D(0))

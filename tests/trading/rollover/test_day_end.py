"""Balances at the end of day and month, from the ledger, on time or late."""

from datetime import date
from decimal import Decimal as D

import pytest

from accounts.models import Account
from tests import factories
from tests.conftest import Signed
from tests.trading.rollover.conftest import MONDAY, TUESDAY, WEDNESDAY, mark_known, run_night
from trading.enums import Cmd, State
from trading.ledger_audit import find_differences
from trading.models import Trade
from trading.rollover import day_end
from trading.rollover.nights import end_of_night
from trading.services import ledger
from trading.unit.unit import lock_account

FRIDAY, MONTH_END = date(2026, 3, 27), date(2026, 3, 31)


@pytest.fixture
def account(db: None) -> Account:
    """Balances: February 1,000; the second of March 1,100; the third 1,050."""
    mark_known(date(2026, 2, 26))
    account = factories.client(100001, factories.group(), deposit="0")
    pay_at(account, 1000, date(2026, 2, 27), -60)
    pay_at(account, 100, MONDAY, 0)
    pay_at(account, -50, TUESDAY, -1)
    pay_at(account, 7, TUESDAY, 1)
    return account


def pay_at(account: Account, amount: int, night: date, after: int) -> None:
    """Post a payment of this moment."""
    moment = end_of_night(night) + after
    row = Trade.objects.create(
        account=account, cmd=Cmd.BALANCE_IN, state=State.CLOSED,
        open_time=moment, close_time=moment, profit=D(amount),
    )  # fmt: skip
    with lock_account(account.pk) as locked:
        ledger.post_to_account(locked, row)


def ends(account: Account) -> tuple[D, D]:
    account.refresh_from_db()
    return account.prevbalance, account.prevmonthbalance


def test_each_night_writes_the_balance_of_its_moment(account: Account) -> None:
    for night, day in ((date(2026, 2, 27), 1000), (MONDAY, 1100), (TUESDAY, 1050)):
        run_night(night)
        assert ends(account) == (D(day), D(1000))


def test_a_late_run_writes_the_balances_of_its_moment(account: Account) -> None:
    pay_at(account, 500, WEDNESDAY, -100)
    run_night(TUESDAY, 3600)
    assert ends(account) == (D(1050), D(1000))


def test_after_three_missed_nights_the_last_ones_balance_is_stored(account: Account) -> None:
    run_night(WEDNESDAY)
    assert ends(account) == (D(1057), D(1000))


def test_the_month_ends_on_its_last_trading_day(account: Account) -> None:
    run_night(date(2026, 3, 30))
    assert ends(account) == (D(1057), D(1000))
    pay_at(account, 3, MONTH_END, -5)
    run_night(MONTH_END)
    assert ends(account) == (D(1060), D(1060))


def test_a_month_that_ends_on_a_weekend_ends_on_friday(account: Account) -> None:
    pay_at(account, 40, date(2026, 5, 29), -5)  # the 30th and 31st of May are a weekend
    run_night(date(2026, 5, 29))
    assert ends(account) == (D(1097), D(1097))


def test_credit_does_not_count_as_balance(account: Account) -> None:
    row = Trade.objects.create(
        account=account, cmd=Cmd.CREDIT_IN, state=State.CLOSED,
        open_time=1, close_time=end_of_night(TUESDAY) + 5, profit=D(300),
    )  # fmt: skip
    with lock_account(account.pk) as locked:
        ledger.post_to_account(locked, row)
    run_night(TUESDAY)
    assert ends(account) == (D(1050), D(1000))


def test_an_account_opened_later_has_a_balance_of_zero(account: Account) -> None:
    young = factories.client(100002, factories.group())
    run_night(TUESDAY)
    assert ends(young) == (D(0), D(0))


def test_many_accounts_are_written_in_portions(account: Account) -> None:
    group = factories.group()
    for number in range(day_end.ACCOUNTS_AT_ONCE + 3):
        other = factories.client(200_000 + number, group, deposit="0")
        pay_at(other, number, MONDAY, 0)
    run_night(MONDAY)
    rows = Account.objects.filter(pk__gte=200_000).order_by("pk")
    assert [row.prevbalance for row in rows] == [D(n) for n in range(day_end.ACCOUNTS_AT_ONCE + 3)]


def test_a_second_run_writes_nothing(account: Account) -> None:
    run_night(TUESDAY)
    assert day_end.write_day_end_balances(end_of_night(TUESDAY) + 100) == 0


def test_the_first_start_computes_balances_from_the_ledger(db: None) -> None:
    account = factories.client(100001, factories.group(), deposit="0")
    pay_at(account, 1000, date(2026, 2, 27), -60)
    pay_at(account, 100, MONDAY, 0)
    assert run_night(TUESDAY) == []
    assert ends(account) == (D(1100), D(1000))


def test_clients_see_the_end_balances(account: Account, signed_in: Signed) -> None:
    run_night(TUESDAY)
    shown = signed_in(account).get("/account/me").json()
    assert (shown["prevbalance"], shown["prevmonthbalance"]) == (1050, 1000)
    assert [line for line in find_differences() if "seq" not in line] == []

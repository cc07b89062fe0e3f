"""A night is charged once, however often, interrupted or concurrently it is run."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal as D
from functools import partial

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Q, Sum

from accounts.models import Account
from core.leader import Leadership
from market.models import Symbol
from market.quotes import LatestQuotes, Quote
from realtime.models import AccountEvent
from tests import factories
from tests.trading.rollover.conftest import MONDAY, TUESDAY, Open, begin, book
from trading import services
from trading.models import Rollover, SwapCharge, Trade
from trading.proof import differences
from trading.rollover import swaps
from trading.rollover.nights import moment_of
from trading.rollover.run import run

pytestmark = pytest.mark.django_db(transaction=True)
LOGINS = range(100010, 100016)


@pytest.fixture
def accounts(eurusd: Symbol) -> list[Account]:
    begin(MONDAY)
    group = factories.group("eur", "EUR")
    return [factories.client(login, group) for login in LOGINS]


def at_once(work: Callable[[], object], times: int) -> None:
    """Run the work in that many threads that begin together; re-raise an error here."""
    together = threading.Barrier(times)

    def one(_: int) -> None:
        together.wait()
        try:
            work()
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        list(pool.map(one, range(times)))


def facts() -> tuple[object, ...]:
    """Return everything that a second run could have changed."""
    return (
        list(Trade.objects.order_by("pk").values()),
        list(SwapCharge.objects.order_by("pk").values()),
        list(Account.objects.order_by("pk").values()),
        list(Rollover.objects.values()),
        AccountEvent.objects.count(),
    )


def test_a_second_run_changes_nothing(accounts: list[Account], position: Open) -> None:
    for account in accounts:
        position(account)
    book(TUESDAY)
    before = facts()
    assert book(TUESDAY, 120) == []
    assert run(at=moment_of(TUESDAY) + 120, night=TUESDAY) == []
    assert facts() == before


def test_a_finished_night_stays_as_it_is_when_the_terms_change(
    accounts: list[Account], position: Open
) -> None:
    Symbol.objects.update(swap_enable=False)
    position(accounts[0])
    book(TUESDAY)
    Symbol.objects.update(swap_enable=True)
    assert run(at=moment_of(TUESDAY) + 120, night=TUESDAY) == []
    assert not SwapCharge.objects.exists()


def test_runs_at_once_charge_once(accounts: list[Account], position: Open) -> None:
    for account in accounts:
        position(account)
    at_once(lambda: book(TUESDAY), 4)
    book(TUESDAY)
    assert SwapCharge.objects.count() == len(LOGINS)
    assert {trade.storage for trade in Trade.objects.positions()} == {D("-6.82")}
    assert not list(differences())


def test_the_account_is_charged_once_even_without_the_lock_on_the_run(
    accounts: list[Account], position: Open
) -> None:
    orders = [position(accounts[0]).order for _ in range(3)]
    night = Rollover.objects.create(night=TUESDAY, moment=moment_of(TUESDAY))
    login = accounts[0].login
    at_once(lambda: swaps.charge(login=login, night=night, quotes=LatestQuotes()), 6)
    assert sorted(SwapCharge.objects.values_list("trade", flat=True)) == orders
    assert {trade.revision for trade in Trade.objects.positions()} == {2}
    assert not list(differences())


def test_the_database_refuses_a_second_charge(accounts: list[Account], position: Open) -> None:
    trade = position(accounts[0])
    book(TUESDAY)
    with pytest.raises(IntegrityError, match="one_swap_a_night"), transaction.atomic():
        SwapCharge.objects.create(trade=trade, night_id=TUESDAY, amount=D(1))


def test_what_closes_while_the_night_is_booked_pays_as_well(
    accounts: list[Account], position: Open
) -> None:
    trades = [position(account) for account in accounts for _ in range(2)]
    factories.quote("EURUSD", 1.1, 1.1001, time=(moment_of(TUESDAY) + 5) * 1000)
    works: list[Callable[[], object]] = [partial(book, TUESDAY)]
    works += [partial(close_halves, part) for part in (trades[::2], trades[1::2])]

    def next_work() -> None:
        works.pop()()

    at_once(next_work, len(works))
    assert paid(trades) == [D("-6.82")] * len(trades)
    assert not list(differences())


def close_halves(trades: list[Trade]) -> None:
    for trade in trades:
        services.close(login=trade.account_id, order=trade.order, volume=50)


def paid(trades: list[Trade]) -> list[D]:
    """The swap of each trade and its parts, in storage or by corrections."""
    found = []
    for trade in trades:
        family = Q(pk=trade.pk) | Q(parent=trade)
        orders = Trade.objects.filter(family).values("pk")
        storage = Trade.objects.filter(family).aggregate(all=Sum("storage"))["all"]
        late = Trade.objects.filter(corrects__in=orders).aggregate(all=Sum("profit"))["all"]
        found.append(storage + (late or 0))
    return found


class Crash(BaseException):
    """Stands for the end of the process."""


class Breaking(LatestQuotes):
    """Quotes that crash at the `after`th read."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.left = after

    def get(self, symbol: str) -> Quote | None:
        self.left -= 1
        if self.left < 0:
            raise Crash
        return super().get(symbol)


@pytest.mark.parametrize("after", [0, 1, 4, 9])
def test_a_run_that_broke_off_is_finished_by_the_next(
    accounts: list[Account], position: Open, after: int
) -> None:
    for account in accounts:
        position(account)
        position(account)
    with pytest.raises(Crash):
        run(at=moment_of(TUESDAY) + 60, quotes=Breaking(after))
    assert Rollover.objects.get(pk=TUESDAY).finished == 0
    assert SwapCharge.objects.count() % 2 == 0  # an account as a whole or not at all
    assert SwapCharge.objects.count() < 2 * len(LOGINS)
    book(TUESDAY)
    assert SwapCharge.objects.count() == 2 * len(LOGINS)
    assert {trade.storage for trade in Trade.objects.positions()} == {D("-6.82")}
    assert Rollover.objects.get(pk=TUESDAY).finished
    assert not list(differences())


def test_a_run_gives_way_to_one_that_is_at_it(accounts: list[Account], position: Open) -> None:
    position(accounts[0])
    other = Leadership("rollover")
    assert other.attempt()
    try:
        assert book(TUESDAY) == []
        assert not SwapCharge.objects.exists()
    finally:
        other.close()
    assert book(TUESDAY)[0].trades == 1


def test_an_account_that_cannot_be_charged_does_not_stop_the_others(
    accounts: list[Account], position: Open
) -> None:
    for account in accounts:
        position(account)
    Trade.objects.positions().filter(account=accounts[0]).update(storage=D(-9999999999999995))
    done = book(TUESDAY)
    assert done[0].waiting == [accounts[0].login]
    assert done[0].trades == len(LOGINS) - 1


def test_accounts_without_positions_cost_no_query(
    accounts: list[Account], position: Open, django_assert_max_num_queries: Callable[..., object]
) -> None:
    position(accounts[0])
    book(TUESDAY)
    with django_assert_max_num_queries(2):  # type: ignore[attr-defined]
        run(at=moment_of(TUESDAY) + 120)  # beat, when nothing is due


def test_a_lone_account_with_many_trades_is_one_transaction(
    accounts: list[Account], position: Open
) -> None:
    orders = [position(accounts[0], volume=1).order for _ in range(20)]
    book(TUESDAY)
    last = AccountEvent.objects.filter(login=accounts[0].login).order_by("-seq")[:21]
    assert [row.event[0] for row in last] == ["b", *["o"] * 20]
    assert sorted(row.event[1] for row in last[1:]) == orders

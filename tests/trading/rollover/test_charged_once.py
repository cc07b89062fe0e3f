"""A night is charged once, however often, interrupted or concurrently it is run."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal as D
from functools import partial

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Q, Sum
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from core.leader import Leadership
from market.models import Symbol
from market.quotes.quote import LatestQuotes, Quote
from realtime.models import AccountEvent
from tests import factories
from tests.trading.rollover.conftest import MONDAY, TUESDAY, Open, mark_known, run_night
from trading import services
from trading.ledger_audit import find_differences
from trading.models import Rollover, SwapCharge, Trade
from trading.rollover import swaps
from trading.rollover.nights import end_of_night
from trading.rollover.run import run_rollover

pytestmark = pytest.mark.django_db(transaction=True)
LOGINS = range(100010, 100016)


@pytest.fixture
def accounts(eurusd: Symbol) -> list[Account]:
    mark_known(MONDAY)
    group = factories.group("eur", "EUR")
    return [factories.client(login, group) for login in LOGINS]


def run_concurrently(work: Callable[[], object], times: int) -> None:
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


def all_rows() -> tuple[object, ...]:
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
    run_night(TUESDAY)
    before = all_rows()
    assert run_night(TUESDAY, 120) == []
    assert run_rollover(at=end_of_night(TUESDAY) + 120, night=TUESDAY) == []
    assert all_rows() == before


def test_changed_swap_terms_do_not_change_a_finished_night(
    accounts: list[Account], position: Open
) -> None:
    Symbol.objects.update(swap_enable=False)
    position(accounts[0])
    run_night(TUESDAY)
    Symbol.objects.update(swap_enable=True)
    assert run_rollover(at=end_of_night(TUESDAY) + 120, night=TUESDAY) == []
    assert not SwapCharge.objects.exists()


def test_concurrent_runs_charge_once(accounts: list[Account], position: Open) -> None:
    for account in accounts:
        position(account)
    run_concurrently(lambda: run_night(TUESDAY), 4)
    run_night(TUESDAY)
    assert SwapCharge.objects.count() == len(LOGINS)
    assert {trade.storage for trade in Trade.objects.positions()} == {D("-6.82")}
    assert not list(find_differences())


def test_the_account_is_charged_once_even_without_the_lock_on_the_run(
    accounts: list[Account], position: Open
) -> None:
    orders = [position(accounts[0]).order for _ in range(3)]
    night = Rollover.objects.create(night=TUESDAY, moment=end_of_night(TUESDAY))
    login = accounts[0].login
    run_concurrently(
        lambda: swaps.charge_account(login=login, night=night, quotes=LatestQuotes()), 6
    )
    assert sorted(SwapCharge.objects.values_list("trade", flat=True)) == orders
    assert {trade.revision for trade in Trade.objects.positions()} == {2}
    assert not list(find_differences())


def test_the_database_refuses_a_second_charge(accounts: list[Account], position: Open) -> None:
    trade = position(accounts[0])
    run_night(TUESDAY)
    with pytest.raises(IntegrityError, match="one_swap_a_night"), transaction.atomic():
        SwapCharge.objects.create(trade=trade, night_id=TUESDAY, amount=D(1))


def test_positions_closed_during_the_run_are_charged(
    accounts: list[Account], position: Open
) -> None:
    trades = [position(account) for account in accounts for _ in range(2)]
    factories.quote("EURUSD", 1.1, 1.1001, time=(end_of_night(TUESDAY) + 5) * 1000)
    works: list[Callable[[], object]] = [partial(run_night, TUESDAY)]
    works += [partial(close_halves, part) for part in (trades[::2], trades[1::2])]

    def next_work() -> None:
        works.pop()()

    run_concurrently(next_work, len(works))
    assert paid(trades) == [D("-6.82")] * len(trades)
    assert not list(find_differences())


def close_halves(trades: list[Trade]) -> None:
    for trade in trades:
        services.close_position(login=trade.account_id, order=trade.order, volume=50)


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


class BreakingQuotes(LatestQuotes):
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
def test_an_interrupted_run_is_finished_by_the_next(
    accounts: list[Account], position: Open, after: int
) -> None:
    for account in accounts:
        position(account)
        position(account)
    with pytest.raises(Crash):
        run_rollover(at=end_of_night(TUESDAY) + 60, quotes=BreakingQuotes(after))
    assert Rollover.objects.get(pk=TUESDAY).finished == 0
    assert SwapCharge.objects.count() % 2 == 0  # an account as a whole or not at all
    assert SwapCharge.objects.count() < 2 * len(LOGINS)
    run_night(TUESDAY)
    assert SwapCharge.objects.count() == 2 * len(LOGINS)
    assert {trade.storage for trade in Trade.objects.positions()} == {D("-6.82")}
    assert Rollover.objects.get(pk=TUESDAY).finished
    assert not list(find_differences())


def test_a_run_does_nothing_while_another_runs(accounts: list[Account], position: Open) -> None:
    position(accounts[0])
    other = Leadership("rollover")
    assert other.try_acquire()
    try:
        assert run_night(TUESDAY) == []
        assert not SwapCharge.objects.exists()
    finally:
        other.close()
    assert run_night(TUESDAY)[0].trades == 1


def test_an_account_that_cannot_be_charged_does_not_block_others(
    accounts: list[Account], position: Open
) -> None:
    for account in accounts:
        position(account)
    Trade.objects.positions().filter(account=accounts[0]).update(storage=D(-9999999999999995))
    done = run_night(TUESDAY)
    assert done[0].waiting == [accounts[0].login]
    assert done[0].trades == len(LOGINS) - 1


def test_accounts_without_positions_cost_no_query(
    accounts: list[Account], position: Open, django_assert_max_num_queries: Callable[..., object]
) -> None:
    position(accounts[0])
    run_night(TUESDAY)
    with django_assert_max_num_queries(2):  # type: ignore[attr-defined]
        run_rollover(at=end_of_night(TUESDAY) + 120)  # beat, when nothing is due


def test_a_lone_account_with_many_trades_is_one_transaction(
    accounts: list[Account], position: Open
) -> None:
    orders = [position(accounts[0], volume=1).order for _ in range(20)]
    run_night(TUESDAY)
    last = AccountEvent.objects.filter(login=accounts[0].login).order_by("-seq")[:21]
    assert [row.event[0] for row in last] == ["b", *["o"] * 20]
    assert sorted(row.event[1] for row in last[1:]) == orders


@pytest.mark.parametrize(
    ("most", "transactions"), [(6, 1), (4, 2), (1, 5)], ids=["all", "some", "one"]
)
def test_accounts_are_charged_together_up_to_a_number_of_trades(
    accounts: list[Account],
    position: Open,
    monkeypatch: pytest.MonkeyPatch,
    most: int,
    transactions: int,
) -> None:
    monkeypatch.setattr(swaps, "MOST_TRADES", most)
    for account in (accounts[0], *accounts[:5]):
        position(account)
    night = Rollover.objects.create(night=TUESDAY, moment=end_of_night(TUESDAY))
    with CaptureQueriesContext(connection) as captured:
        charged = [one.result for one in swaps.charge_accounts(night, LatestQuotes())]
    assert charged == [2, 1, 1, 1, 1]
    assert [one["sql"] for one in captured].count("COMMIT") == transactions
    assert {trade.storage for trade in Trade.objects.positions()} == {D("-6.82")}
    assert not list(find_differences())

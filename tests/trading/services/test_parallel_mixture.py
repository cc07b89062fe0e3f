"""A random mixture of parallel operations: no deadlock, and an exact ledger."""

import logging
import random
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from typing import Any

import pytest
from django.db import connection

from accounts.enums import SessionType
from accounts.models import Account, User
from core.errors import BrokerError
from market.quotes.quote import LatestQuotes, read_newest_quotes
from tests import factories
from tests.factories import D
from tests.trading.services.test_parallel import run_concurrently
from trading import services
from trading.enums import Cmd, State
from trading.ledger_audit import find_differences
from trading.models import Fill, Rollover, Trade
from trading.querysets import CLOSED_STATES
from trading.rollover import swaps
from trading.services import ledger
from trading.services.margin_control import enforce_margin_levels
from trading.valuation.account import current_figures
from trading.valuation.positions import load_account_snapshot

pytestmark = pytest.mark.django_db(transaction=True)
LOGINS = (7, 8, 9)
THREADS, STEPS = 9, 25
BIDS = (1.1, 1.094, 1.106, 1.085, 1.112)


@pytest.fixture
def staff(transactional_db: None) -> User:
    return User.objects.create_user(2, "x", type=SessionType.DEALER)


@pytest.fixture
def accounts(staff: User) -> None:
    """Three accounts that a bad price can ruin; EURUSD with swaps and commission."""
    factories.symbol("EURUSD", comm_base=D("3.33"), swap_enable=True, swap_long=D(-7))
    factories.quote("EURUSD", 1.1, 1.1001)
    group = factories.group("usd", margin_call=D(150), margin_stopout=D(100))
    for login in LOGINS:
        factories.client(login, group, "3000")


class Actor:
    """A thread that performs random operations again and again."""

    def __init__(self, seed: int, staff: User, nights: list[Rollover]) -> None:
        self.chance, self.staff, self.nights = random.Random(seed), staff, nights
        self.deeds: list[Callable[[int], Any]] = [
            self.open, self.open, self.place, self.cancel, self.close, self.close_a_part,
            self.modify, self.deposit, self.withdraw, self.correct, self.charge,
            self.move_and_check_margin,
        ]  # fmt: skip

    def run_steps(self) -> Counter[str]:
        """Return the results of STEPS operations, by name or by code of refusal."""
        found: Counter[str] = Counter()
        try:
            for _ in range(STEPS):
                deed = self.chance.choice(self.deeds)
                try:
                    deed(self.chance.choice(LOGINS))
                    found[deed.__name__] += 1
                except BrokerError as error:
                    found[error.code] += 1
        finally:
            connection.close()
        return found

    def some_order(self, login: int, **which: Any) -> int:
        """Return one of the account's orders, or an unknown one."""
        rows = Trade.objects.filter(account=login, **which).values_list("order", flat=True)
        return self.chance.choice([*rows] or [0])

    def open(self, login: int) -> None:
        services.open_market(
            login=login, cmd=self.chance.randrange(2), symbol="EURUSD",
            volume=self.chance.randrange(10, 120),
        )  # fmt: skip

    def place(self, login: int) -> None:
        services.open_pending(
            login=login, cmd=Cmd.BUY_LIMIT, symbol="EURUSD", volume=10, open_price=D("1.01")
        )

    def cancel(self, login: int) -> None:
        services.cancel_pending(
            login=login, order=self.some_order(login, state=State.OPEN, cmd=Cmd.BUY_LIMIT)
        )

    def close(self, login: int) -> None:
        services.close_position(
            login=login, order=self.some_order(login, state=State.OPEN, cmd__lt=2)
        )

    def close_a_part(self, login: int) -> None:
        order = self.some_order(login, state=State.OPEN, cmd__lt=2)
        services.close_position(login=login, order=order, volume=5)

    def modify(self, login: int) -> None:
        order = self.some_order(login, state=State.OPEN, cmd=Cmd.BUY)
        services.modify_position(login=login, order=order, sl=D("1.05"))

    def deposit(self, login: int) -> None:
        ledger.post_operation(login=login, cmd=Cmd.BALANCE_IN, amount=D("10.01"))

    def withdraw(self, login: int) -> None:
        ledger.post_operation(login=login, cmd=Cmd.BALANCE_OUT, amount=D("300.07"))

    def correct(self, login: int) -> None:
        services.correct_entry(
            login=login, order=self.some_order(login, state__in=CLOSED_STATES), amount=D("-7.77"),
            reason="because", staff=self.staff,
        )  # fmt: skip

    def charge(self, login: int) -> None:
        swaps.charge_account(
            login=login, night=self.chance.choice(self.nights), quotes=LatestQuotes()
        )

    def move_and_check_margin(self, login: int) -> None:
        """Move the market, and check the margin."""
        bid = self.chance.choice(BIDS)
        with MARKET:
            factories.quote("EURUSD", bid, round(bid + 0.0001, 5))
        quote = read_newest_quotes(["EURUSD"])["EURUSD"]
        assert quote is not None
        enforce_margin_levels(login=login, quotes=LatestQuotes(), quote=quote)


MARKET = threading.Lock()  # there is one feed


def test_a_mixture_on_three_accounts_shows_no_deadlock_and_leaves_an_exact_ledger(
    accounts: None, staff: User, caplog: pytest.LogCaptureFixture
) -> None:
    nights = [
        Rollover.objects.create(night=date(2100, 1, day), moment=4_102_444_800 + day * 86_400)
        for day in (4, 5, 6)
    ]
    actors = [Actor(seed, staff, nights) for seed in range(THREADS)]
    with caplog.at_level(logging.WARNING), ThreadPoolExecutor(THREADS) as pool:
        found = sum(pool.map(Actor.run_steps, actors), Counter())
    assert found.total() == THREADS * STEPS
    assert {deed.__name__ for deed in actors[0].deeds} <= set(found), found
    assert not [r for r in caplog.records if r.name == "core.locks"], "a deadlock was repeated"
    assert list(find_differences()) == []
    for login in LOGINS:
        volumes = [
            position.volume
            for position in load_account_snapshot(Account.objects.get(pk=login)).positions
        ]
        assert all(volume > 0 for volume in volumes)


def test_a_stop_out_and_closes_of_the_same_positions_close_each_once(accounts: None) -> None:
    orders = [
        services.open_market(login=7, cmd=Cmd.BUY, symbol="EURUSD", volume=40).order
        for _ in range(6)
    ]
    low = factories.quote("EURUSD", 1.087, 1.0871)  # the loss leaves less than the margin
    watch = partial(enforce_margin_levels, login=7, quotes=LatestQuotes(), quote=low)
    closes = [partial(services.close_position, login=7, order=order) for order in orders]
    deeds: list[Callable[[], object]] = [*[watch] * 6, *closes, *closes]
    random.Random(1).shuffle(deeds)

    def act() -> None:
        deeds.pop()()

    found = run_concurrently(act, len(deeds))
    assert set(found) <= {"done", "RET_TRADE_INCORRECT_STATE"}
    assert Fill.objects.filter(kind=Fill.Kind.CLOSE).count() == 6
    assert not Trade.objects.positions().exists()
    assert list(find_differences()) == []


def test_opens_and_withdrawals_never_take_the_same_money(accounts: None) -> None:
    def take() -> None:
        if random.random() < 0.5:
            ledger.post_operation(login=7, cmd=Cmd.BALANCE_OUT, amount=D(700))
        else:
            services.open_market(login=7, cmd=Cmd.BUY, symbol="EURUSD", volume=60)

    found = run_concurrently(take, 20)
    assert set(found) == {"done", "RET_TRADE_NO_MONEY"}
    account = Trade.objects.filter(account=7).latest("order").account
    figures = current_figures(account, LatestQuotes())
    assert figures.margin_free >= 0
    assert figures.balance >= 0
    assert list(find_differences()) == []

"""What is decided about many orders of one account costs as much for each as for a few."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import pytest
from django.db import transaction

from accounts.models import Account
from market.models import Symbol
from market.quotes.quote import LatestQuotes
from tests import factories
from tests.factories import D
from trading import services
from trading.enums import Cmd
from trading.services.closing import decide_closes
from trading.services.triggers import decide_activation
from trading.unit.locked_account import LockedAccount
from trading.unit.unit import lock_account

pytestmark = pytest.mark.django_db
NUMBERS = 1, 2, 6, 30  # orders; the first fills what a process keeps
Decide = Callable[[LockedAccount], int]


@contextmanager
def counted_calls() -> Iterator[list[str]]:
    """Yield the names of the Python functions that the block calls."""
    called: list[str] = []

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            called.append(frame.f_code.co_name)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield called
    finally:
        sys.setprofile(before)


def activate_all(locked: LockedAccount) -> int:
    """Activate the pendings; return how many."""
    factories.quote("EURUSD", 1.09, 1.0902)
    quotes = LatestQuotes()
    quote = quotes.get("EURUSD")
    orders = [trade.order for trade in locked.pending_orders()]
    decided = [decide_activation(locked, order=one, quote=quote, quotes=quotes) for one in orders]  # type: ignore[arg-type]
    return len([one for one in decided if one is not None])


def close_all(locked: LockedAccount) -> int:
    """Close the positions; return how many."""
    return len(decide_closes(locked, LatestQuotes()).changed)


def write_limits(account: Account, number: int) -> None:
    for _ in range(number):
        services.open_pending(
            login=account.login, cmd=Cmd.BUY_LIMIT, symbol="EURUSD", volume=1,
            open_price=D("1.095"),
        )  # fmt: skip


def write_positions(account: Account, number: int) -> None:
    for _ in range(number):
        services.open_market(login=account.login, cmd=Cmd.BUY, symbol="EURUSD", volume=1)


@pytest.mark.parametrize(
    ("write", "decide"),
    [(write_limits, activate_all), (write_positions, close_all)],
    ids=["activations", "closes"],
)
def test_each_of_many_orders_costs_no_more_than_each_of_a_few(
    eurusd: Symbol, write: Callable[[Account, int], None], decide: Decide
) -> None:
    calls = []
    for number in NUMBERS:
        factories.quote("EURUSD", 1.1, 1.1002)
        client = factories.client(200300 + number, factories.group("many"), "100000")
        write(client, number)
        with transaction.atomic(), lock_account(client.login) as locked:
            with counted_calls() as called:
                assert decide(locked) == number
            calls.append(len(called))
    _, few, some, many = calls
    assert (many - some) / 24 < 1.1 * (some - few) / 4

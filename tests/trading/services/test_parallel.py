"""Many requests at once: the account's lock orders them."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal as D

import pytest
from django.db import connection

from core.errors import BrokerError
from market.models import Symbol
from tests import factories
from trading import services
from trading.enums import Cmd, State
from trading.ledger_audit import find_differences
from trading.models import Trade
from trading.services import ledger

pytestmark = pytest.mark.django_db(transaction=True)


def run_concurrently(work: Callable[[], object], times: int) -> Counter[str]:
    """Run the work at once in many threads; count the results by error code."""
    together = threading.Barrier(times)

    def one(_: int) -> str:
        together.wait()
        try:
            work()
        except BrokerError as error:
            return error.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(times) as pool:
        return Counter(pool.map(one, range(times)))


@pytest.fixture
def market() -> Symbol:
    symbol = factories.symbol("EURUSD")
    factories.quote("EURUSD", 1.1, 1.1001)
    return symbol


def test_of_50_parallel_closes_of_one_trade_one_succeeds(market: Symbol) -> None:
    account = factories.client(7, factories.group())
    trade = services.open_market(login=7, cmd=Cmd.BUY, symbol="EURUSD", volume=100)
    found = run_concurrently(lambda: services.close_position(login=7, order=trade.order), 50)
    assert found == {"done": 1, "RET_TRADE_INCORRECT_STATE": 49}
    account.refresh_from_db()
    assert account.balance == D("9990.00")
    assert not list(find_differences())


def test_parallel_opens_never_overdraw_the_margin(market: Symbol) -> None:
    factories.client(7, factories.group())
    buy = lambda: services.open_market(login=7, cmd=Cmd.BUY, symbol="EURUSD", volume=100)  # noqa: E731
    # One lot needs 1,100.10 of margin and 10.00 of spread: nine fit into 10,000.
    assert run_concurrently(buy, 20) == {"done": 9, "RET_TRADE_NO_MONEY": 11}
    assert Trade.objects.positions().count() == 9


def test_of_20_parallel_opens_only_those_within_the_margin_succeed(market: Symbol) -> None:
    factories.client(7, factories.group(), deposit="7770.70")  # 7 · (1,100.10 + 10.00)
    buy = lambda: services.open_market(login=7, cmd=Cmd.BUY, symbol="EURUSD", volume=100)  # noqa: E731
    assert run_concurrently(buy, 20) == {"done": 7, "RET_TRADE_NO_MONEY": 13}
    assert not list(find_differences())


def test_of_20_parallel_partial_closes_only_those_within_the_volume_succeed(market: Symbol) -> None:
    factories.client(7, factories.group())
    trade = services.open_market(login=7, cmd=Cmd.BUY, symbol="EURUSD", volume=100)
    part = lambda: services.close_position(login=7, order=trade.order, volume=20)  # noqa: E731
    found = run_concurrently(part, 20)
    assert found["done"] == 5
    assert found["RET_TRADE_INCORRECT_STATE"] == 15
    trade.refresh_from_db()
    assert (trade.state, trade.volume, trade.closed_volume) == (State.CLOSED, 20, 80)
    assert not list(find_differences())


def test_of_20_parallel_withdrawals_only_those_within_the_balance_succeed(market: Symbol) -> None:
    account = factories.client(7, factories.group())
    take = lambda: ledger.post_operation(login=7, cmd=Cmd.BALANCE_OUT, amount=D(3000))  # noqa: E731
    assert run_concurrently(take, 20) == {"done": 3, "RET_TRADE_NO_MONEY": 17}
    account.refresh_from_db()
    assert account.balance == D(1000)
    assert not list(find_differences())

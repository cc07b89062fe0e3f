"""Many requests at once: the account's lock makes one after the other of them."""

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
from trading.enums import Cmd
from trading.models import Trade
from trading.proof import differences

pytestmark = pytest.mark.django_db(transaction=True)


def outcomes(work: Callable[[], object], times: int) -> Counter[str]:
    """Run the work at once in many threads; count what came of it by error code."""
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


def test_of_fifty_closes_of_one_trade_one_succeeds(market: Symbol) -> None:
    account = factories.client(7, factories.group())
    trade = services.open_market(login=7, cmd=Cmd.BUY, symbol="EURUSD", volume=100)
    found = outcomes(lambda: services.close(login=7, order=trade.order), 50)
    assert found == {"done": 1, "RET_TRADE_INCORRECT_STATE": 49}
    account.refresh_from_db()
    assert account.balance == D("9990.00")
    assert not list(differences())


def test_parallel_opens_never_overdraw_the_margin(market: Symbol) -> None:
    factories.client(7, factories.group())
    buy = lambda: services.open_market(login=7, cmd=Cmd.BUY, symbol="EURUSD", volume=100)  # noqa: E731
    # One lot needs 1,100.10 of margin and 10.00 of spread: nine fit into 10,000.
    assert outcomes(buy, 20) == {"done": 9, "RET_TRADE_NO_MONEY": 11}
    assert Trade.objects.positions().count() == 9

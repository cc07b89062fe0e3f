from collections.abc import Iterator

import pytest

from accounts.models import Account
from market.models import Symbol
from tests import factories
from trading.ledger_audit import find_differences


@pytest.fixture(autouse=True)
def _ledger_is_exact(db: None) -> Iterator[None]:
    """Check ledger and logs after every test of this folder."""
    yield
    assert list(find_differences()) == []


@pytest.fixture
def flat(db: None) -> Symbol:
    """EURUSD at 1.10000 without spread: a lot needs 1,100.00 and moves 1.00 a point."""
    symbol = factories.symbol("EURUSD")
    factories.quote("EURUSD", 1.1, 1.1)
    return symbol


@pytest.fixture
def ann(flat: Symbol) -> Account:
    """A client with 2,200 USD: two lots of EURUSD give a level of 100 %."""
    return factories.client(200001, factories.group("margin"), "2200")

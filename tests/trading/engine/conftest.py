import pytest

from accounts.models import Account
from market.models import Symbol
from trading.engine.engine import Engine


@pytest.fixture
def engine(alice: Account, eurusd: Symbol) -> Engine:
    """The engine over Alice's account and a quoted EURUSD, loaded and waiting."""
    engine = Engine()
    engine.load()
    return engine

"""Orders of two clients, for the tests of lists."""

import pytest

from accounts.models import Account
from market.models import Symbol
from tests import factories
from tests.factories import D
from trading import services
from trading.enums import Cmd
from trading.models import Trade


@pytest.fixture
def book(alice: Account, bob: Account, eurusd: Symbol) -> dict[str, Trade]:
    """A position of each, a pending, a closed trade and the deposits."""
    long = services.open_market(login=100001, cmd=Cmd.BUY, symbol="EURUSD", volume=100)
    short = services.open_market(login=100002, cmd=Cmd.SELL, symbol="EURUSD", volume=50)
    pending = services.open_pending(
        login=100001, cmd=Cmd.BUY_LIMIT, symbol="EURUSD", volume=10, open_price=D("1.05")
    )
    closed = services.close_position(login=100001, order=long.order, volume=40)
    factories.quote("EURUSD", 1.11, 1.1102)
    return {"long": long, "short": short, "pending": pending, "closed": closed}

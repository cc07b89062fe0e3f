"""An account that was moved to a group which the engine does not know yet."""

from decimal import Decimal

import pytest

from accounts.models import Account
from core import redis
from tests import factories
from trading import services
from trading.book_updates import BOOK_STREAM
from trading.engine.engine import Engine
from trading.enums import Cmd, State
from trading.models import Trade

pytestmark = pytest.mark.django_db(transaction=True)


def buy(sl: str) -> Trade:
    return services.open_market(
        login=100001, cmd=Cmd.BUY, symbol="EURUSD", volume=100, sl=Decimal(sl)
    )


def test_orders_trigger_before_the_engine_gets_the_accounts_new_group(
    engine: Engine, alice: Account
) -> None:
    trades = [buy("1.05"), buy("1.04")]
    engine.step()
    services.change_account_terms(login=100001, group=factories.group("new"), leverage=200)
    redis.sync_client().delete(BOOK_STREAM)
    for price in (1.049, 1.039):
        engine.process_batch(factories.publish(("EURUSD", price, price + 0.0001)))
    for trade in trades:
        trade.refresh_from_db()
        assert trade.state == State.CLOSED
    place = engine.margin.book.accounts.index_of(100001)
    assert engine.margin.book.accounts.updates[place].leverage == 200

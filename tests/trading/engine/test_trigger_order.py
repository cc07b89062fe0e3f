"""Of a stop loss and a take profit the one reached first closes, whatever fails."""

from decimal import Decimal as D
from typing import Any

import pytest

from market.errors import OffQuotes
from tests import factories
from trading import services
from trading.engine.engine import Engine
from trading.enums import Activation, Cmd
from trading.models import Trade
from trading.services import triggers

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def trade(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Trade:
    """A position whose stop loss was reached while nothing converted its loss."""
    trade = services.open_market(
        login=100001, cmd=Cmd.BUY, symbol="EURUSD", volume=100, sl=D("1.095"), tp=D("1.105")
    )

    def away(*_: Any, **__: Any) -> None:
        raise OffQuotes("the conversion is away for a moment")

    monkeypatch.setattr(triggers, "execute_close", away)
    factories.quote("EURUSD", 1.094, 1.0941)
    engine.step()
    monkeypatch.undo()
    return trade


def test_a_take_profit_does_not_overtake_a_requeued_stop(engine: Engine, trade: Trade) -> None:
    factories.quote("EURUSD", 1.106, 1.1061)
    engine.step()
    trade.refresh_from_db()
    assert (trade.activation, trade.close_price) == (Activation.STOP_LOSS, D("1.094"))
    engine.retry_failed()
    assert not engine.executor.failed


def test_the_take_profit_fills_at_its_own_quote_if_the_stop_was_removed(
    engine: Engine, trade: Trade
) -> None:
    services.modify_position(login=100001, order=trade.order, sl=D(0))
    factories.quote("EURUSD", 1.106, 1.1061)
    factories.quote("EURUSD", 1.1, 1.1001)
    engine.step()
    engine.retry_failed()
    trade.refresh_from_db()
    assert (trade.activation, trade.close_price) == (Activation.TAKE_PROFIT, D("1.105"))
    assert not engine.executor.failed

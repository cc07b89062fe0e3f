"""First in, first out: the group's rule for closes requested by clients."""

from decimal import Decimal as D
from typing import Any

import pytest

from accounts.models import Account, Group
from market.models import Symbol
from market.quotes.quote import LatestQuotes
from tests import factories
from tests.conftest import Signed, error_of
from trading import errors, services
from trading.enums import Activation, Cmd, State
from trading.models import Trade


@pytest.fixture
def fifo(alice: Account, eurusd: Symbol) -> Account:
    """Alice, whose group closes first in, first out."""
    Group.objects.update(fifo=True)
    return alice


def opened(account: Account, cmd: Cmd = Cmd.BUY, symbol: str = "EURUSD", **levels: Any) -> Trade:
    return services.open_market(login=account.login, cmd=cmd, symbol=symbol, volume=10, **levels)


def test_a_newer_position_cannot_be_closed_before_an_older_one(
    signed_in: Signed, fifo: Account
) -> None:
    older, newer = opened(fifo), opened(fifo)
    client = signed_in(fifo)
    for body in ({"order": newer.order}, {"order": newer.order, "volume": 5}):
        refused = error_of(client.delete("/trade/close", body))
        assert refused == (409, "RET_TRADE_PROHIBITED_BY_FIFO")
    newer.refresh_from_db()
    assert (newer.state, newer.closed_volume) == (State.OPEN, 0)
    assert client.delete("/trade/close", {"order": older.order}).status_code == 200
    assert client.delete("/trade/close", {"order": newer.order}).status_code == 200


def test_a_partly_closed_position_stays_the_oldest(fifo: Account) -> None:
    older, newer = opened(fifo), opened(fifo)
    services.close_position(login=fifo.login, order=older.order, volume=5)
    with pytest.raises(errors.ProhibitedByFifo):
        services.close_position(login=fifo.login, order=newer.order)


def test_the_oldest_is_by_opening_time_and_not_by_order_number(fifo: Account) -> None:
    pending = services.open_pending(
        login=fifo.login,
        cmd=Cmd.BUY_STOP,
        symbol="EURUSD",
        volume=10,
        open_price=D("1.11"),
    )
    first = opened(fifo)
    quote = factories.quote("EURUSD", 1.111, 1.1111, time=(first.open_time + 60) * 1000)
    services.activate_pending(
        login=fifo.login, order=pending.order, quote=quote, quotes=LatestQuotes()
    )
    with pytest.raises(errors.ProhibitedByFifo):
        services.close_position(login=fifo.login, order=pending.order)
    assert services.close_position(login=fifo.login, order=first.order).state == State.CLOSED


def test_other_symbols_sides_pendings_and_accounts_do_not_count(fifo: Account) -> None:
    factories.symbol("EURGBP", margin_currency="USD", quote_currency="USD")
    factories.quote("EURGBP", 0.88, 0.8801)
    other = factories.client(100009, fifo.group)
    opened(other)
    opened(fifo, Cmd.SELL)
    opened(fifo, symbol="EURGBP")
    services.open_pending(
        login=fifo.login,
        cmd=Cmd.BUY_LIMIT,
        symbol="EURUSD",
        volume=10,
        open_price=D("1.05"),
    )
    services.close_position(login=fifo.login, order=opened(fifo).order)
    assert services.close_position(login=fifo.login, order=opened(fifo).order).state == State.CLOSED


@pytest.mark.parametrize(
    ("activation", "level", "bid"),
    [
        (Activation.STOP_LOSS, {"sl": D("1.09")}, 1.08),
        (Activation.TAKE_PROFIT, {"tp": D("1.12")}, 1.13),
    ],
)
def test_stop_loss_and_take_profit_ignore_the_fifo_rule(
    fifo: Account, activation: Activation, level: dict[str, Any], bid: float
) -> None:
    opened(fifo)
    newer = opened(fifo, **level)
    quote = factories.quote("EURUSD", bid, bid + 0.0001)
    closed = services.close_by_trigger(
        login=fifo.login, order=newer.order, activation=activation, quote=quote,
        quotes=LatestQuotes(),
    )  # fmt: skip
    assert closed is not None
    assert closed.state == State.CLOSED


def test_without_the_fifo_rule_any_position_may_be_closed(alice: Account, eurusd: Symbol) -> None:
    opened(alice)
    assert (
        services.close_position(login=alice.login, order=opened(alice).order).state == State.CLOSED
    )

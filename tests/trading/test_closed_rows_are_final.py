"""Ended rows are final: the database refuses to change them."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Account
from market.models import Symbol
from tests.factories import D
from trading import services
from trading.enums import Activation, Cmd, State
from trading.ledger_audit import find_differences
from trading.models import Fill, Trade
from trading.services import ledger

CHANGES: list[dict[str, Any]] = [
    {"profit": D(5)}, {"commission": D(-1)}, {"storage": D(1)}, {"volume": 1}, {"state": 0},
    {"open_price": D(1)}, {"close_price": D(1)}, {"close_time": 1}, {"open_time": 1},
    {"account": 100002}, {"cmd": 1}, {"comment": "nothing happened"},
]  # fmt: skip


@pytest.fixture
def trade(alice: Account, bob: Account, eurusd: Symbol) -> Trade:
    """A position of Alice, still open."""
    return services.open_market(login=100001, cmd=Cmd.BUY, symbol="EURUSD", volume=100)


def is_refused(order: int, **change: Any) -> bool:
    """Return whether the database refuses the change, in every way it is attempted."""
    before = Trade.objects.filter(pk=order).values().get()
    with pytest.raises(IntegrityError, match="has ended"), transaction.atomic():
        Trade.objects.filter(pk=order).update(**change)
    return before == Trade.objects.filter(pk=order).values().get()


def test_no_column_of_a_closed_trade_can_be_changed(
    trade: Trade, subtests: pytest.Subtests
) -> None:
    services.close_position(login=100001, order=trade.order)
    for change in CHANGES:
        with subtests.test(str(change)):
            assert is_refused(trade.order, **change)


def test_no_column_of_a_partial_close_can_be_changed(
    trade: Trade, subtests: pytest.Subtests
) -> None:
    piece = services.close_position(login=100001, order=trade.order, volume=30)
    for change in CHANGES:
        with subtests.test(str(change)):
            assert is_refused(piece.order, **change)


def test_finance_operations_and_cancelled_orders_cannot_be_changed(trade: Trade) -> None:
    deposit = ledger.post_operation(login=100001, cmd=Cmd.BALANCE_IN, amount=D(100))
    pending = services.open_pending(
        login=100001, cmd=Cmd.BUY_LIMIT, symbol="EURUSD", volume=10, open_price=D("1.05")
    )
    services.cancel_pending(login=100001, order=pending.order)
    assert is_refused(deposit.order, profit=D(1000))
    assert is_refused(pending.order, state=State.OPEN)


def test_saving_a_closed_trade_by_the_orm_is_refused(trade: Trade) -> None:
    closed = services.close_position(login=100001, order=trade.order)
    closed.profit += 1
    with pytest.raises(IntegrityError, match="has ended"), transaction.atomic():
        closed.save()


def test_an_ended_row_cannot_be_deleted(trade: Trade) -> None:
    closed = services.close_position(login=100001, order=trade.order, volume=30)
    Fill.objects.filter(trade=closed).delete()
    with pytest.raises(IntegrityError, match="DELETE is refused"), transaction.atomic():
        Trade.objects.filter(pk=closed.pk).delete()
    assert Trade.objects.filter(pk=closed.pk).exists()


def test_saving_a_closed_row_unchanged_is_allowed(trade: Trade) -> None:
    services.close_position(login=100001, order=trade.order)
    Trade.objects.get(pk=trade.order).save()


def test_an_open_trade_can_be_changed_until_it_is_closed(trade: Trade) -> None:
    services.modify_position(login=100001, order=trade.order, sl=D("1.05"))
    services.close_position(login=100001, order=trade.order, volume=30)
    services.close_position(login=100001, order=trade.order)
    trade.refresh_from_db()
    assert (trade.state, trade.volume, trade.activation) == (State.CLOSED, 70, Activation.NONE)
    assert not list(find_differences())


@pytest.mark.django_db(transaction=True)
def test_a_database_can_still_be_emptied_after_a_test(alice: Account) -> None:
    assert Trade.objects.filter(account=alice, state=State.CLOSED).exists()

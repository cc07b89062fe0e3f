"""Amounts of dealers' closes and reversals: yen, partial closes, swaps, credit, losses."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Account, User
from core.errors import Refused
from market.models import Symbol
from tests import factories
from tests.factories import D
from trading import services
from trading.enums import Cmd, Reason, State
from trading.ledger_audit import find_differences
from trading.models import Fill, MarginAction, Rollover, SwapCharge, Trade
from trading.services import ledger

YEN, DOLLAR = 7, 100001


@pytest.fixture
def yen(db: None) -> Account:
    """An account in yen that is barred from trading; a lot of EURUSD costs $3 commission."""
    factories.symbol("EURUSD", comm_base=D(300), quote_timeout=9999)
    factories.symbol("USDJPY", digits=3)
    factories.publish(("EURUSD", 1.1, 1.1001), ("USDJPY", 150.111, 150.122))
    return factories.client(YEN, factories.group("yen", "JPY"), "1000000")


def bought(volume: int = 100) -> Trade:
    return services.open_market(login=YEN, cmd=Cmd.BUY, symbol="EURUSD", volume=volume)


def charge_swap(trade: Trade, amount: Decimal) -> None:
    """Charge a night's swap."""
    night, _ = Rollover.objects.get_or_create(night=date(2026, 3, 3), moment=1, finished=1)
    SwapCharge.objects.create(trade=trade, night=night, amount=amount)
    Trade.objects.filter(pk=trade.order).update(storage=amount)


def bar_from_trading(login: int) -> None:
    User.objects.filter(pk=login).update(enable=False)
    Account.objects.filter(pk=login).update(enable_read_only=True)


def balance(login: int) -> Decimal:
    found: Decimal = Account.objects.get(pk=login).balance
    return found


def test_partial_closes_by_dealer_and_client_sum_to_the_yen_of_the_whole(
    yen: Account, dan: User
) -> None:
    whole, parts = bought(), bought()
    for trade in (whole, parts):
        charge_swap(trade, D(-101))
    factories.quote("EURUSD", 1.10517, 1.10527)
    before = balance(YEN)
    services.close_position(login=YEN, order=whole.order)
    of_whole = balance(YEN) - before
    for volume, staff in ((33, dan), (33, None), (34, dan)):
        services.close_position(login=YEN, order=parts.order, volume=volume, staff=staff)
    rows = Trade.objects.filter(parent=parts).order_by("order")
    assert [row.staff_id for row in rows] == [2, None]
    parts.refresh_from_db()
    assert (parts.state, parts.staff_id) == (State.CLOSED, 2)
    pieces = [*rows, parts]
    assert sum(row.profit + row.commission + row.storage for row in pieces) == of_whole
    assert balance(YEN) - before == 2 * of_whole
    for row in pieces:
        for figure in (row.profit, row.commission, row.storage):
            assert figure == int(figure)
        fill = Fill.objects.get(trade=row, kind="close")
        assert fill.price == row.close_price == D("1.10517")
    assert not list(find_differences())


def test_a_disabled_clients_loss_is_posted_and_compensated(
    alice: Account, eurusd: Symbol, dan: User
) -> None:
    trade = services.open_market(login=DOLLAR, cmd=Cmd.BUY, symbol="EURUSD", volume=500)
    ledger.post_operation(login=DOLLAR, cmd=Cmd.CREDIT_IN, amount=D(100))
    bar_from_trading(DOLLAR)
    factories.quote("EURUSD", 1.07, 1.0701)
    closed = services.close_position(login=DOLLAR, order=trade.order, staff=dan)
    assert (closed.profit, closed.staff_id, closed.reason) == (D(-15_050), 2, Reason.CLIENT)
    alice.refresh_from_db()
    assert (alice.balance, alice.credit) == (0, 0)
    row = Trade.objects.filter(account=alice).latest("order")
    assert (row.profit, row.cmd, row.comment) == (
        D(5050), Cmd.BALANCE_IN, "negative balance protection",
    )  # fmt: skip
    assert MarginAction.objects.get().kind == MarginAction.Kind.COMPENSATION
    assert not list(find_differences())


@pytest.mark.parametrize(
    ("cmd", "amount"),
    [(Cmd.BALANCE_IN, 777), (Cmd.BALANCE_OUT, 777), (Cmd.CREDIT_IN, 500), (Cmd.CREDIT_OUT, 100)],
)
def test_a_reversal_restores_the_balance_before(
    yen: Account, dan: User, cmd: Cmd, amount: int
) -> None:
    ledger.post_operation(login=YEN, cmd=Cmd.CREDIT_IN, amount=D(300))
    before = Account.objects.values("balance", "credit").get(pk=YEN)
    row = ledger.post_operation(login=YEN, cmd=cmd, amount=D(amount))
    services.correct_entry(login=YEN, order=row.order, amount=D(-7), reason="x", staff=dan)
    back = services.reverse_operation(login=YEN, order=row.order, reason="not theirs", staff=dan)
    assert back.corrects_id == row.order
    assert Account.objects.values("balance", "credit").get(pk=YEN) == before
    with pytest.raises(Refused, match="already reversed by order"):
        services.reverse_operation(login=YEN, order=row.order, reason="again", staff=dan)
    assert not list(find_differences())


def test_a_reversal_can_be_reversed_and_the_row_reversed_again(yen: Account, dan: User) -> None:
    asked: dict[str, Any] = {"login": YEN, "reason": "x", "staff": dan}
    row = ledger.post_operation(login=YEN, cmd=Cmd.BALANCE_IN, amount=D(100))
    first = services.reverse_operation(order=row.order, **asked)
    services.reverse_operation(order=first.order, **asked)
    assert balance(YEN) == 1_000_100
    assert services.remaining_amount(row) == 100
    services.reverse_operation(order=row.order, **asked)
    assert balance(YEN) == 1_000_000
    with pytest.raises(Refused):
        services.reverse_operation(order=row.order, **asked)

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
from trading import ledger, services
from trading.enums import Cmd, Reason, State
from trading.models import Fill, MarginAction, Rollover, SwapCharge, Trade
from trading.proof import differences

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


def charged(trade: Trade, amount: Decimal) -> None:
    """Charge a night's swap."""
    night, _ = Rollover.objects.get_or_create(night=date(2026, 3, 3), moment=1, finished=1)
    SwapCharge.objects.create(trade=trade, night=night, amount=amount)
    Trade.objects.filter(pk=trade.order).update(storage=amount)


def shut_out(login: int) -> None:
    User.objects.filter(pk=login).update(enable=False)
    Account.objects.filter(pk=login).update(enable_read_only=True)


def balance(login: int) -> Decimal:
    found: Decimal = Account.objects.get(pk=login).balance
    return found


def test_pieces_by_dealer_and_client_come_to_the_yen_of_the_whole(yen: Account, dan: User) -> None:
    whole, parts = bought(), bought()
    for trade in (whole, parts):
        charged(trade, D(-101))
    factories.quote("EURUSD", 1.10517, 1.10527)
    before = balance(YEN)
    services.close(login=YEN, order=whole.order)
    of_whole = balance(YEN) - before
    for volume, staff in ((33, dan), (33, None), (34, dan)):
        services.close(login=YEN, order=parts.order, volume=volume, staff=staff)
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
    assert not list(differences())


def test_a_disabled_clients_loss_is_booked_and_made_good(
    alice: Account, eurusd: Symbol, dan: User
) -> None:
    trade = services.open_market(login=DOLLAR, cmd=Cmd.BUY, symbol="EURUSD", volume=500)
    ledger.finance(login=DOLLAR, cmd=Cmd.CREDIT_IN, amount=D(100))
    shut_out(DOLLAR)
    factories.quote("EURUSD", 1.07, 1.0701)
    closed = services.close(login=DOLLAR, order=trade.order, staff=dan)
    assert (closed.profit, closed.staff_id, closed.reason) == (D(-15_050), 2, Reason.CLIENT)
    alice.refresh_from_db()
    assert (alice.balance, alice.credit) == (0, 0)
    row = Trade.objects.filter(account=alice).latest("order")
    assert (row.profit, row.cmd, row.comment) == (
        D(5050), Cmd.BALANCE_IN, "negative balance protection",
    )  # fmt: skip
    assert MarginAction.objects.get().kind == MarginAction.Kind.COMPENSATION
    assert not list(differences())


@pytest.mark.parametrize(
    ("cmd", "amount"),
    [(Cmd.BALANCE_IN, 777), (Cmd.BALANCE_OUT, 777), (Cmd.CREDIT_IN, 500), (Cmd.CREDIT_OUT, 100)],
)
def test_a_reversal_leaves_what_was_before(yen: Account, dan: User, cmd: Cmd, amount: int) -> None:
    ledger.finance(login=YEN, cmd=Cmd.CREDIT_IN, amount=D(300))
    before = Account.objects.values("balance", "credit").get(pk=YEN)
    row = ledger.finance(login=YEN, cmd=cmd, amount=D(amount))
    services.correct(login=YEN, order=row.order, amount=D(-7), reason="x", staff=dan)
    back = services.reverse(login=YEN, order=row.order, reason="not theirs", staff=dan)
    assert back.corrects_id == row.order
    assert Account.objects.values("balance", "credit").get(pk=YEN) == before
    with pytest.raises(Refused, match="nothing is left"):
        services.reverse(login=YEN, order=row.order, reason="again", staff=dan)
    assert not list(differences())


def test_a_reversal_can_be_reversed_and_then_the_row_again(yen: Account, dan: User) -> None:
    asked: dict[str, Any] = {"login": YEN, "reason": "x", "staff": dan}
    row = ledger.finance(login=YEN, cmd=Cmd.BALANCE_IN, amount=D(100))
    first = services.reverse(order=row.order, **asked)
    services.reverse(order=first.order, **asked)
    assert balance(YEN) == 1_000_100
    assert services.left_of(row) == 100
    services.reverse(order=row.order, **asked)
    assert balance(YEN) == 1_000_000
    with pytest.raises(Refused):
        services.reverse(order=row.order, **asked)

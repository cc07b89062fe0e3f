"""Corrections: new rows that refer to the corrected one, with a reason and a staff member."""

from decimal import Decimal

import pytest

from accounts.models import Account, User
from core.errors import Denied, Invalid
from market.models import Symbol
from realtime.models import AccountEvent
from tests import factories
from tests.factories import D
from trading import errors, services
from trading.enums import Cmd, Reason, State
from trading.ledger_audit import find_differences
from trading.models import Trade
from trading.services import ledger


@pytest.fixture
def closed(alice: Account, eurusd: Symbol) -> Trade:
    """A trade of Alice that lost 10.00."""
    trade = services.open_market(login=100001, cmd=Cmd.BUY, symbol="EURUSD", volume=100)
    return services.close_position(login=100001, order=trade.order)


def correct(row: Trade, amount: str, dan: User, reason: str = "the quote was wrong") -> Trade:
    return services.correct_entry(
        login=row.account_id, order=row.order, amount=D(amount), reason=reason, staff=dan
    )


def figures(account: Account) -> tuple[Decimal | int, Decimal | int]:
    account.refresh_from_db()
    return account.balance, account.credit


def test_a_correction_is_a_new_row_that_refers_to_the_corrected_one(
    alice: Account, closed: Trade, dan: User
) -> None:
    before = Trade.objects.filter(pk=closed.pk).values().get()
    row = correct(closed, "12.50", dan)
    row.refresh_from_db()
    assert (row.cmd, row.profit, row.state) == (Cmd.BALANCE_IN, D("12.50"), State.CLOSED)
    assert (row.corrects_id, row.staff_id) == (closed.order, dan.pk)
    assert (row.comment, row.reason) == ("the quote was wrong", Reason.DEALER)
    assert figures(alice) == (D("10002.50"), 0)
    assert Trade.objects.filter(pk=closed.pk).values().get() == before
    assert not list(find_differences())


def test_the_client_gets_events_of_a_correction(alice: Account, closed: Trade, dan: User) -> None:
    row = correct(closed, "-2.50", dan)
    announced, balance = AccountEvent.objects.filter(login=100001).order_by("-seq")[:2][::-1]
    assert announced.event[:5] == ["o", row.order, 100001, "", Cmd.BALANCE_OUT]
    assert (balance.event[0], balance.event[2]) == ("b", 9987.5)


def test_credit_is_corrected_by_credit(alice: Account, dan: User) -> None:
    given = ledger.post_operation(login=100001, cmd=Cmd.CREDIT_IN, amount=D(500))
    assert correct(given, "-200", dan).cmd == Cmd.CREDIT_OUT
    assert correct(given, "50", dan).cmd == Cmd.CREDIT_IN
    assert figures(alice) == (D(10_000), D(350))
    assert not list(find_differences())


def test_a_correction_may_make_the_balance_negative(
    alice: Account, closed: Trade, dan: User
) -> None:
    services.open_market(login=100001, cmd=Cmd.BUY, symbol="EURUSD", volume=500)
    with pytest.raises(errors.WithdrawalRefused):
        ledger.post_operation(login=100001, cmd=Cmd.BALANCE_OUT, amount=D(15_000))
    correct(closed, "-15000", dan)
    assert figures(alice) == (D("-5010.00"), 0)
    assert not list(find_differences())


def test_a_correction_can_be_corrected(alice: Account, closed: Trade, dan: User) -> None:
    first = correct(closed, "100", dan)
    second = correct(first, "-100", dan, "it was right after all")
    assert second.corrects_id == first.order
    assert figures(alice)[0] == D("9990.00")


@pytest.mark.parametrize("amount", ["0", "0.001", "NaN", "Infinity", "1e12", "-1e30"])
def test_an_amount_that_no_row_can_hold_is_refused(closed: Trade, dan: User, amount: str) -> None:
    with pytest.raises(Invalid):
        correct(closed, amount, dan)
    assert not Trade.objects.filter(corrects=closed).exists()


@pytest.mark.parametrize("reason", ["", "   ", "x" * 129])
def test_a_reason_is_required(closed: Trade, dan: User, reason: str) -> None:
    with pytest.raises(Invalid, match="reason"):
        correct(closed, "1", dan, reason)
    assert not Trade.objects.filter(corrects=closed).exists()


def test_only_staff_correct(alice: Account, closed: Trade) -> None:
    with pytest.raises(Denied):
        correct(closed, "1", alice.user)
    assert figures(alice)[0] == D("9990.00")


def test_only_closed_rows_can_be_corrected(alice: Account, eurusd: Symbol, dan: User) -> None:
    position = services.open_market(login=100001, cmd=Cmd.BUY, symbol="EURUSD", volume=100)
    pending = services.open_pending(
        login=100001, cmd=Cmd.BUY_LIMIT, symbol="EURUSD", volume=10, open_price=D("1.05")
    )
    services.cancel_pending(login=100001, order=pending.order)
    for order in (position, pending):
        with pytest.raises(errors.IncorrectState):
            correct(order, "1", dan)
    with pytest.raises(errors.TradeNotFound):
        services.correct_entry(login=100001, order=1, amount=D(1), reason="x", staff=dan)


def test_another_accounts_order_cannot_be_corrected(closed: Trade, bob: Account, dan: User) -> None:
    with pytest.raises(Denied):
        services.correct_entry(
            login=bob.login, order=closed.order, amount=D(1), reason="x", staff=dan
        )
    assert figures(bob)[0] == D(10_000)


def test_a_finance_operation_stores_its_staff_member(alice: Account, dan: User) -> None:
    row = ledger.post_operation(
        login=100001, cmd=Cmd.BALANCE_IN, amount=D(5), comment="wire", staff=dan
    )
    assert Trade.objects.get(pk=row.pk).staff == dan
    assert not Trade.objects.filter(account=alice, staff=None).exclude(profit=10_000).exists()


def test_credit_counts_as_equity_and_cannot_be_withdrawn(alice: Account) -> None:
    ledger.post_operation(login=100001, cmd=Cmd.CREDIT_IN, amount=D(500))
    with pytest.raises(errors.WithdrawalRefused):
        ledger.post_operation(login=100001, cmd=Cmd.BALANCE_OUT, amount=D("10000.01"))
    ledger.post_operation(login=100001, cmd=Cmd.BALANCE_OUT, amount=D(10_000))
    assert figures(alice) == (0, D(500))
    with pytest.raises(errors.WithdrawalRefused):
        ledger.post_operation(login=100001, cmd=Cmd.CREDIT_OUT, amount=D("500.01"))
    ledger.post_operation(login=100001, cmd=Cmd.CREDIT_OUT, amount=D(500))
    assert figures(alice) == (0, 0)
    assert not list(find_differences())


def test_yen_amounts_have_no_decimals_in_the_ledger(db: None, dan: User) -> None:
    factories.client(7, factories.group("yen", "JPY"), "10000")
    with pytest.raises(Invalid):
        ledger.post_operation(login=7, cmd=Cmd.BALANCE_IN, amount=D("0.5"))

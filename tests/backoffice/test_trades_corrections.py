"""Corrections and reversals in the admin: new rows, cents, events, audit."""

from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from accounts.models import Account, User
from audit.models import Entry
from market.models import Symbol
from tests.backoffice.conftest import Browser
from tests.backoffice.dealing import act, errors, events, page_of
from tests.conftest import staff
from tests.factories import D
from trading import ledger, services
from trading.enums import Cmd, State
from trading.models import Trade
from trading.proof import differences


@pytest.fixture
def manager(db: None, alice: Account, browser: Browser) -> Client:
    return browser(staff(4, "Mia", 1, "manager"))  # type: ignore[arg-type]  # a session type


@pytest.fixture
def closed(alice: Account, eurusd: Symbol) -> Trade:
    """A trade of Alice that lost 10.00."""
    trade = services.open_market(login=100001, cmd=Cmd.BUY, symbol="EURUSD", volume=100)
    return services.close(login=100001, order=trade.order)


@pytest.fixture
def deposit(alice: Account) -> Trade:
    return ledger.finance(login=100001, cmd=Cmd.BALANCE_IN, amount=D(500))


def test_a_closed_trade_is_corrected_by_a_new_row(
    manager: Client, closed: Trade, alice: Account
) -> None:
    before, stood = len(events()), Trade.objects.filter(pk=closed.pk).values().get()
    answer = act(manager, page_of(closed, "correct"), amount="12.50", reason="a wrong quote")
    row = Trade.objects.get(corrects=closed)
    assert answer["Location"] == f"/admin/trading/trade/{row.order}/change/"
    assert (row.profit, row.cmd, row.comment) == (D("12.5"), Cmd.BALANCE_IN, "a wrong quote")
    assert row.staff_id == 4
    assert Trade.objects.filter(pk=closed.pk).values().get() == stood
    alice.refresh_from_db()
    assert alice.balance == D("10002.50")
    told, balance = events()[before:]
    assert (told[:2], balance[2]) == (["o", row.order], 10002.5)
    entry = Entry.objects.get(action="correct")
    assert (entry.key, entry.login, entry.reason) == (str(closed.order), 100001, "a wrong quote")
    assert (entry.before["balance"], entry.after["balance"]) == ("9990", "10002.5")
    assert entry.after["amount"] == "12.5"
    assert not list(differences())


@pytest.mark.parametrize("amount", ["0", "0.001", "", "1e13", "NaN"])
def test_an_amount_that_no_row_can_hold_is_refused(
    manager: Client, closed: Trade, amount: str
) -> None:
    before = len(events())
    assert errors(act(manager, page_of(closed, "correct"), amount=amount, reason="x"))
    assert not Trade.objects.filter(corrects=closed).exists()
    assert not Entry.objects.filter(action="correct").exists()
    assert len(events()) == before


def test_a_deposit_is_reversed_once(manager: Client, deposit: Trade, alice: Account) -> None:
    act(manager, page_of(deposit, "reverse"), reason="the wire came back")
    row = Trade.objects.get(corrects=deposit)
    assert (row.profit, row.cmd, row.comment) == (-500, Cmd.BALANCE_OUT, "the wire came back")
    alice.refresh_from_db()
    assert alice.balance == 10_000
    again = act(manager, page_of(deposit, "reverse"), reason="twice")
    assert "nothing is left" in errors(again)
    assert Trade.objects.filter(corrects=deposit).count() == 1
    assert Entry.objects.filter(action="reverse").count() == 1
    assert not list(differences())


def test_what_was_corrected_is_not_taken_back_twice(
    manager: Client, deposit: Trade, alice: Account
) -> None:
    act(manager, page_of(deposit, "correct"), amount="-200", reason="too much")
    wrong = Trade.objects.get(corrects=deposit)
    act(manager, page_of(wrong, "correct"), amount="50", reason="not that much")
    act(manager, page_of(deposit, "reverse"), reason="all of it")
    assert Trade.objects.get(corrects=deposit, profit=-350)
    alice.refresh_from_db()
    assert alice.balance == 10_000


def test_credit_is_reversed_as_credit(manager: Client, alice: Account) -> None:
    given = ledger.finance(login=100001, cmd=Cmd.CREDIT_IN, amount=D(70))
    act(manager, page_of(given, "reverse"), reason="not agreed")
    assert Trade.objects.get(corrects=given).cmd == Cmd.CREDIT_OUT
    alice.refresh_from_db()
    assert (alice.balance, alice.credit) == (10_000, 0)


@pytest.mark.parametrize(("action", "asked"), [("correct", {"amount": "900"}), ("reverse", {})])
def test_much_money_takes_a_second_person_also_here(
    manager: Client, settings: LazySettings, alice: Account, action: str, asked: Any
) -> None:
    settings.APPROVAL_ABOVE, settings.APPROVAL_CURRENCY = D(800), "USD"
    row = Trade.objects.get(account=alice)
    act(manager, page_of(row, action), reason="a lot", **asked)
    assert not Trade.objects.filter(corrects=row).exists()
    alice.refresh_from_db()
    assert alice.balance == 10_000
    assert Entry.objects.filter(action="ask", staff=4).exists()


def test_a_dealer_and_support_correct_nothing(
    dan: User, carol: User, closed: Trade, browser: Browser
) -> None:
    for who in (dan, carol):
        client = browser(who)
        assert client.get(page_of(closed, "correct")).status_code == 403
        posted = client.post(page_of(closed, "correct"), {"amount": "5", "reason": "x"})
        assert posted.status_code == 403
    assert not Trade.objects.filter(corrects=closed).exists()
    closed.refresh_from_db()
    assert closed.state == State.CLOSED

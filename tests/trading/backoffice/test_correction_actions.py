"""Corrections and reversals in the admin: new rows, cents, events, audit."""

from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from accounts.models import Account, User
from audit.models import Entry
from market.models import Symbol
from tests.backoffice.actions.trade_actions import (
    action_url,
    client_events,
    form_errors,
    submit_action,
)
from tests.backoffice.fixtures import Browser
from tests.conftest import staff
from tests.factories import D
from trading import services
from trading.enums import Cmd, State
from trading.ledger_audit import find_differences
from trading.models import Trade
from trading.services import ledger


@pytest.fixture
def manager(db: None, alice: Account, browser: Browser) -> Client:
    return browser(staff(4, "Mia", 1, "manager"))  # type: ignore[arg-type]  # a session type


@pytest.fixture
def closed(alice: Account, eurusd: Symbol) -> Trade:
    """A trade of Alice that lost 10.00."""
    trade = services.open_market(login=100001, cmd=Cmd.BUY, symbol="EURUSD", volume=100)
    return services.close_position(login=100001, order=trade.order)


@pytest.fixture
def deposit(alice: Account) -> Trade:
    return ledger.post_operation(login=100001, cmd=Cmd.BALANCE_IN, amount=D(500))


def test_a_closed_trade_is_corrected_by_a_new_row(
    manager: Client, closed: Trade, alice: Account
) -> None:
    before, stood = len(client_events()), Trade.objects.filter(pk=closed.pk).values().get()
    answer = submit_action(
        manager, action_url(closed, "correct"), amount="12.50", reason="a wrong quote"
    )
    row = Trade.objects.get(corrects=closed)
    assert answer["Location"] == f"/admin/trading/trade/{row.order}/change/"
    assert (row.profit, row.cmd, row.comment) == (D("12.5"), Cmd.BALANCE_IN, "a wrong quote")
    assert row.staff_id == 4
    assert Trade.objects.filter(pk=closed.pk).values().get() == stood
    alice.refresh_from_db()
    assert alice.balance == D("10002.50")
    announced, balance = client_events()[before:]
    assert (announced[:2], balance[2]) == (["o", row.order], 10002.5)
    entry = Entry.objects.get(action="correct")
    assert (entry.key, entry.login, entry.reason) == (str(closed.order), 100001, "a wrong quote")
    assert (entry.before["balance"], entry.after["balance"]) == ("9990", "10002.5")
    assert entry.after["amount"] == "12.5"
    assert not list(find_differences())


@pytest.mark.parametrize("amount", ["0", "0.001", "", "1e13", "NaN"])
def test_an_amount_that_no_row_can_hold_is_refused(
    manager: Client, closed: Trade, amount: str
) -> None:
    before = len(client_events())
    assert form_errors(
        submit_action(manager, action_url(closed, "correct"), amount=amount, reason="x")
    )
    assert not Trade.objects.filter(corrects=closed).exists()
    assert not Entry.objects.filter(action="correct").exists()
    assert len(client_events()) == before


def test_a_deposit_is_reversed_once(manager: Client, deposit: Trade, alice: Account) -> None:
    submit_action(manager, action_url(deposit, "reverse"), reason="the wire came back")
    row = Trade.objects.get(corrects=deposit)
    assert (row.profit, row.cmd, row.comment) == (-500, Cmd.BALANCE_OUT, "the wire came back")
    alice.refresh_from_db()
    assert alice.balance == 10_000
    again = submit_action(manager, action_url(deposit, "reverse"), reason="twice")
    assert f"lready reversed by order {row.order}" in form_errors(again)
    assert Trade.objects.filter(corrects=deposit).count() == 1
    assert Entry.objects.filter(action="reverse").count() == 1
    assert not list(find_differences())


def test_a_reversal_takes_back_only_what_corrections_left(
    manager: Client, deposit: Trade, alice: Account
) -> None:
    submit_action(manager, action_url(deposit, "correct"), amount="-200", reason="too much")
    wrong = Trade.objects.get(corrects=deposit)
    submit_action(manager, action_url(wrong, "correct"), amount="50", reason="not that much")
    submit_action(manager, action_url(deposit, "reverse"), reason="all of it")
    assert Trade.objects.get(corrects=deposit, profit=-350)
    alice.refresh_from_db()
    assert alice.balance == 10_000


def test_credit_is_reversed_as_credit(manager: Client, alice: Account) -> None:
    given = ledger.post_operation(login=100001, cmd=Cmd.CREDIT_IN, amount=D(70))
    submit_action(manager, action_url(given, "reverse"), reason="not agreed")
    assert Trade.objects.get(corrects=given).cmd == Cmd.CREDIT_OUT
    alice.refresh_from_db()
    assert (alice.balance, alice.credit) == (10_000, 0)


@pytest.mark.parametrize(("action", "asked"), [("correct", {"amount": "900"}), ("reverse", {})])
def test_a_correction_above_the_limit_needs_an_approval(
    manager: Client, settings: LazySettings, alice: Account, action: str, asked: Any
) -> None:
    settings.APPROVAL_ABOVE, settings.APPROVAL_CURRENCY = D(800), "USD"
    row = Trade.objects.get(account=alice)
    submit_action(manager, action_url(row, action), reason="a lot", **asked)
    assert not Trade.objects.filter(corrects=row).exists()
    alice.refresh_from_db()
    assert alice.balance == 10_000
    assert Entry.objects.filter(action="ask", staff=4).exists()


def test_dealers_and_support_cannot_correct(
    dan: User, carol: User, closed: Trade, browser: Browser
) -> None:
    for who in (dan, carol):
        client = browser(who)
        assert client.get(action_url(closed, "correct")).status_code == 403
        posted = client.post(action_url(closed, "correct"), {"amount": "5", "reason": "x"})
        assert posted.status_code == 403
    assert not Trade.objects.filter(corrects=closed).exists()
    closed.refresh_from_db()
    assert closed.state == State.CLOSED

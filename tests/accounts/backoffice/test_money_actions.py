"""Deposits, withdrawals and credit by staff: each by its row, its cents, and its audit entry."""

import re
from decimal import Decimal

import pytest

from accounts.models import Account, User
from audit.models import Entry
from market.models import Symbol
from realtime.models import AccountEvent
from tests.backoffice.actions.account_actions import (
    action_url,
    execute_form,
    form_data,
    post_form,
    refusal_text,
)
from tests.backoffice.fixtures import Browser
from trading import services
from trading.enums import Cmd, Reason
from trading.models import Trade
from trading.services import ledger

STATE = {
    "group": "demo-usd",
    "leverage": 100,
    "enabled": True,
    "read_only": False,
    "balance": "10000",
    "credit": "0",
}


@pytest.mark.parametrize(
    ("action", "cmd", "signed", "balance", "credit"),
    [
        ("deposit", Cmd.BALANCE_IN, "250.5", "10250.5", "300"),
        ("withdraw", Cmd.BALANCE_OUT, "-250.5", "9749.5", "300"),
        ("credit-in", Cmd.CREDIT_IN, "250.5", "10000", "550.5"),
        ("credit-out", Cmd.CREDIT_OUT, "-250.5", "10000", "49.5"),
    ],
)
def test_a_money_action_writes_one_row_and_one_audit_entry(
    alice: Account,
    mary: User,
    browser: Browser,
    action: str,
    cmd: Cmd,
    signed: str,
    balance: str,
    credit: str,
) -> None:
    ledger.post_operation(login=alice.login, cmd=Cmd.CREDIT_IN, amount=Decimal(300))
    rows, events = Trade.objects.count(), AccountEvent.objects.count()
    answer = execute_form(
        browser(mary), action_url(alice, action), amount="250.50", comment="wire 17"
    )
    assert answer["Location"] == "/admin/accounts/account/100001/change/"
    trade = Trade.objects.latest("order")
    assert Trade.objects.count() == rows + 1
    assert AccountEvent.objects.count() == events + 2
    assert (trade.cmd, trade.profit, trade.staff_id) == (cmd, Decimal(signed), mary.pk)
    assert (trade.comment, trade.reason) == ("wire 17", Reason.DEALER)
    alice.refresh_from_db()
    assert (alice.balance, alice.credit) == (Decimal(balance), Decimal(credit))
    entry = Entry.objects.get(action=action)
    assert (entry.staff_id, entry.address, entry.reason) == (4, "127.0.0.1", "asked by phone")
    assert (entry.model, entry.key, entry.login) == ("accounts.account", "100001", 100001)
    before = STATE | {"credit": "300"}
    assert entry.before == before
    after = before | {"balance": balance, "credit": credit}
    assert entry.after == after | {"amount": "250.5", "comment": "wire 17"}


@pytest.mark.parametrize("action", ["deposit", "withdraw", "credit-in", "credit-out"])
def test_an_invalid_amount_is_refused_and_changes_nothing(
    alice: Account, mary: User, browser: Browser, subtests: pytest.Subtests, action: str
) -> None:
    client, rows = browser(mary), Trade.objects.count()
    for amount in ("0", "-5", "0.001", "1e30", "NaN", "Infinity", "", "abc", "1000000000000"):
        with subtests.test(amount):
            answer = post_form(client, action_url(alice, action), amount=amount)
            assert "mount" in refusal_text(answer)
            assert (Trade.objects.count(), Entry.objects.count()) == (rows, 0)


@pytest.mark.parametrize(("action", "amount"), [("withdraw", "10000.01"), ("credit-out", "0.01")])
def test_more_than_the_withdrawable_amount_is_refused(
    alice: Account, mary: User, browser: Browser, action: str, amount: str
) -> None:
    seq = Account.objects.get(pk=alice.pk).seq
    answer = post_form(browser(mary), action_url(alice, action), amount=amount)
    assert "more than what can be taken out" in refusal_text(answer)
    alice.refresh_from_db()
    assert (alice.balance, alice.seq) == (Decimal(10_000), seq)
    assert not Entry.objects.exists()


def test_used_margin_cannot_be_withdrawn(
    alice: Account, mary: User, browser: Browser, eurusd: Symbol
) -> None:
    services.open_market(login=alice.pk, cmd=0, symbol="EURUSD", volume=100)
    answer = post_form(browser(mary), action_url(alice, "withdraw"), amount="9500")
    assert "more than what can be taken out" in refusal_text(answer)
    execute_form(browser(mary), action_url(alice, "withdraw"), amount="8000")


def test_a_reason_is_required(alice: Account, mary: User, browser: Browser) -> None:
    answer = post_form(browser(mary), action_url(alice, "deposit"), amount="5", reason=" ")
    assert "reason" in refusal_text(answer)
    alice.refresh_from_db()
    assert alice.balance == 10_000


@pytest.mark.parametrize("action", ["deposit", "withdraw", "credit-in", "credit-out", "terms"])
def test_support_and_dealers_cannot_change_money_or_terms(
    request: pytest.FixtureRequest, alice: Account, browser: Browser, action: str
) -> None:
    for name in ("carol", "dan"):
        client = browser(request.getfixturevalue(name))
        assert client.get(action_url(alice, action)).status_code == 403
        assert client.post(action_url(alice, action), form_data(amount="5")).status_code == 403
    alice.refresh_from_db()
    assert alice.balance == 10_000


def test_support_is_offered_statements_and_none_of_the_other_buttons(
    alice: Account, carol: User, mary: User, browser: Browser
) -> None:
    url = "/admin/accounts/account/100001/change/"
    assert "/do/deposit/" in browser(mary).get(url).content.decode()
    offered = re.findall(r"/do/([\w-]+)/", browser(carol).get(url).content.decode())
    assert set(offered) == {"send-statement"}


def test_without_a_session_money_actions_redirect_to_the_sign_in(
    alice: Account, client: object
) -> None:
    from django.test import Client

    answer = Client().post(action_url(alice, "deposit"), form_data(amount="5"))
    assert answer.status_code == 302
    assert "/admin/login/" in answer["Location"]
    alice.refresh_from_db()
    assert alice.balance == 10_000

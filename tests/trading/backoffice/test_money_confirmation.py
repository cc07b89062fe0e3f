"""Money is confirmed in words first, and a sum that was just booked is asked about."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client, override_settings

from accounts.enums import SessionType
from accounts.models import Account, User
from backoffice.models import Approval
from tests.backoffice.actions import trade_actions
from tests.backoffice.actions.account_actions import (
    action_url,
    confirmed_form,
    execute_form,
    form_data,
    post_form,
    previewed,
    refusal_text,
)
from tests.conftest import staff
from trading.backoffice.actions import repeated_sums
from trading.enums import Cmd
from trading.models import Trade
from trading.services import ledger


@pytest.fixture
def desk(admin: User) -> Client:
    client = Client()
    client.force_login(admin)
    return client


def balance_of(account: Account) -> Any:
    return Account.objects.get(pk=account.pk).balance


@pytest.mark.parametrize(
    ("action", "amount", "deed", "part", "row"),
    [
        (
            "deposit", "1.000,50", "Deposit 1,000.50 USD to 100001 Alice",
            "balance goes from 10,000.00 to 11,000.50", ("Withdrawable", "10,000.00", "11,000.50"),
        ),
        (
            "withdraw", "250", "Withdraw 250.00 USD from 100001 Alice",
            "balance goes from 10,000.00 to 9,750.00", ("Free margin", "10,300.00", "10,050.00"),
        ),
        (
            "credit-in", "5", "Give 5.00 USD as credit to 100001 Alice",
            "credit goes from 300.00 to 305.00", ("Equity", "10,300.00", "10,305.00"),
        ),
        (
            "credit-out", "0,5", "Take 0.50 USD of the credit of 100001 Alice",
            "credit goes from 300.00 to 299.50", ("Credit", "300.00", "299.50"),
        ),
    ],
)  # fmt: skip
def test_a_preview_says_in_words_what_moves_whose_money(
    desk: Client,
    alice: Account,
    action: str,
    amount: str,
    deed: str,
    part: str,
    row: tuple[str, str, str],
) -> None:
    summary = f"{deed}: the {part} USD."
    ledger.post_operation(login=alice.pk, cmd=Cmd.CREDIT_IN, amount=Decimal(300))
    rows = Trade.objects.count()
    answer = post_form(desk, action_url(alice, action), amount=amount)
    preview = answer.context["preview"]
    assert preview.summary == summary
    assert row in preview.rows
    assert summary in answer.content.decode()
    assert Trade.objects.count() == rows, "nothing is booked before it is confirmed"


def test_another_sum_than_the_confirmed_one_is_previewed_again(
    desk: Client, alice: Account
) -> None:
    form = confirmed_form(desk, action_url(alice, "deposit"), amount="25")
    answer = desk.post(action_url(alice, "deposit"), form | {"amount": "250"})
    assert "Deposit 250.00 USD" in answer.context["preview"].summary
    assert balance_of(alice) == 10_000
    form["previewed"] = "x" * 64
    assert desk.post(action_url(alice, "deposit"), form).context["preview"]
    assert balance_of(alice) == 10_000


@pytest.mark.parametrize("action", ["deposit", "withdraw", "credit-in"])
def test_the_same_sum_within_a_minute_is_asked_about(
    desk: Client, alice: Account, action: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = action_url(alice, action)
    execute_form(desk, url, amount="25")
    order = Trade.objects.latest("order").order
    again = form_data(amount="25.00")
    answer = desk.post(url, again)
    (question,) = answer.context["preview"].questions
    assert question.startswith(f"Order {order} booked the same sum for this client at ")
    assert question in answer.content.decode()
    other = post_form(desk, url, amount="25.01")
    assert other.context["preview"].questions == []
    assert desk.post(url, again | {"previewed": previewed(answer)}).status_code == 302
    assert Trade.objects.filter(account=alice, profit__in=(25, -25)).count() == 2
    monkeypatch.setattr(repeated_sums, "REPEATED_WITHIN", -1)  # as if the minute had passed
    assert post_form(desk, url, amount="25").context["preview"].questions == []


def test_a_sum_booked_since_the_preview_is_asked_about_under_the_lock(
    desk: Client, alice: Account
) -> None:
    url = action_url(alice, "deposit")
    first, second = (confirmed_form(desk, url, amount="25") for _ in range(2))
    assert desk.post(url, first).status_code == 302
    answer = desk.post(url, second)
    assert len(answer.context["preview"].questions) == 1
    assert balance_of(alice) == 10_025
    assert desk.post(url, second | {"previewed": previewed(answer)}).status_code == 302
    assert balance_of(alice) == 10_050


@override_settings(APPROVAL_ABOVE=1000)
def test_a_request_that_waits_is_asked_about(desk: Client, alice: Account) -> None:
    url = action_url(alice, "deposit")
    answer = post_form(desk, url, amount="1500")
    (warning,) = answer.context["preview"].warnings
    assert warning == (
        "Above 1,000.00 USD nothing is booked until a second person has approved it."
    )
    execute_form(desk, url, amount="1500")
    (question,) = post_form(desk, url, amount="1500").context["preview"].questions
    number = Approval.objects.get().pk
    assert question.startswith(f"Request {number} for the same sum waits")


def test_a_refusal_comes_before_the_preview_with_the_figure(desk: Client, alice: Account) -> None:
    answer = post_form(desk, action_url(alice, "withdraw"), amount="10000.01")
    assert "can be taken out: 10,000.00 USD" in refusal_text(answer)
    assert not answer.context["preview"]


def test_corrections_and_reversals_are_confirmed_in_words(desk: Client, alice: Account) -> None:
    deposit = Trade.objects.get(account=alice, cmd=Cmd.BALANCE_IN)
    url = trade_actions.action_url(deposit, "correct")
    summary = post_form(desk, url, amount="-10,50").context["preview"].summary
    assert summary.startswith(f"Take 10.50 USD from 100001 Alice for order {deposit.order}: ")
    execute_form(desk, url, amount="-10,50")
    (question,) = post_form(desk, url, amount="-10.50").context["preview"].questions
    assert "booked the same sum" in question
    url = trade_actions.action_url(deposit, "reverse")
    preview = post_form(desk, url).context["preview"]
    assert preview.summary == (
        f"Take 9,989.50 USD back from 100001 Alice, reversing order {deposit.order}: "
        "the balance goes from 9,989.50 to 0.00 USD."
    )
    correct_more(desk, deposit, "-1")
    more = post_form(desk, trade_actions.action_url(deposit, "correct"), amount="-10000")
    assert "This leaves the balance below 0." in more.context["preview"].warnings


def correct_more(desk: Client, row: Trade, amount: str) -> None:
    execute_form(desk, trade_actions.action_url(row, "correct"), amount=amount)


@pytest.mark.parametrize(
    ("lots", "part", "profit"), [("1", "1.00", "-10.00"), ("0,3", "0.30 of 1.00", "-3.00")]
)
def test_closing_is_confirmed_with_the_profit_now(
    position: Trade, lots: str, part: str, profit: str
) -> None:
    dealer: Any = Client()
    dealer.force_login(staff(60, "Dan", SessionType.DEALER, "dealer"))
    answer = post_form(dealer, trade_actions.action_url(position, "close"), lots=lots)
    assert answer.context["preview"].summary.startswith(
        f"Close {part} lots, buy EURUSD, of 100001 Alice at 1.10000: profit {profit} USD."
    )
    position.refresh_from_db()
    assert position.is_position

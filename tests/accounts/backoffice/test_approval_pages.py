"""The page of a request: who decides it, what it would do, and what became of it."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, User
from audit.models import Entry
from backoffice.models import Approval
from tests.backoffice.actions.account_actions import action_url, execute_form, post_form
from tests.backoffice.fixtures import Browser
from trading.models import Trade

pytestmark = pytest.mark.usefixtures("a_limit")
APPROVALS = "/admin/backoffice/approval/"


@pytest.fixture
def asked(alice: Account, mary: User, browser: Browser) -> Approval:
    """What Mary has asked for: 1500.25 USD for Alice."""
    execute_form(browser(mary), action_url(alice, "deposit"), amount="1500.25")
    return Approval.objects.get()


def decide(client: Client, approval: Approval, how: str = "approve") -> Any:
    return post_form(client, f"{APPROVALS}{approval.pk}/do/{how}/", reason="seen the wire")


def test_an_approval_says_who_asked_who_approved_and_what_was_booked(
    asked: Approval, alice: Account, otto: User, browser: Browser
) -> None:
    client = browser(otto)
    form = client.get(f"{APPROVALS}{asked.pk}/do/approve/").context["preview"]
    assert form.summary == (
        "Deposit 1,500.25 USD to 100001 Alice: the balance goes from 10,000.00 to 11,500.25 USD."
    )
    assert "booked in the name of 4 Mary" in page_of(client, asked)
    page = client.get(decide(client, asked)["Location"]).content.decode()
    assert "Approved, and booked in the name of 4 Mary, who asked for it. Deposited" in page
    asked.refresh_from_db()
    assert asked.outcome == f"Deposited 1,500.25 USD: #{Trade.objects.latest('order').order}."
    assert "6 Otto approved it; it was booked in the name of 4 Mary" in page_of(client, asked)
    money = Entry.objects.get(action="deposit")
    assert money.reason == "asked by phone (asked by 4 Mary, approved by 6 Otto)"


def page_of(client: Client, approval: Approval) -> str:
    return client.get(f"{APPROVALS}{approval.pk}/change/").content.decode()


def test_the_requester_is_told_why_and_can_cancel_the_request(
    asked: Approval, alice: Account, mary: User, otto: User, browser: Browser
) -> None:
    client = browser(mary)
    page = page_of(client, asked)
    assert "You asked for it, so another person has to approve or refuse it" in page
    assert "/do/cancel/" in page
    assert decide(browser(otto), asked, "cancel").status_code == 403
    assert decide(client, asked, "cancel").status_code == 302
    asked.refresh_from_db()
    assert (asked.state, asked.decided_by_id, asked.decision) == ("cancelled", 4, "seen the wire")
    assert Entry.objects.get(action="cancel").after["state"] == "cancelled"
    assert "cancelled it. Nothing was booked." in page_of(client, asked)
    assert decide(browser(otto), asked).status_code == 403
    alice.refresh_from_db()
    assert alice.balance == 10_000


def test_a_request_is_announced_as_not_done_with_a_link(
    alice: Account, mary: User, browser: Browser
) -> None:
    client = browser(mary)
    answer = execute_form(client, action_url(alice, "deposit"), amount="1500")
    (message,) = client.get(answer["Location"]).context["messages"]
    assert message.level_tag == "warning"
    assert f'href="{APPROVALS}{Approval.objects.get().pk}/change/"' in str(message)


def test_an_approval_that_would_be_refused_says_so_beforehand(
    asked: Approval, otto: User, browser: Browser
) -> None:
    User.objects.filter(pk=4).update(enable=False)
    form = browser(otto).get(f"{APPROVALS}{asked.pk}/do/approve/").context["preview"]
    assert form.warnings == ["It would be refused now: Who asked for it may not do it any more."]

"""Money above the limit takes two people: one requests, another decides, and it is done once."""

import threading
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client, override_settings

from accounts.enums import SessionType
from accounts.models import Account, User
from audit.models import Entry
from backoffice import tasks
from backoffice.models import Approval
from core.clock import now_ms
from market.models import Symbol
from tests import factories
from tests.backoffice.actions.account_actions import (
    action_url,
    confirmed_form,
    execute_form,
    post_form,
    refusal_text,
)
from tests.backoffice.fixtures import Browser
from tests.conftest import staff
from trading.models import Trade

pytestmark = pytest.mark.usefixtures("a_limit")
APPROVALS = "/admin/backoffice/approval/"


@pytest.fixture
def asked(alice: Account, mary: User, browser: Browser) -> Approval:
    """What Mary has asked for: 1500 USD for Alice."""
    execute_form(browser(mary), action_url(alice, "deposit"), amount="1500.25", comment="wire 9")
    return Approval.objects.get()


def decide(client: Client, approval: Approval, how: str = "approve") -> Any:
    return post_form(client, f"{APPROVALS}{approval.pk}/do/{how}/", reason="seen the wire")


def test_above_the_limit_an_approval_is_requested_and_no_money_moves(
    asked: Approval, alice: Account
) -> None:
    rows = Trade.objects.filter(account=alice)
    assert [row.profit for row in rows] == [Decimal(10_000)]
    assert (asked.asked_by_id, asked.login, asked.state) == (4, 100001, "waiting")
    assert (asked.amount, asked.currency, asked.reason) == (
        Decimal("1500.25"), "USD", "asked by phone",
    )  # fmt: skip
    assert asked.expires_at - asked.asked_at == 7 * 86_400_000
    entry = Entry.objects.get()
    assert (entry.action, entry.model, entry.login) == ("ask", "backoffice.approval", 100001)
    assert entry.after == {"action": "deposit", "amount": "1500.25", "currency": "USD"}


@pytest.mark.parametrize("amount", ["1000", "999.99"])
def test_up_to_the_limit_the_money_moves_at_once(
    alice: Account, mary: User, browser: Browser, amount: str
) -> None:
    execute_form(browser(mary), action_url(alice, "deposit"), amount=amount)
    alice.refresh_from_db()
    assert alice.balance == 10_000 + Decimal(amount)
    assert not Approval.objects.exists()


def test_without_a_limit_money_moves_at_once(alice: Account, mary: User, browser: Browser) -> None:
    with override_settings(APPROVAL_ABOVE=0):
        execute_form(browser(mary), action_url(alice, "deposit"), amount="900000")
    assert not Approval.objects.exists()


@pytest.mark.parametrize(("amount", "waits"), [("909", False), ("910", True)])
def test_an_amount_in_another_currency_is_converted(
    bob: Account, mary: User, browser: Browser, eurusd: Symbol, amount: str, waits: bool
) -> None:
    execute_form(
        browser(mary), action_url(bob, "deposit"), amount=amount
    )  # at 1.10005: 1000 is 909.05
    assert Approval.objects.exists() == waits


def test_without_a_conversion_rate_an_approval_is_needed(
    bob: Account, mary: User, browser: Browser
) -> None:
    execute_form(browser(mary), action_url(bob, "deposit"), amount="1")
    assert Approval.objects.get().amount == 1


@pytest.mark.parametrize("action", ["withdraw", "credit-out"])
def test_an_impossible_amount_requests_no_approval(
    alice: Account, mary: User, browser: Browser, action: str
) -> None:
    answer = post_form(browser(mary), action_url(alice, action), amount="20000")
    assert "more than what can be taken out" in refusal_text(answer)
    assert not Approval.objects.exists()


def test_an_approval_by_another_person_moves_the_money(
    asked: Approval, alice: Account, otto: User, browser: Browser
) -> None:
    decide(browser(otto), asked)
    alice.refresh_from_db()
    assert alice.balance == Decimal("11500.25")
    trade = Trade.objects.latest("order")
    assert (trade.staff_id, trade.comment) == (4, "wire 9"), "who asked for it did it"
    asked.refresh_from_db()
    assert (asked.state, asked.decided_by_id, asked.decision) == ("approved", 6, "seen the wire")
    _, money, decision = Entry.objects.order_by("id")
    assert (money.action, money.model, money.key) == ("deposit", "accounts.account", "100001")
    assert (money.staff_id, money.after["asked_by"]) == (6, 4)
    assert (money.before["balance"], money.after["balance"]) == ("10000", "11500.25")
    assert (decision.action, decision.reason) == ("approve", "seen the wire")
    assert (decision.before["state"], decision.after["state"]) == ("waiting", "approved")


def test_the_ledger_names_who_asked_and_who_approved(
    asked: Approval, alice: Account, mary: User, otto: User, browser: Browser
) -> None:
    decide(browser(otto), asked)
    deposit = Trade.objects.latest("order")
    url = f"/admin/trading/trade/{deposit.order}/do/correct/"
    execute_form(browser(mary), url, amount="-1200")
    decide(browser(otto), Approval.objects.latest("id"))
    execute_form(browser(mary), action_url(alice, "deposit"), amount="5")
    page = browser(mary).get(f"/admin/accounts/account/{alice.pk}/change/")
    (table,) = (table for panel, table in page.context["panels"] if panel.title == "Ledger")
    cells = [(row[3], str(row[5]), getattr(row[5], "url", "")) for row in table.rows]
    assert cells == [
        ("5.00", "4", ""),
        ("-1,200.00", "4, approved by 6", f"{APPROVALS}{asked.pk + 1}/change/"),
        ("1,500.25", "4, approved by 6", f"{APPROVALS}{asked.pk}/change/"),
        ("10,000.00", "", ""),
    ]


def test_the_requester_cannot_decide_not_even_as_administrator(
    asked: Approval, alice: Account, admin: User, mary: User, browser: Browser
) -> None:
    client = browser(mary)
    for how in ("approve", "refuse"):
        assert decide(client, asked, how).status_code == 403
    page = client.get(f"{APPROVALS}{asked.pk}/change/").content.decode()
    assert "/do/approve/" not in page
    execute_form(browser(admin), action_url(alice, "deposit"), amount="2000")
    own = Approval.objects.latest("pk")
    assert decide(browser(admin), own).status_code == 403
    alice.refresh_from_db()
    assert alice.balance == 10_000


@pytest.mark.parametrize("who", ["carol", "dan"])
def test_only_staff_with_the_permission_decide(
    request: pytest.FixtureRequest, asked: Approval, alice: Account, browser: Browser, who: str
) -> None:
    assert decide(browser(request.getfixturevalue(who)), asked).status_code == 403
    alice.refresh_from_db()
    assert alice.balance == 10_000


def test_a_refusal_moves_no_money_and_is_final(
    asked: Approval, alice: Account, otto: User, browser: Browser
) -> None:
    client = browser(otto)
    decide(client, asked, "refuse")
    assert decide(client, asked, "approve").status_code == 403
    alice.refresh_from_db()
    assert alice.balance == 10_000
    asked.refresh_from_db()
    assert (asked.state, asked.decision) == ("refused", "seen the wire")


def test_the_rules_are_checked_again_at_the_approval(
    alice: Account, mary: User, otto: User, browser: Browser
) -> None:
    execute_form(browser(mary), action_url(alice, "withdraw"), amount="9500")
    execute_form(browser(mary), action_url(alice, "withdraw"), amount="800")
    approval = Approval.objects.get()
    answer = decide(browser(otto), approval)
    assert "more than what can be taken out" in refusal_text(answer)
    alice.refresh_from_db()
    assert alice.balance == 9200
    approval.refresh_from_db()
    assert approval.state == "waiting", "it can be approved when there is enough"


@pytest.mark.parametrize("change", [{"enable": False}, {"type": 0}])
def test_a_request_fails_once_the_requester_lost_the_permission(
    asked: Approval, alice: Account, otto: User, browser: Browser, change: dict[str, int]
) -> None:
    User.objects.filter(pk=4).update(**change)
    assert "may not do it any more" in refusal_text(decide(browser(otto), asked))
    alice.refresh_from_db()
    assert alice.balance == 10_000


def test_an_undecided_request_expires(
    asked: Approval, alice: Account, otto: User, browser: Browser
) -> None:
    client = browser(otto)
    tasks.expire_approvals()
    asked.refresh_from_db()
    assert asked.state == "waiting"
    Approval.objects.update(expires_at=now_ms() - 1)
    assert "expired" in client.get(APPROVALS).content.decode()
    assert decide(client, asked).status_code == 403, "before the task has come by"
    tasks.expire_approvals()
    tasks.expire_approvals()
    asked.refresh_from_db()
    assert asked.state == "expired"
    entry = Entry.objects.get(action="expire")
    assert (entry.staff_id, entry.key, entry.login) == (None, str(asked.pk), 100001)
    alice.refresh_from_db()
    assert alice.balance == 10_000


def test_requests_are_filtered_and_waiting_ones_shown_on_the_account(
    asked: Approval, otto: User, browser: Browser
) -> None:
    client = browser(otto)
    assert "1,500.25" in client.get(f"{APPROVALS}?state__exact=waiting").content.decode()
    assert "1,500.25" not in client.get(f"{APPROVALS}?state__exact=refused").content.decode()
    assert "1,500.25" in client.get(f"{APPROVALS}?q=100001").content.decode()
    page = client.get("/admin/accounts/account/100001/change/").content.decode()
    assert f"{APPROVALS}{asked.pk}/change/" in page


def test_a_scoped_manager_sees_and_decides_only_requests_of_its_groups(
    asked: Approval, alice: Account, bob: Account, mia: User, browser: Browser, mary: User
) -> None:
    execute_form(browser(mary), action_url(bob, "deposit"), amount="3000")
    his = Approval.objects.get(login=bob.pk)
    client = browser(mia)
    page = client.get(APPROVALS).content.decode()
    assert "3,000.00" in page
    assert "1,500.25" not in page
    assert client.get(f"{APPROVALS}{asked.pk}/change/").status_code == 302
    assert decide(client, asked).status_code == 404
    assert decide(client, his).status_code == 302
    bob.refresh_from_db()
    alice.refresh_from_db()
    assert (alice.balance, bob.balance) == (10_000, 13_000)


def test_the_same_form_requests_one_approval(alice: Account, mary: User, browser: Browser) -> None:
    client = browser(mary)
    form = confirmed_form(client, action_url(alice, "deposit"), amount="5000")
    for _ in range(2):
        assert client.post(action_url(alice, "deposit"), form).status_code == 302
    assert Approval.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_simultaneous_approvals_move_the_money_once() -> None:
    for kind, login in (("Mary", 4), ("Otto", 6), ("Olga", 7)):
        staff(login, kind, SessionType.MANAGER).user_permissions.set(_rights())
    factories.client(100001, factories.group("demo-usd"))
    browsers = {login: Client() for login in (4, 6, 7)}
    for login, client in browsers.items():
        client.force_login(User.objects.get(pk=login))
    execute_form(browsers[4], action_url(100001, "deposit"), amount="5000")
    approval, statuses = Approval.objects.get(), []
    start = threading.Barrier(2)

    def approve(client: Client) -> None:
        start.wait(5)
        statuses.append(decide(client, approval).status_code)
        connection.close()

    threads = [threading.Thread(target=approve, args=(browsers[login],)) for login in (6, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(statuses) == 2
    assert Account.objects.get(pk=100001).balance == 15_000
    assert Trade.objects.filter(account=100001).count() == 2


def _rights() -> list[Any]:
    from django.contrib.auth.models import Permission

    names = ("move_money", "decide_approval", "view_account", "view_approval")
    return list(Permission.objects.filter(codename__in=names))

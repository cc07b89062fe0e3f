"""Changes between request and decision: permission, scope and amount are checked again."""

from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Account, User
from audit.models import Entry
from backoffice.models import Approval
from tests import factories
from tests.accounts.backoffice.test_approvals import decide
from tests.backoffice.actions.account_actions import (
    action_url,
    execute_form,
    post_form,
    refusal_text,
)
from tests.backoffice.fixtures import Browser
from trading.models import Trade

pytestmark = pytest.mark.usefixtures("a_limit")


def money_of(account: Account) -> Decimal:
    account.refresh_from_db()
    balance: Decimal = account.balance
    return balance


@pytest.mark.parametrize("moved", ["the asker's groups", "the account's group"])
def test_a_request_fails_once_the_requester_may_no_longer_see_the_account(
    alice: Account, mary: User, otto: User, browser: Browser, moved: str
) -> None:
    execute_form(browser(mary), action_url(alice, "deposit"), amount="5000")
    if moved == "the asker's groups":
        User.objects.filter(pk=mary.pk).update(managed_groups="std-*")
    else:
        User.objects.filter(pk=mary.pk).update(managed_groups="demo-*")
        Account.objects.filter(pk=alice.pk).update(group=factories.group("vip-usd"))
    answer = decide(browser(otto), Approval.objects.get())
    assert "may not do it any more" in refusal_text(answer)
    assert money_of(alice) == 10_000
    assert Approval.objects.get().state == "waiting"


def test_a_request_fails_once_the_accounts_currency_changed(
    db: None, mary: User, otto: User, browser: Browser
) -> None:
    bob = factories.client(100002, factories.group("std-eur", "EUR"), deposit="0")
    execute_form(browser(mary), action_url(bob, "deposit"), amount="5000")
    yen = factories.group("std-jpy", "JPY")
    execute_form(browser(mary), action_url(bob, "terms"), group=yen.pk, leverage="100")
    approval = Approval.objects.latest("pk")
    assert (approval.amount, approval.currency) == (5000, "EUR")
    answer = decide(browser(otto), approval)
    assert "5,000 JPY" in refusal_text(answer)
    assert money_of(bob) == 0
    approval.refresh_from_db()
    assert approval.state == "waiting"
    decide(browser(otto), approval, "refuse")
    approval.refresh_from_db()
    assert approval.state == "refused"


def test_a_reversal_is_executed_only_if_it_equals_the_approved_amount(
    alice: Account, mary: User, otto: User, browser: Browser
) -> None:
    deposit = Trade.objects.get(account=alice)
    url = f"/admin/trading/trade/{deposit.order}/do/"
    execute_form(browser(mary), f"{url}reverse/")
    execute_form(browser(mary), f"{url}correct/", amount="900")
    approval = Approval.objects.get()
    assert approval.amount == 10_000
    assert "10,900" in refusal_text(decide(browser(otto), approval))
    assert money_of(alice) == 10_900
    execute_form(browser(mary), f"{url}correct/", amount="-900")
    assert decide(browser(otto), approval).status_code == 302
    assert money_of(alice) == 0


@pytest.fixture
def own(mary: User, alice: Account) -> Account:
    """Mary trades as well."""
    return Account.objects.create(user=mary, group=alice.group, leverage=100)


@pytest.mark.parametrize("action", ["deposit", "withdraw", "credit-in", "credit-out"])
def test_staff_cannot_move_money_of_their_own_account(
    own: Account, mary: User, browser: Browser, action: str
) -> None:
    assert post_form(browser(mary), action_url(own, action), amount="10").status_code == 403
    assert money_of(own) == 0
    assert not Entry.objects.exists()


@pytest.mark.parametrize("action", ["correct", "reverse"])
def test_staff_cannot_correct_or_reverse_rows_of_their_own_account(
    own: Account, mary: User, otto: User, browser: Browser, action: str
) -> None:
    execute_form(browser(otto), action_url(own, "deposit"), amount="10")
    row = Trade.objects.get(account=own)
    url = f"/admin/trading/trade/{row.order}/do/{action}/"
    assert post_form(browser(mary), url, amount="10").status_code == 403
    assert money_of(own) == 10


def test_staff_cannot_approve_requests_for_their_own_account(
    own: Account, mary: User, otto: User, admin: User, browser: Browser
) -> None:
    execute_form(browser(otto), action_url(own, "deposit"), amount="5000")
    approval: Any = Approval.objects.get()
    assert decide(browser(mary), approval).status_code == 403
    assert money_of(own) == 0
    assert decide(browser(admin), approval).status_code == 302
    assert money_of(own) == 5000

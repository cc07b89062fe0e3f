"""Changes between request and decision: permission, scope and amount are checked again."""

from decimal import Decimal
from typing import Any

import pytest

from accounts.models import Account, User
from audit.models import Entry
from backoffice.models import Approval
from tests import factories
from tests.backoffice.accounts.test_approvals import decide
from tests.backoffice.acts import done, place, refusal, send
from tests.backoffice.conftest import Browser
from trading.models import Trade

pytestmark = pytest.mark.usefixtures("a_limit")


def money_of(account: Account) -> Decimal:
    account.refresh_from_db()
    balance: Decimal = account.balance
    return balance


@pytest.mark.parametrize("moved", ["the asker's groups", "the account's group"])
def test_who_may_not_see_the_account_any_more_gets_nothing_done(
    alice: Account, mary: User, otto: User, browser: Browser, moved: str
) -> None:
    done(browser(mary), place(alice, "deposit"), amount="5000")
    if moved == "the asker's groups":
        User.objects.filter(pk=mary.pk).update(managed_groups="std-*")
    else:
        User.objects.filter(pk=mary.pk).update(managed_groups="demo-*")
        Account.objects.filter(pk=alice.pk).update(group=factories.group("vip-usd"))
    answer = decide(browser(otto), Approval.objects.get())
    assert "may not do it any more" in refusal(answer)
    assert money_of(alice) == 10_000
    assert Approval.objects.get().state == "waiting"


def test_an_amount_does_not_become_one_of_another_currency(
    db: None, mary: User, otto: User, browser: Browser
) -> None:
    bob = factories.client(100002, factories.group("std-eur", "EUR"), deposit="0")
    done(browser(mary), place(bob, "deposit"), amount="5000")
    yen = factories.group("std-jpy", "JPY")
    done(browser(mary), place(bob, "terms"), group=yen.pk, leverage="100")
    approval = Approval.objects.latest("pk")
    assert (approval.amount, approval.currency) == (5000, "EUR")
    answer = decide(browser(otto), approval)
    assert "5,000 JPY" in refusal(answer)
    assert money_of(bob) == 0
    approval.refresh_from_db()
    assert approval.state == "waiting"
    decide(browser(otto), approval, "refuse")
    approval.refresh_from_db()
    assert approval.state == "refused"


def test_a_reversal_is_of_the_sum_that_was_approved_or_of_none(
    alice: Account, mary: User, otto: User, browser: Browser
) -> None:
    deposit = Trade.objects.get(account=alice)
    url = f"/admin/trading/trade/{deposit.order}/do/"
    done(browser(mary), f"{url}reverse/")
    done(browser(mary), f"{url}correct/", amount="900")
    approval = Approval.objects.get()
    assert approval.amount == 10_000
    assert "10,900" in refusal(decide(browser(otto), approval))
    assert money_of(alice) == 10_900
    done(browser(mary), f"{url}correct/", amount="-900")
    assert decide(browser(otto), approval).status_code == 302
    assert money_of(alice) == 0


@pytest.fixture
def own(mary: User, alice: Account) -> Account:
    """Mary trades as well."""
    return Account.objects.create(user=mary, group=alice.group, leverage=100)


@pytest.mark.parametrize("action", ["deposit", "withdraw", "credit-in", "credit-out"])
def test_nobody_moves_the_own_money(
    own: Account, mary: User, browser: Browser, action: str
) -> None:
    assert send(browser(mary), place(own, action), amount="10").status_code == 403
    assert money_of(own) == 0
    assert not Entry.objects.exists()


@pytest.mark.parametrize("action", ["correct", "reverse"])
def test_nor_corrects_it(
    own: Account, mary: User, otto: User, browser: Browser, action: str
) -> None:
    done(browser(otto), place(own, "deposit"), amount="10")
    row = Trade.objects.get(account=own)
    url = f"/admin/trading/trade/{row.order}/do/{action}/"
    assert send(browser(mary), url, amount="10").status_code == 403
    assert money_of(own) == 10


def test_nor_approves_what_others_ask_for_it(
    own: Account, mary: User, otto: User, admin: User, browser: Browser
) -> None:
    done(browser(otto), place(own, "deposit"), amount="5000")
    approval: Any = Approval.objects.get()
    assert decide(browser(mary), approval).status_code == 403
    assert money_of(own) == 0
    assert decide(browser(admin), approval).status_code == 302
    assert money_of(own) == 5000

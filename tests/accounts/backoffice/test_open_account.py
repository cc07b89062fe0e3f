"""Staff open accounts for new clients."""

from decimal import Decimal

import pytest
from django.test import Client

from accounts.models import Account, Group, User
from audit.models import Entry
from tests import factories
from tests.backoffice.actions.account_actions import (
    execute_form,
    form_data,
    post_form,
    refusal_text,
)
from tests.backoffice.fixtures import Browser
from trading.models import Trade

OPEN = "/admin/accounts/account/do/open/"
NEW = {"name": "Nora New", "email": "nora@example.com", "phone": "+44 20 1234"}


@pytest.fixture
def giving(db: None) -> Group:
    return factories.group("gift-usd", leverage=200, default_deposit=Decimal("150.5"))


def test_an_account_is_opened_with_the_groups_defaults(
    giving: Group, mary: User, browser: Browser
) -> None:
    answer = execute_form(browser(mary), OPEN, **NEW, group=giving.pk)
    password = answer.context["done"].secret.text
    assert "Password, shown only once" in answer.content.decode()
    account = Account.objects.get()
    user = account.user
    assert (user.name, user.email, user.phone) == tuple(NEW.values())
    assert (user.type, user.is_staff) == (0, False)
    assert (account.group, account.leverage, account.balance) == (giving, 200, Decimal("150.5"))
    assert Trade.objects.get().comment == "first deposit"
    body = {"login": account.login, "password": password}
    assert Client().post("/sign/in", body, content_type="application/json").status_code == 200
    entry = Entry.objects.get()
    assert (entry.action, entry.login, entry.before) == ("open", account.login, {})
    assert entry.after["balance"] == "150.5"
    assert entry.after["email"] == "nora@example.com"
    assert password not in repr(entry.__dict__)


def test_a_typed_password_is_neither_shown_nor_audited(
    giving: Group, mary: User, browser: Browser
) -> None:
    answer = execute_form(
        browser(mary), OPEN, **NEW, group=giving.pk, password="her own", leverage="33"
    )
    assert answer.status_code == 302
    account = Account.objects.get()
    assert account.user.check_password("her own")
    assert account.leverage == 33
    assert Entry.objects.get().after["password"] == "***"
    page = browser(mary).get(answer["Location"]).content.decode()
    assert "her own" not in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"email": "no mail"},
        {"group": "999999"},
        {"group": "x"},
        {"leverage": "0"},
        {"leverage": "10001"},
        {"password": "five5"},
        {"password": "x" * 65},
        {"name": "a\0b"},
    ],
)
def test_an_invalid_field_is_named_and_opens_no_account(
    giving: Group, mary: User, browser: Browser, wrong: dict[str, str]
) -> None:
    fields = {**NEW, "group": str(giving.pk), **wrong}
    assert next(iter(wrong)) in refusal_text(post_form(browser(mary), OPEN, **fields))
    assert not Account.objects.exists()
    assert not Entry.objects.exists()


def test_a_disabled_group_is_neither_offered_nor_accepted(mary: User, browser: Browser) -> None:
    closed = factories.group("closed-usd", enabled=False)
    client = browser(mary)
    assert "closed-usd" not in client.get(OPEN).content.decode()
    assert "group" in refusal_text(post_form(client, OPEN, **NEW, group=closed.pk))
    assert not Account.objects.exists()


def test_the_same_form_twice_opens_one_account(giving: Group, mary: User, browser: Browser) -> None:
    client, form = browser(mary), form_data(**NEW, group=giving.pk)
    assert client.post(OPEN, form).status_code == 200
    again = client.post(OPEN, form)
    assert again.status_code == 302
    assert Account.objects.count() == 1
    assert client.get(again["Location"].replace("../../", "/admin/accounts/account/")).status_code

"""A manager who is limited to groups neither sees nor changes anything of other groups."""

from typing import Any

import pytest
from django.contrib import admin as django_admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from accounts.models import Account, Group, User
from backoffice.actions import registry
from market.models import Symbol
from tests import factories
from tests.accounts.backoffice.account_rows import create_account_rows
from tests.backoffice.actions.account_actions import action_url, form_data
from tests.backoffice.fixtures import Browser
from tests.conftest import Signed, error_of
from trading.models import Trade

PAGES = django_admin.site._registry
OWN = {
    model
    for model, page in PAGES.items()
    if getattr(page, "group_path", "") or getattr(page, "login_path", "")
}


@pytest.fixture
def world(
    alice: Account, bob: Account, eurusd: Symbol, admin: User
) -> tuple[dict[type[Model], Model], dict[type[Model], Model]]:
    """Alice's rows, which Mia must not see, and Bob's, which are hers."""
    return create_account_rows(alice, eurusd), create_account_rows(bob, eurusd)


@pytest.fixture
def all_seeing(mia: User) -> User:
    """Mia with every permission: only the scope limits her."""
    from django.contrib.auth.models import Permission

    mia.user_permissions.set(Permission.objects.all())
    return mia


def address(model: type[Model], page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def test_every_page_of_account_rows_declares_the_path_to_the_account(
    world: tuple[Any, Any],
) -> None:
    theirs = set(world[0])
    assert theirs <= set(OWN)
    nobodys = {model._meta.label for model in set(PAGES) - set(OWN)}
    for label in nobodys:
        fields = {
            field.related_model for model in PAGES if model._meta.label == label
            for field in model._meta.concrete_fields
        }  # fmt: skip
        assert not fields & {Account, Group, Trade}, f"{label} leads to an account"


def test_the_fixture_has_a_row_for_every_page(world: tuple[Any, Any]) -> None:
    assert {model._meta.label for model in OWN} == {model._meta.label for model in world[0]}


@pytest.mark.usefixtures("no_menu")
def test_lists_searches_and_typed_filters_show_only_rows_of_the_scope(
    world: tuple[dict[type[Model], Model], dict[type[Model], Model]],
    all_seeing: User,
    browser: Browser,
) -> None:
    client = browser(all_seeing)
    alices, bobs = world
    for model in OWN:
        for query in ("", "?q=100001", "?q=demo-usd", "?q=Alice"):
            shown = client.get(address(model, "changelist") + query)
            assert shown.status_code == 200, model
            keys = {row.pk for row in shown.context["cl"].result_list}
            assert alices[model].pk not in keys, (model, query)
            assert query or bobs[model].pk in keys, model
        assert client.get(address(model, "change", bobs[model].pk)).status_code == 200, model
        for page in ("change", "delete"):
            answer = client.get(address(model, page, alices[model].pk))
            assert answer.status_code in (302, 403, 404), (model, page)
            forged = {"name": "x", "post": "yes"}
            answer = client.post(address(model, page, alices[model].pk), forged)
            assert answer.status_code in (302, 403, 404), (model, page)
        assert client.get(address(model, "live", alices[model].pk)).status_code == 404, model


def test_exports_hold_only_rows_of_the_scope(
    world: tuple[Any, Any], all_seeing: User, browser: Browser
) -> None:
    client = browser(all_seeing)
    for model in OWN:
        answer = client.get(address(model, "export", "csv"))
        assert answer.status_code == 200, model
        text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
        assert "100001" not in text, model
        assert "demo-usd" not in text, model


@pytest.mark.usefixtures("no_menu")
def test_no_page_mentions_an_account_outside_the_scope(
    world: tuple[dict[type[Model], Model], dict[type[Model], Model]],
    all_seeing: User,
    browser: Browser,
) -> None:
    client = browser(all_seeing)
    for model in PAGES:
        urls = [address(model, "changelist")]
        urls += [address(model, "change", world[1][model].pk)] if model in world[1] else []
        urls += [address(model, "add")]
        for url in urls:
            page = client.get(url).content.decode()
            assert "demo-usd" not in page, url
            assert "Alice" not in page, url
            assert "100001" not in page, url


def test_every_action_outside_the_scope_is_404_and_changes_nothing(
    world: tuple[dict[type[Model], Model], dict[type[Model], Model]],
    all_seeing: User,
    browser: Browser,
) -> None:
    client, rows = browser(all_seeing), world[0]
    by_label = {model._meta.label_lower: model for model in rows}
    before = {model: list(model._default_manager.order_by("pk").values()) for model in rows}
    tried = 0
    for (label, name), action in registry.all_actions().items():
        if action.on_list or label not in by_label:
            continue
        url = address(by_label[label], "act", rows[by_label[label]].pk, name)
        fields = form_data(
            amount="5", leverage="50", group=rows[Group].pk, volume="0.01", lots="0.01"
        )
        assert client.get(url).status_code == 404, url
        assert client.post(url, fields).status_code == 404, url
        tried += 1
    assert tried >= 13
    assert before == {model: list(model._default_manager.order_by("pk").values()) for model in rows}


def test_a_forged_form_cannot_open_or_move_an_account_into_another_group(
    alice: Account, bob: Account, mia: User, browser: Browser
) -> None:
    client = browser(mia)
    new = {"name": "n", "email": "n@example.com", "group": alice.group_id}
    url = "/admin/accounts/account/do/open/"
    assert "group" in client.post(url, form_data(**new)).context["form"].errors
    form = form_data(group=alice.group_id, leverage=100)
    assert "group" in client.post(action_url(bob, "terms"), form).context["form"].errors
    bob.refresh_from_db()
    assert bob.group.name == "std-eur"
    assert Account.objects.count() == 2
    for page in (url, action_url(bob, "terms")):
        assert "demo-usd" not in client.get(page).content.decode()


TYPED = [
    "accounts/account/?group__id__exact={group}",
    "accounts/account/?group__name=demo-usd",
    "accounts/account/?user__name=Alice",
    "accounts/user/?name__startswith=A",
    "trading/trade/?account=100001",
    "trading/trade/?account__exact=100001",
    "audit/entry/?login=100001",
    "audit/signin/?login=100001",
    "backoffice/approval/?login=100001",
]


@pytest.mark.usefixtures("no_menu")
def test_a_typed_filter_finds_nothing_outside_the_scope(
    world: tuple[Any, Any], all_seeing: User, browser: Browser, subtests: pytest.Subtests
) -> None:
    client = browser(all_seeing)
    for query in TYPED:
        with subtests.test(query):
            answer = client.get(f"/admin/{query.format(group=world[0][Group].pk)}")
            if answer.status_code == 200:
                found = answer.context["cl"].result_list
                assert world[0][found.model].pk not in {row.pk for row in found}
            else:
                assert answer.status_code in (302, 400, 403, 404)


@pytest.mark.parametrize(
    "path",
    [
        "/account/balance",
        "/account/me",
        "/trades?tradeType=1&limit=9&offset=0",
        "/price_alert/logs",
        "/account/changes?since=0",
    ],
)
def test_the_rest_api_answers_only_for_accounts_of_the_scope(
    world: tuple[Any, Any], mia: User, signed_in: Signed, path: str
) -> None:
    client = signed_in(mia)
    others = client.get(f"{path}{'&' if '?' in path else '?'}login=100001")
    assert others.status_code == 403
    assert "10000" not in others.content.decode()


def test_the_balance_over_rest_is_limited_to_the_scope(
    alice: Account, bob: Account, mia: User, signed_in: Signed
) -> None:
    client = signed_in(mia)
    assert client.get("/account/balance?login=100002").status_code == 200
    assert error_of(client.get("/account/balance?login=100001")) == (403, "PERMISSION_DENIED")


def test_only_administrators_set_a_scope_and_only_for_staff(
    alice: Account, carol: User, mary: User, admin: User, browser: Browser
) -> None:
    from tests.backoffice.forms import submit

    factories.group("STD-USD")
    page = "/admin/accounts/user/{}/change/"
    client = browser(admin)
    assert submit(client, page.format(3), managed_groups="STD-*,!STD-TEST").status_code == 302
    assert User.objects.get(pk=3).managed_groups == "STD-*,!STD-TEST"
    submit(client, page.format(100001), managed_groups="x", city="Riga")
    assert User.objects.get(pk=100001).managed_groups == ""
    submit(browser(mary), page.format(100001), managed_groups="x", city="Ogre")
    assert User.objects.get(pk=100001).managed_groups == ""
    assert browser(mary).post(page.format(4), {"managed_groups": ""}).status_code == 403


def test_a_scope_that_matches_no_group_shows_nothing(
    alice: Account, mia: User, browser: Browser
) -> None:
    User.objects.filter(pk=mia.pk).update(managed_groups="none-*")
    client = browser(mia)
    assert list(client.get("/admin/accounts/account/").context["cl"].result_list) == []
    assert client.get("/admin/accounts/account/100001/change/").status_code == 302


def test_staff_without_a_scope_see_all_accounts(
    alice: Account, bob: Account, mary: User, browser: Browser
) -> None:
    page = browser(mary).get("/admin/accounts/account/")
    assert {row.pk for row in page.context["cl"].result_list} == {100001, 100002}


def test_a_new_group_that_matches_the_scope_is_visible_at_once(
    bob: Account, mia: User, browser: Browser
) -> None:
    client = browser(mia)
    factories.client(100009, factories.group("std-new"), name="Nina")
    page = client.get("/admin/accounts/account/")
    assert {row.pk for row in page.context["cl"].result_list} == {100002, 100009}


def test_a_changed_scope_holds_without_a_new_sign_in(bob: Account, mia: User) -> None:
    client = Client()
    client.force_login(mia)
    User.objects.filter(pk=mia.pk).update(managed_groups="demo-*")
    assert client.get("/admin/accounts/account/100002/change/").status_code == 302

"""Superusers add staff in one form, and see how staff sign in."""

from typing import Any

import pytest
from django.contrib.auth.models import Group as Role
from django.test import Client

from accounts.models import User
from audit.models import Entry, SignIn
from core.clock import now_ms
from staff_auth import second_factor
from staff_auth.errors import WrongCode
from tests import factories
from tests.backoffice.actions.account_actions import execute_form, post_form
from tests.backoffice.fixtures import Browser
from tests.backoffice.forms import sign_in

ADD = "/admin/accounts/user/do/add-staff/"
CHANGE = "/admin/accounts/user/2/change/"
NEW = {"name": "Nell New", "email": "nell@example.com", "type": "1"}


def role(name: str) -> int:
    return Role.objects.get(name=name).pk


def test_staff_are_added_with_all_their_rights(admin: User, browser: Browser) -> None:
    factories.group("std-usd")
    roles = [role("support"), role("dealer")]
    answer = execute_form(browser(admin), ADD, **NEW, groups=roles, managed_groups="std-*")
    password = answer.context["done"].secret.text
    nell = User.objects.get(name="Nell New")
    assert (nell.type, nell.email, nell.managed_groups) == (1, "nell@example.com", "std-*")
    assert (nell.is_superuser, hasattr(nell, "account")) == (False, False)
    assert set(nell.groups.values_list("pk", flat=True)) == set(roles)
    assert sign_in(Client(), str(nell.pk), password).status_code == 302
    entry = Entry.objects.get(action="add-staff")
    assert (entry.reason, entry.staff_id, entry.key) == ("asked by phone", 1, str(nell.pk))
    assert entry.after["groups"] == [f"dealer (#{roles[1]})", f"support (#{roles[0]})"]
    assert password not in repr(entry.__dict__)


def test_an_added_admin_may_do_everything(admin: User, browser: Browser) -> None:
    execute_form(browser(admin), ADD, **NEW | {"type": "3"})
    assert User.objects.get(name="Nell New").is_superuser


@pytest.mark.parametrize(
    ("rights", "field"),
    [
        ({"type": "1"}, "groups"),
        ({"type": "2"}, "groups"),
        ({"type": "1", "managed_groups": "xyz-*"}, "managed_groups"),
        ({"type": "3", "managed_groups": "xyz-*"}, "managed_groups"),
        ({"type": "0"}, "type"),
        ({"groups": ["\0"]}, "groups"),
        ({"type": "1", "reason": ""}, "reason"),
    ],
)
def test_useless_rights_are_refused_at_their_field(
    admin: User, browser: Browser, rights: dict[str, Any], field: str
) -> None:
    factories.group("std-usd")
    roles = {} if field == "groups" else {"groups": [role("support")]}
    answer = post_form(browser(admin), ADD, **NEW | roles | rights)
    assert list(answer.context["form"].errors) == [field]
    assert not User.objects.filter(name="Nell New").exists()


@pytest.mark.parametrize(
    ("rights", "field"),
    [({"groups": []}, "groups"), ({"managed_groups": "xyz-*"}, "managed_groups")],
)
def test_a_change_to_useless_rights_is_refused(
    admin: User, dan: User, browser: Browser, rights: dict[str, Any], field: str
) -> None:
    factories.group("std-usd")
    client = browser(admin)
    form = client.get(CHANGE).context["adminform"].form
    values = {name: form[name].value() for name in form.fields} | rights
    filled = {name: value for name, value in values.items() if value not in (None, "", False)}
    answer: Any = client.post(CHANGE, filled)
    assert list(answer.context["adminform"].form.errors) == [field]
    dan.refresh_from_db()
    assert (dan.managed_groups, dan.groups.get().name) == ("", "dealer")


def test_the_list_says_how_staff_sign_in(
    admin: User, dan: User, carol: User, mary: User, browser: Browser
) -> None:
    second_factor.enrol_user(user=carol, secret=second_factor.generate_secret(), step=0)
    SignIn.objects.bulk_create(
        SignIn(time=now_ms(), login=2, door=SignIn.Door.ADMIN, outcome=WrongCode.outcome)
        for _ in range(30)
    )
    page = browser(admin).get("/admin/accounts/user/").content.decode()
    assert page.count('data-label="Second factor">yes') == 1
    assert page.count('data-label="Second factor">no') == 3
    assert page.count("/do/unlock/") == 1
    assert '<a href="/admin/accounts/user/2/do/unlock/">locked out: unlock</a>' in page
    assert "/do/unlock/" not in browser(mary).get("/admin/accounts/user/").content.decode()
    assert 'href="/admin/password_change/"' in page

"""Superusers make roles of the broker's own; the shipped ones stay as they are."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Group as Role
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.enums import SessionType
from accounts.models import User
from audit.models import Entry
from backoffice.roles.roles import ADMINISTRATOR, ROLES
from backoffice.roles.sentences import describe_permission, grantable_permissions
from tests.backoffice.forms import submit
from tests.conftest import staff

ADD = "/admin/auth/group/add/"


@pytest.fixture
def boss(admin: User, client: Client) -> Client:
    client.force_login(admin)
    return client


def key(codename: str) -> int:
    return Permission.objects.get(codename=codename).pk


def test_staff_may_do_what_their_own_role_says(boss: Client) -> None:
    submit(boss, ADD, name="auditor", permissions=[key("view_entry")])
    entry = Entry.objects.get(model="auth.group")
    assert (entry.action, entry.reason, entry.after["name"]) == ("add", "asked", "auditor")
    role = Role.objects.get(name="auditor")
    client = Client()
    client.force_login(staff(50, "Ada", SessionType.MANAGER, "auditor"))
    pages = ("audit/entry", "accounts/account")
    assert [client.get(f"/admin/{page}/").status_code for page in pages] == [200, 403]
    url = f"/admin/auth/group/{role.pk}/change/"
    submit(boss, url, permissions=[key("view_account")])
    assert [client.get(f"/admin/{page}/").status_code for page in pages] == [403, 200]
    assert client.get(ADD).status_code == client.get(url).status_code == 403


def test_every_permission_of_the_roles_is_offered_as_a_sentence(boss: Client) -> None:
    offered = {f"{p.content_type.app_label}.{p.codename}" for p in grantable_permissions()}
    assert offered == set(ADMINISTRATOR)
    sentences = {describe_permission(p) for p in grantable_permissions()}
    assert {"See accounts", "Take lists away as files"} <= sentences
    page = boss.get(ADD).content.decode()
    assert all(sentence in page for sentence in ("See accounts", "Take lists away as files"))
    assert {"See account groups", "See symbol groups"} <= sentences
    assert not {"See groups", "Change groups"} & sentences


def test_pages_of_roles_are_below_staff_roles(boss: Client) -> None:
    role = Role.objects.get(name="dealer")
    for url in ("/admin/auth/group/", ADD, f"/admin/auth/group/{role.pk}/change/"):
        page = boss.get(url).content.decode()
        assert "Staff roles" in page
        assert not re.search(r"Authentication|>\s*Groups\s*<", page)


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "Manager"},
        {"name": "support"},
        {"name": ""},
        {"permissions": []},
        {"permissions": ["9" * 30]},
        {"permissions": ["add_symbol"]},
        {"_reason": ""},
    ],
)
def test_a_role_that_may_not_be_is_refused(boss: Client, fields: dict[str, Any]) -> None:
    asked = [key(name) if name == "add_symbol" else name for name in fields.get("permissions", [])]
    given = {"name": "own", "permissions": [key("view_entry")], "_reason": "asked", **fields}
    answer: Any = boss.post(ADD, given | ({"permissions": asked} if asked else {}))
    assert answer.context["adminform"].form.errors
    assert set(Role.objects.values_list("name", flat=True)) == set(ROLES)


def test_a_shipped_role_is_compared_and_cannot_change(boss: Client) -> None:
    url = f"/admin/auth/group/{Role.objects.get(name='dealer').pk}/change/"
    page = boss.get(url).content.decode()
    assert "What the roles may do" in page
    assert 'name="_reason"' not in page
    assert boss.post(url, {"name": "x", "_reason": "asked"}).status_code == 403

"""Fields that a form does not offer change nothing, however they are posted."""

from typing import Any

import pytest
from django.contrib.auth.models import Group as Role
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.enums import SessionType
from accounts.models import Account, User
from tests.backoffice.forms import sign_in
from tests.conftest import Signed, staff

RIGHTS = {
    "type": "3",
    "is_superuser": "on",
    "is_staff": "on",
    "managed_groups": "*",
    "session_version": "99",
    "password": "md5$x$y",
    "user_permissions": "1",
}


@pytest.fixture
def mary(db: None) -> User:
    return staff(4, "Mary", SessionType.MANAGER, "manager")


def browser(who: User) -> Client:
    """Return a client signed in over the admin's form."""
    client = Client()
    assert sign_in(client, str(who.pk)).status_code == 302
    return client


def post_with_extra_fields(client: Client, url: str, **more: Any) -> Any:
    """Post the page's own form together with fields that no one may set."""
    form = client.get(url).context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    filled = {n: v for n, v in values.items() if v not in (None, "", False)}
    groups = {"groups": [str(role.pk) for role in Role.objects.all()]}
    return client.post(url, {**filled, **RIGHTS, **groups, "_reason": "asked", **more})


@pytest.mark.parametrize("login", [100001, 3, 4])
def test_a_manager_cannot_raise_a_users_rights(
    alice: Account,
    carol: User,
    mary: User,
    login: int,
) -> None:
    client = browser(mary)
    before = User.objects.get(pk=login)
    url = f"/admin/accounts/user/{login}/change/"
    if client.get(url).context and client.get(url).context.get("adminform"):
        post_with_extra_fields(client, url, name="Changed")
    else:
        client.post(url, {**RIGHTS, "name": "Changed"})
    after = User.objects.get(pk=login)
    for field in ("type", "is_superuser", "managed_groups", "password"):
        assert getattr(after, field) == getattr(before, field), field
    assert set(after.groups.all()) == set(before.groups.all())
    assert not after.user_permissions.exists()


def test_roles_cannot_be_changed_over_http(
    admin: User,
    mary: User,
) -> None:
    role = Role.objects.get(name="support")
    before = set(role.permissions.all())
    every = [str(pk) for pk in Permission.objects.values_list("pk", flat=True)]
    for who in (mary, admin):
        browser(who).post(
            f"/admin/auth/group/{role.pk}/change/",
            {"name": "support", "permissions": every, "_reason": "asked"},
        )
    assert set(Role.objects.get(name="support").permissions.all()) == before


def test_a_sign_up_ignores_rights_and_login_fields(anonymous: Any, db: None) -> None:
    from tests.factories import group

    group("demo-usd", public=True)
    body = {"name": "Eve", "email": "eve@example.com", "password": "a secret", "type": 3}
    answer = anonymous.post("/sign/up", body | {"is_superuser": 1})
    assert answer.status_code == 400
    assert not User.objects.filter(email="eve@example.com").exists()


def test_a_body_cannot_change_another_logins_rows(
    alice: Account, bob: Account, signed_in: Signed
) -> None:
    body = {"login": 100001, "password": "a new secret", "old_password": "correct horse"}
    assert signed_in(bob).put("/password", body).status_code == 403
    assert User.objects.get(pk=100001).check_password("correct horse")

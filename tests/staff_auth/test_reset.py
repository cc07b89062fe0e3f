"""Administrators reset a lost second factor, audited."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import Account, User
from audit.models import Entry
from staff_auth.models import Factor, RecoveryCode
from tests.backoffice.forms import sign_in
from tests.conftest import Signed
from tests.staff_auth.conftest import AuthenticatorApp

PAGE = "/admin/accounts/user/3/change/"
RESET = "/admin/accounts/user/3/do/reset_second_factor/"


@pytest.fixture
def client(admin: User) -> Client:
    client = Client()
    sign_in(client, "1")
    return client


def reset(client: Client, **more: Any) -> Any:
    key = client.get(RESET).context["form"]["form"].value()
    return client.post(RESET, {"reason": "lost at sea", "form": key, **more})


def test_an_administrator_resets_a_second_factor(
    client: Client, telephone: AuthenticatorApp
) -> None:
    assert RESET in client.get(PAGE).content.decode()
    assert reset(client).status_code == 302
    assert not Factor.objects.exists()
    assert not RecoveryCode.objects.exists()
    entry = Entry.objects.get(action="reset_second_factor")
    assert (entry.staff_id, entry.key, entry.reason) == (1, "3", "lost at sea")
    assert (entry.before, entry.after) == ({"second_factor": True}, {"second_factor": False})
    carol = Client()
    sign_in(carol, "3")
    assert carol.get("/admin/").status_code == 200
    assert RESET not in client.get(PAGE).content.decode()


def test_a_reset_ends_the_users_sessions(
    client: Client, telephone: AuthenticatorApp, signed_in: Signed
) -> None:
    hers, rest = Client(), signed_in(telephone.user)
    sign_in(hers, "3", code=telephone.code())
    assert rest.get("/sign/check").status_code == 200
    reset(client)
    assert hers.get("/admin/").status_code == 302
    assert rest.get("/sign/check").status_code == 401


def test_a_reset_needs_a_reason(client: Client, telephone: AuthenticatorApp) -> None:
    assert reset(client, reason="").status_code == 200
    assert Factor.objects.exists()


@pytest.mark.parametrize("role", ["manager", "dealer", "support", "administrator"])
def test_only_administrators_reset_a_second_factor(
    dan: User, telephone: AuthenticatorApp, role: str
) -> None:
    from django.contrib.auth.models import Group as Role

    dan.groups.set([Role.objects.get(name=role)])
    client = Client()
    sign_in(client, "2")
    assert client.post(RESET, {"reason": "x"}).status_code == 403
    assert Factor.objects.exists()


def test_administrators_cannot_reset_their_own(admin: User) -> None:
    mine = AuthenticatorApp(admin)
    client = Client()
    sign_in(client, "1", code=mine.code())
    page = "/admin/accounts/user/1/"
    assert "reset_second_factor" not in client.get(f"{page}change/").content.decode()
    assert client.post(f"{page}do/reset_second_factor/", {"reason": "x"}).status_code == 403
    assert Factor.objects.exists()


def test_a_user_without_a_second_factor_cannot_be_reset(client: Client, alice: Account) -> None:
    url = "/admin/accounts/user/100001/do/reset_second_factor/"
    assert client.post(url, {"reason": "x"}).status_code == 403


def test_the_command_resets_the_last_administrators_second_factor(admin: User, capsys: Any) -> None:
    AuthenticatorApp(admin)
    call_command("reset_second_factor", "1", "--reason", "telephone broken")
    assert not Factor.objects.exists()
    entry = Entry.objects.get()
    assert (entry.action, entry.staff_id, entry.reason) == (
        "reset_second_factor",
        None,
        "telephone broken",
    )
    assert "without a second factor" in capsys.readouterr().out
    client = Client()
    sign_in(client, "1")
    assert client.get("/admin/").status_code == 200


def test_the_command_refuses_an_unknown_login(db: None) -> None:
    with pytest.raises(CommandError, match="there is no login 4711"):
        call_command("reset_second_factor", "4711", "--reason", "x")
    assert not Entry.objects.exists()

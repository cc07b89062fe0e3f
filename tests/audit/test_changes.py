"""Staff's changes are audited with the values before and after, in the same transaction."""

from typing import Any

import pytest
from django.contrib.auth.models import Group as Role
from django.test import Client

from accounts.models import Account, Group, User
from audit import recording
from audit.models import Entry
from market.schedules import Holiday
from scripts.models import Script
from tests import factories
from tests.backoffice.forms import sign_in, submit
from tests.conftest import Signed

NEW = "new password"
PASSWORDS = {"password1": NEW, "password2": NEW, "set-password": "1"}


@pytest.fixture
def client(admin: User) -> Client:
    client = Client(REMOTE_ADDR="203.0.113.9")
    sign_in(client, "1")
    return client


def test_a_changed_form_names_what_changed_and_nothing_else(client: Client) -> None:
    group = factories.group("std", title="Old")
    submit(client, f"/admin/accounts/group/{group.pk}/change/", title="New", leverage=50)
    entry = Entry.objects.get()
    assert (entry.action, entry.model, entry.key) == ("change", "accounts.group", str(group.pk))
    assert (entry.staff_id, entry.address, entry.label) == (1, "203.0.113.9", "std")
    assert entry.reason == "asked"
    assert entry.before == {"title": "Old", "leverage": 100}
    assert entry.after == {"title": "New", "leverage": 50}


@pytest.mark.parametrize("reason", ["", "  "])
def test_nothing_is_changed_or_added_without_a_reason(client: Client, reason: str) -> None:
    group = factories.group("std", title="Old")
    page = f"/admin/accounts/group/{group.pk}/change/"
    assert 'name="_reason"' in client.get(page).content.decode()
    holiday = {"name": "May", "date": "2027-05-01"}
    for url, fields in ((page, {"title": "New"}), ("/admin/market/holiday/add/", holiday)):
        with pytest.raises(AssertionError, match="Say why"):
            submit(client, url, **fields, _reason=reason)
    sent = {"name": "May", "date": "2027-05-01", "symbols": "*", "_reason": reason}
    refused = client.post("/admin/market/holiday/add/", sent).content.decode()
    assert 'autofocus aria-invalid="true" aria-describedby="id__reason_error"' in refused
    submit(client, page, _reason=reason)  # nothing changes
    group.refresh_from_db()
    assert (group.title, Holiday.objects.exists()) == ("Old", False)


def test_roles_are_named_before_and_after(client: Client, carol: User) -> None:
    support = Role.objects.get(name="support")
    dealer, manager = (Role.objects.get(name=name) for name in ("dealer", "manager"))
    submit(client, "/admin/accounts/user/3/change/", groups=[dealer.pk, manager.pk])
    entry = Entry.objects.get()
    assert entry.login == 3
    assert entry.before == {"groups": [f"support (#{support.pk})"]}
    assert sorted(entry.after["groups"]) == sorted(
        [f"dealer (#{dealer.pk})", f"manager (#{manager.pk})"]
    )
    assert {role.name for role in carol.groups.all()} == {"dealer", "manager"}


def test_a_changed_reference_names_the_old_and_the_new_row(client: Client, eurusd: Any) -> None:
    from market.models import SymbolGroup

    old, new = eurusd.group, SymbolGroup.objects.create(name="Majors")
    submit(client, "/admin/market/symbol/EURUSD/change/", group=new.pk)
    entry = Entry.objects.get(model="market.symbol")
    assert (entry.before["group"], entry.after["group"]) == (old.pk, new.pk) == ("Forex", "Majors")


def test_setting_another_users_password_is_audited_without_its_value(
    client: Client, alice: Account
) -> None:
    body = {**PASSWORDS, "_reason": "asked by phone"}
    assert client.post("/admin/accounts/user/100001/password/", body).status_code == 302
    entry = Entry.objects.get()
    assert (entry.action, entry.login, entry.staff_id) == ("change", 100001, 1)
    assert entry.reason == "asked by phone"
    assert (entry.before, entry.after) == ({"password": "***"}, {"password": "***"})
    alice.user.refresh_from_db()
    stored = str(list(Entry.objects.values()))
    assert NEW not in stored
    assert alice.user.password not in stored


@pytest.mark.parametrize("reason", ["", "  ", "x" * 129])
def test_another_users_password_is_not_set_without_a_reason(
    client: Client, alice: Account, reason: str
) -> None:
    answer = client.post("/admin/accounts/user/100001/password/", {**PASSWORDS, "_reason": reason})
    assert list(answer.context["form"].errors) == ["_reason"]
    page = answer.content.decode()
    assert "All sessions of this login end." in page
    assert 'id="id__reason_error"' in page
    assert User.objects.get(pk=100001).password == alice.user.password
    assert not Entry.objects.exists()


def test_changing_the_own_password_is_audited_without_its_value(
    client: Client, admin: User
) -> None:
    body = {"old_password": factories.PASSWORD, "new_password1": NEW, "new_password2": NEW}
    assert client.post("/admin/password_change/", body).status_code == 302
    entry = Entry.objects.get()
    assert (entry.key, entry.after) == ("1", {"password": "***"})


def test_a_refused_form_writes_nothing(client: Client) -> None:
    body = {"old_password": "wrong", "new_password1": NEW, "new_password2": NEW}
    assert client.post("/admin/password_change/", body).status_code == 200
    assert not Entry.objects.exists()


def test_if_the_audit_entry_fails_the_password_is_not_changed(
    client: Client, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(recording, "record_entry", broken)
    client.raise_request_exception = False
    before = alice.user.password
    body = {**PASSWORDS, "_reason": "asked by phone"}
    assert client.post("/admin/accounts/user/100001/password/", body).status_code == 500
    alice.user.refresh_from_db()
    assert alice.user.password == before


def test_a_password_set_by_staff_over_rest_is_audited(
    admin: User, alice: Account, signed_in: Signed
) -> None:
    answer = signed_in(admin).post("/password", {"login": 100001, "password": NEW})
    assert answer.status_code == 200
    entry = Entry.objects.get()
    assert (entry.staff_id, entry.login, entry.after) == (1, 100001, {"password": "***"})
    assert NEW not in str(list(Entry.objects.values()))


def test_refused_changes_and_a_clients_own_password_are_not_audited(
    carol: User, alice: Account, signed_in: Signed
) -> None:
    assert signed_in(carol).post("/password", {"login": 100001, "password": NEW}).status_code == 403
    own = {"old_password": factories.PASSWORD, "password": NEW}
    assert signed_in(alice).post("/password", own).status_code == 200
    assert not Entry.objects.exists()


def test_fields_named_like_secrets_are_masked(admin: User) -> None:
    names = ("password", "new_password1", "secret", "webhook_secret", "token", "FEED_TOKEN")
    entry = recording.record_entry(None, "change", admin, before=dict.fromkeys(names, "s3cret"))
    entry.refresh_from_db()
    assert set(entry.before.values()) == {"***"}


def test_values_are_stored_exactly(admin: User, alice: Account) -> None:
    values = {
        "amount": factories.D("1.10000000"),
        "none": None,
        "flag": True,
        "row": alice,
        "many": [1, "two"],
        "long": "x" * 10_000,
        "nul": "a\0b",
    }
    entry = recording.record_entry(None, "change", admin, after=values)
    entry.refresh_from_db()
    assert entry.after == {
        "amount": "1.1",
        "none": None,
        "flag": True,
        "row": "100001",
        "many": [1, "two"],
        "long": "x" * 4000,
        "nul": "ab",
    }


@pytest.mark.usefixtures("alice")
def test_the_entry_names_the_login_that_the_row_is_about(admin: User) -> None:
    script = Script.objects.create(
        user_id=100001, name="n", script="s", created_time=1, updated_time=1
    )
    logins = [
        recording.record_entry(None, "x", row).login for row in (admin, script, Group.objects.get())
    ]
    assert logins == [1, 100001, None]

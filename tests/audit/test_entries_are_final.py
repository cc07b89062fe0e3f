"""Audit entries cannot be changed or deleted: over HTTP, by the ORM or in SQL."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit.models import Entry, SignIn
from tests.backoffice.fixtures import Browser
from tests.backoffice.forms import sign_in


@pytest.fixture
def entry(db: None) -> Entry:
    return Entry.objects.create(time=1, action="change", model="accounts.user", key="3", after={})


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET reason = 'other'",
        "UPDATE audit_entry SET staff = NULL",
        "DELETE FROM audit_entry",
    ],
)
def test_updating_or_deleting_an_entry_in_sql_is_refused(entry: Entry, statement: str) -> None:
    with (
        pytest.raises(IntegrityError, match="stands"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert Entry.objects.get() == entry


def test_saving_or_deleting_an_entry_by_the_orm_is_refused(entry: Entry) -> None:
    for act in (entry.delete, entry.save, Entry.objects.all().delete):
        with pytest.raises(IntegrityError), transaction.atomic():
            act()


def test_a_user_named_in_an_entry_cannot_be_deleted(admin: User) -> None:
    Entry.objects.create(time=1, action="x", staff=admin)
    statements = "DELETE FROM accounts_user WHERE login = 1; SET CONSTRAINTS ALL IMMEDIATE"
    with (
        pytest.raises(IntegrityError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statements)


@pytest.mark.parametrize("model", ["entry", "signin"])
@pytest.mark.parametrize("who", ["admin", "dan", "carol"])
def test_no_role_adds_changes_or_deletes_entries(
    request: pytest.FixtureRequest, entry: Entry, model: str, who: str
) -> None:
    sign = SignIn.objects.create(time=1, login=100001, door="api", outcome="OK")
    user = request.getfixturevalue(who)
    client = Client()
    sign_in(client, str(user.pk))
    row: Any = entry if model == "entry" else sign
    before = type(row).objects.filter(pk=row.pk).values().get()
    data = {"reason": "other", "outcome": "OK", "post": "yes", "action": "delete_selected"}
    for page, args in (("add", []), ("change", [row.pk]), ("delete", [row.pk])):
        answer = client.post(reverse(f"admin:audit_{model}_{page}", args=args), data)
        assert answer.status_code == 403, page
    selected = {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"}
    client.post(reverse(f"admin:audit_{model}_changelist"), selected)
    assert type(row).objects.filter(pk=row.pk).values().get() == before


def test_only_roles_with_the_permission_see_entries(
    entry: Entry, dan: User, carol: User, browser: Browser
) -> None:
    for user in (dan, carol):
        assert browser(user).get("/admin/audit/entry/").status_code == 403


@pytest.fixture
def browser() -> Browser:
    def of(who: Any) -> Client:
        client = Client()
        client.force_login(who)
        return client

    return of

"""Attempts to bypass the second factor and the lock-out."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient

from accounts.enums import SessionType
from accounts.models import User
from audit.models import Entry, SignIn
from core import locks
from staff_auth import second_factor
from staff_auth.models import Factor
from tests import factories
from tests.backoffice.forms import sign_in
from tests.conftest import error_of, staff
from tests.factories import PASSWORD
from tests.staff_auth.test_enrolling import enrol

OWN = "/admin/password_change/"


def change(client: Client, old: str) -> Any:
    new = {"new_password1": "newhorse", "new_password2": "newhorse"}
    return client.post(OWN, {"old_password": old, **new})


def test_a_repeated_sign_up_does_not_sign_in_a_user_who_became_staff(
    anonymous: APIClient, db: None
) -> None:
    factories.group("open", public=True)
    body = {"name": "New", "email": "new@example.com", "password": PASSWORD}
    login = anonymous.post("/sign/up", body, HTTP_IDEMPOTENCY_KEY="k").json()["login"]
    user = User.objects.get(pk=login)
    user.type = SessionType.MANAGER
    user.save()
    second_factor.enrol_user(user=user, secret=second_factor.generate_secret(), step=0)
    answer = anonymous.post("/sign/up", body, HTTP_IDEMPOTENCY_KEY="k")
    assert error_of(answer) == (403, "USER_NOT_FOUND_OR_INCORRECT")
    assert "token" not in answer.cookies
    assert SignIn.objects.latest("id").outcome == "WRONG_CODE"


def test_password_guesses_in_a_session_are_limited(dan: User, settings: Any) -> None:
    settings.STAFF_LOCKOUT_TRIES = 3
    client = Client()
    sign_in(client, "2")
    for guess in ("one", "two", "three"):
        assert "old_password" in change(client, guess).context["form"].errors
    assert [row.outcome for row in SignIn.objects.order_by("id")[1:]] == ["WRONG_PASSWORD"] * 3
    answer = change(client, PASSWORD)
    assert "try again later" in str(answer.context["form"].errors)
    dan.refresh_from_db()
    assert dan.check_password(PASSWORD)


def test_an_invalid_new_password_does_not_count_as_a_guess(dan: User) -> None:
    client = Client()
    sign_in(client, "2")
    new = {"old_password": PASSWORD, "new_password1": "x", "new_password2": "y"}
    assert client.post(OWN, new).status_code == 200
    assert [row.outcome for row in SignIn.objects.all()] == ["OK"]


@pytest.fixture
def hiccup(transactional_db: None) -> Iterator[None]:
    """Make the first audit entry meet a deadlock."""
    with connection.cursor() as cursor:
        cursor.execute("""
            CREATE SEQUENCE hiccups;
            CREATE FUNCTION hiccup() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF nextval('hiccups') = 1 THEN
                    RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01';
                END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER hiccup BEFORE INSERT ON audit_entry
            FOR EACH ROW EXECUTE FUNCTION hiccup()
        """)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION hiccup() CASCADE; DROP SEQUENCE hiccups")


def test_a_deadlock_does_not_lose_the_new_secret(
    hiccup: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "PAUSE", 0)
    dan = staff(2, "Dan", SessionType.DEALER)
    client = Client()
    sign_in(client, "2")
    assert len(enrol(client).context["codes"]) == 10
    assert Factor.objects.filter(pk=dan.pk).exists()
    assert Entry.objects.get().action == "enrol_second_factor"
    assert client.get("/admin/").status_code == 200


def test_a_deadlock_does_not_undo_a_new_password(
    hiccup: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "PAUSE", 0)
    dan = staff(2, "Dan", SessionType.DEALER)
    client = Client()
    sign_in(client, "2")
    assert change(client, PASSWORD).status_code == 302
    dan.refresh_from_db()
    assert dan.check_password("newhorse")
    assert client.get("/admin/").status_code == 200
    assert Entry.objects.get().after == {"password": "***"}

"""Changing passwords: a client's own, and by staff."""

import pytest
from rest_framework.test import APIClient

from accounts.enums import SessionType
from accounts.models import Account, User
from tests.conftest import Signed, error_of, staff
from tests.factories import PASSWORD

NEW = "a new secret"
OWN = {"old_password": PASSWORD, "password": NEW}


@pytest.fixture
def mary(db: None) -> User:
    """A manager, who may change users."""
    return staff(4, "Mary", SessionType.MANAGER, "manager")


def works(client: APIClient) -> bool:
    return client.get("/sign/check").status_code == 200


def has_password(login: int, password: str) -> bool:
    return User.objects.get(pk=login).check_password(password)


def test_the_new_password_works_and_the_old_one_does_not(
    signed_in: Signed, alice: Account, anonymous: APIClient
) -> None:
    assert signed_in(alice).put("/password", OWN).json() == {"data": "OK"}
    new = anonymous.post("/sign/in", {"login": alice.login, "password": NEW})
    assert new.status_code == 200
    old = anonymous.post("/sign/in", {"login": alice.login, "password": PASSWORD})
    assert error_of(old) == (403, "USER_NOT_FOUND_OR_INCORRECT")


def test_every_token_is_void_at_once_but_the_one_that_changed_the_password(
    signed_in: Signed, alice: Account
) -> None:
    asking, other = signed_in(alice), signed_in(alice)
    assert asking.put("/password", OWN).status_code == 200
    assert (works(asking), works(other)) == (True, False)
    again = {"old_password": NEW, "password": "a third secret"}
    assert asking.put("/password", again).status_code == 200
    assert works(asking)


def test_a_change_by_a_newer_token_voids_the_spared_one(signed_in: Signed, alice: Account) -> None:
    first = signed_in(alice)
    first.put("/password", OWN)
    alice.user.refresh_from_db()
    second = signed_in(alice)
    assert works(second)
    second.put("/password", {"old_password": NEW, "password": "a third secret"})
    assert (works(first), works(second)) == (False, True)


def test_a_spared_token_is_still_revoked_by_signing_out(signed_in: Signed, alice: Account) -> None:
    client = signed_in(alice)
    client.put("/password", OWN)
    assert client.post("/sign/out").status_code == 200
    assert not works(client)


def test_a_change_by_staff_spares_no_session(signed_in: Signed, alice: Account, mary: User) -> None:
    client, manager = signed_in(alice), signed_in(mary)
    client.put("/password", OWN)
    changed = manager.put("/password", {"login": alice.login, "password": "from support"})
    assert changed.json() == {"data": "OK", "login": "OK"}
    assert (works(client), works(manager)) == (False, True)
    assert has_password(alice.login, "from support")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({**OWN, "old_password": "wrong password"}, (401, "UPDATE_PASSWORD_ERROR")),
        ({**OWN, "old_password": "x"}, (401, "UPDATE_PASSWORD_ERROR")),
        ({"password": NEW}, (400, "INVALID_DATA")),
        ({"old_password": PASSWORD}, (400, "INVALID_DATA")),
        ({**OWN, "password": "short"}, (400, "INVALID_DATA")),
        ({**OWN, "password": "x" * 65}, (400, "INVALID_DATA")),
        ({**OWN, "password": 1234567}, (400, "INVALID_DATA")),
        ({**OWN, "old_password": ""}, (400, "INVALID_DATA")),
        ({**OWN, "login": 100002}, (403, "PERMISSION_DENIED")),
    ],
)
def test_a_refusal_changes_nothing(
    signed_in: Signed, alice: Account, body: dict[str, object], error: tuple[int, str]
) -> None:
    client, other = signed_in(alice), signed_in(alice)
    assert error_of(client.put("/password", body)) == error
    assert has_password(alice.login, PASSWORD)
    assert works(client)
    assert works(other)


def test_a_user_without_the_permission_cannot_change_the_password(
    signed_in: Signed, alice: Account
) -> None:
    User.objects.update(enable_change_password=False)
    assert error_of(signed_in(alice).put("/password", OWN)) == (403, "PERMISSION_DENIED")
    assert has_password(alice.login, PASSWORD)


def test_staff_name_the_login_and_no_old_password(
    signed_in: Signed, alice: Account, mary: User
) -> None:
    manager = signed_in(mary)
    assert error_of(manager.put("/password", {"password": NEW})) == (400, "INVALID_LOGIN")
    unknown = manager.put("/password", {"login": 5, "password": NEW})
    assert error_of(unknown) == (400, "INVALID_USER")
    both = manager.put("/password", {**OWN, "login": alice.login})
    assert error_of(both) == (400, "INVALID_DATA")


@pytest.mark.parametrize("who", ["carol", "dan"])
def test_a_role_that_cannot_change_users_changes_no_password(
    signed_in: Signed, alice: Account, request: pytest.FixtureRequest, who: str
) -> None:
    client = signed_in(request.getfixturevalue(who))
    for login in (alice.login, 5):
        answer = client.put("/password", {"login": login, "password": NEW})
        assert error_of(answer) == (403, "PERMISSION_DENIED")
    assert has_password(alice.login, PASSWORD)


@pytest.mark.parametrize("login", [1, 3, 4])
def test_a_manager_changes_no_password_of_staff(
    signed_in: Signed, admin: User, carol: User, mary: User, login: int
) -> None:
    answer = signed_in(mary).put("/password", {"login": login, "password": NEW})
    assert error_of(answer) == (403, "PERMISSION_DENIED")
    assert has_password(login, PASSWORD)


def test_an_administrator_changes_any_password_and_stays_signed_in_after_its_own(
    signed_in: Signed, admin: User, carol: User
) -> None:
    client, other = signed_in(admin), signed_in(admin)
    for login in (carol.login, admin.login):
        answer = client.put("/password", {"login": login, "password": NEW})
        assert answer.json() == {"data": "OK", "login": "OK"}
        assert has_password(login, NEW)
    assert (works(client), works(other)) == (True, False)

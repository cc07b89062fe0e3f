"""Signing in and out, and which tokens are valid."""

import pytest
from rest_framework.test import APIClient

from accounts.models import Account, User
from tests.conftest import Signed, error_of
from tests.factories import PASSWORD

FIELDS = {
    "id", "login", "regdate", "leverage", "email", "avatar", "name", "phone", "address", "city",
    "state", "country", "zipcode", "group", "currency", "__token",
}  # fmt: skip


def sign_in(client: APIClient, login: int, password: str = PASSWORD) -> object:
    return client.post("/sign/in", {"login": login, "password": password})


def test_the_answer_is_the_profile_and_a_token_that_works(
    anonymous: APIClient, alice: Account
) -> None:
    answer = anonymous.post("/sign/in", {"login": 100001, "password": PASSWORD})
    body = answer.json()
    assert set(body) == FIELDS
    assert (body["id"], body["group"], body["currency"]) == (100001, "demo-usd", "USD")
    for header in (body["__token"], f"Bearer {body['__token']}"):
        fresh = APIClient()
        assert fresh.get("/sign/check", headers={"authorization": header}).status_code == 200


def test_the_cookie_cannot_be_read_by_scripts_and_stays_on_this_site(
    anonymous: APIClient, alice: Account
) -> None:
    sign_in(anonymous, 100001)
    cookie = anonymous.cookies["token"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Strict")


def test_a_cookie_session_may_read_and_writes_only_from_this_site(
    anonymous: APIClient, alice: Account
) -> None:
    sign_in(anonymous, 100001)
    assert anonymous.get("/sign/check").status_code == 200
    assert error_of(anonymous.post("/sign/out")) == (403, "PERMISSION_DENIED")
    foreign = {"origin": "http://evil.example"}
    assert error_of(anonymous.post("/sign/out", headers=foreign))[0] == 403
    own = {"origin": "http://testserver"}
    assert anonymous.post("/sign/out", headers=own).json() == {"data": "OK"}


def test_an_unknown_login_and_a_wrong_password_get_the_same_answer(
    anonymous: APIClient, alice: Account
) -> None:
    unknown = anonymous.post("/sign/in", {"login": 99, "password": PASSWORD})
    wrong = anonymous.post("/sign/in", {"login": 100001, "password": "wrong password"})
    assert error_of(unknown) == error_of(wrong) == (403, "USER_NOT_FOUND_OR_INCORRECT")
    assert unknown.content == wrong.content


def test_user_disabled_is_answered_only_to_the_right_password(
    anonymous: APIClient, eve: Account
) -> None:
    assert error_of(sign_in(anonymous, 100003)) == (402, "USER_DISABLED")
    assert error_of(sign_in(anonymous, 100003, "wrong password"))[0] == 403


def test_a_user_without_account_has_no_group(anonymous: APIClient, db: None) -> None:
    User.objects.create_user(50, PASSWORD)
    assert error_of(sign_in(anonymous, 50)) == (404, "GROUP_NOT_FOUND")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"login": 1},
        {"login": "100001", "password": PASSWORD},
        {"login": True, "password": PASSWORD},
        {"login": -1, "password": PASSWORD},
        {"login": 2**63, "password": PASSWORD},
        {"login": 1.5, "password": PASSWORD},
        {"login": 1, "password": "short"},
        {"login": 1, "password": "x" * 65},
        {"login": 1, "password": 123456},
        {"login": 1, "password": "nul\x00nul"},
        {"login": 1, "password": PASSWORD, "role": "admin"},
    ],
)
def test_an_invalid_field_is_named(anonymous: APIClient, db: None, body: dict[str, object]) -> None:
    assert error_of(anonymous.post("/sign/in", body)) == (400, "INVALID_DATA")


def test_after_signing_out_the_token_is_void(signed_in: Signed, alice: Account) -> None:
    client = signed_in(alice)
    assert client.post("/sign/out").json() == {"data": "OK"}
    assert error_of(client.get("/account/me")) == (401, "PERMISSION_DENIED")


def test_a_newer_session_version_voids_older_tokens(signed_in: Signed, alice: Account) -> None:
    client = signed_in(alice)
    User.objects.filter(pk=alice.pk).update(session_version=2)
    assert error_of(client.get("/account/me")) == (401, "PERMISSION_DENIED")


def test_a_session_of_a_disabled_user_gets_account_disabled(
    signed_in: Signed, eve: Account
) -> None:
    assert error_of(signed_in(eve).get("/account/me")) == (403, "RET_ACCOUNT_DISABLED")


@pytest.mark.parametrize("token", ["", "x", "Bearer", "a.b.c", "Bearer a.b.c", "é"])
def test_a_malformed_token_is_refused(anonymous: APIClient, db: None, token: str) -> None:
    headers = {"authorization": token.encode().decode("latin-1")}
    assert error_of(anonymous.get("/account/me", headers=headers)) == (401, "PERMISSION_DENIED")

"""Every sign-in and every try is logged, over REST and in the backoffice."""

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Account, User
from audit.models import Entry, SignIn
from tests import factories
from tests.backoffice.forms import sign_in
from tests.conftest import Signed
from tests.factories import PASSWORD

FROM: Any = {"REMOTE_ADDR": "203.0.113.9", "HTTP_USER_AGENT": "Terminal/7 \0 x"}


def rest(client: APIClient, login: Any, password: str = PASSWORD) -> Any:
    return client.post("/sign/in", {"login": login, "password": password}, **FROM)


def rows() -> list[tuple[Any, ...]]:
    found = SignIn.objects.order_by("id")
    return list(found.values_list("login", "outcome", "door", "address", "agent"))


def test_a_clients_sign_in_over_rest_is_logged(alice: Account, anonymous: APIClient) -> None:
    rest(anonymous, alice.login)
    assert rows() == [(100001, "OK", "api", "203.0.113.9", "Terminal/7  x")]


@pytest.mark.parametrize(
    ("login", "password", "outcome"),
    [
        (100001, "not the password", "USER_NOT_FOUND_OR_INCORRECT"),
        (4711, PASSWORD, "USER_NOT_FOUND_OR_INCORRECT"),
        (2**63 - 1, PASSWORD, "USER_NOT_FOUND_OR_INCORRECT"),
        (100003, PASSWORD, "USER_DISABLED"),
        (100003, "not the password", "USER_NOT_FOUND_OR_INCORRECT"),
        (100009, PASSWORD, "GROUP_NOT_FOUND"),
    ],
)
@pytest.mark.usefixtures("alice", "eve")
def test_refused_sign_ins_are_logged(
    anonymous: APIClient, login: int, password: str, outcome: str
) -> None:
    User.objects.create_user(100009, PASSWORD)
    assert rest(anonymous, login, password).status_code >= 400
    assert [row[:3] for row in rows()] == [(login, outcome, "api")]


def test_a_repeat_with_an_idempotency_key_is_logged_again(
    alice: Account, anonymous: APIClient
) -> None:
    body = {"login": alice.login, "password": "not the password"}
    for _ in range(2):
        anonymous.post("/sign/in", body, HTTP_IDEMPOTENCY_KEY="once")
    assert len(rows()) == 2


def test_malformed_credentials_are_not_logged(anonymous: APIClient, db: None) -> None:
    assert rest(anonymous, "x").status_code == 400
    assert rest(anonymous, 3, "short").status_code == 400
    assert rows() == []


def test_a_rate_limited_try_is_not_logged(
    alice: Account, anonymous: APIClient, settings: Any
) -> None:
    settings.LIMIT_SIGN_LOGIN = 2
    statuses = [rest(anonymous, alice.login, "not the password").status_code for _ in range(4)]
    assert statuses == [403, 403, 429, 429]
    assert len(rows()) == 2


def test_a_sign_up_is_logged_with_the_new_login(anonymous: APIClient, db: None) -> None:
    factories.group("open", public=True)
    body = {"name": "New", "email": "new@example.com", "password": PASSWORD}
    login = anonymous.post("/sign/up", body, **FROM).json()["login"]
    assert [row[:3] for row in rows()] == [(login, "OK", "api")]


def test_a_repeated_and_a_refused_sign_up_are_logged(anonymous: APIClient, db: None) -> None:
    factories.group("open", public=True)
    factories.group("closed")
    body = {"name": "New", "email": "new@example.com", "password": PASSWORD}
    for _ in range(2):
        login = anonymous.post("/sign/up", body, HTTP_IDEMPOTENCY_KEY="k").json()["login"]
    anonymous.post("/sign/up", {**body, "group": "closed"})
    assert [row[:2] for row in rows()] == [(login, "OK"), (login, "OK"), (0, "GROUP_NOT_PUBLIC")]


@pytest.mark.parametrize(
    ("login", "password", "written", "outcome"),
    [
        ("3", PASSWORD, 3, "OK"),
        ("3", "not hers", 3, "USER_NOT_FOUND_OR_INCORRECT"),
        ("4711", PASSWORD, 4711, "USER_NOT_FOUND_OR_INCORRECT"),
        ("100001", PASSWORD, 100001, "NOT_STAFF"),
        ("carol", PASSWORD, 0, "USER_NOT_FOUND_OR_INCORRECT"),
        ("9" * 40, PASSWORD, 0, "USER_NOT_FOUND_OR_INCORRECT"),
    ],
)
@pytest.mark.usefixtures("alice", "carol")
def test_backoffice_sign_ins_are_logged_with_their_outcome(
    login: str, password: str, written: int, outcome: str
) -> None:
    sign_in(Client(), login, password, **FROM)
    assert rows() == [(written, outcome, "admin", "203.0.113.9", "Terminal/7  x")]


def test_a_sign_in_of_disabled_staff_at_the_backoffice_is_logged(carol: User) -> None:
    User.objects.filter(pk=3).update(enable=False)
    sign_in(Client(), "3")
    assert rows()[0][:2] == (3, "USER_DISABLED")


def test_the_address_is_the_one_that_the_proxy_names(alice: Account, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    hops = "198.51.100.1, 198.51.100.7"
    sign_in(Client(), "3", HTTP_X_FORWARDED_FOR=hops, REMOTE_ADDR="10.0.0.1")
    assert rows()[0][3] == "198.51.100.7"


def test_staff_signing_out_over_rest_is_audited(carol: User, signed_in: Signed) -> None:
    client = signed_in(carol)
    assert client.post("/sign/out", {}, **FROM).status_code == 200
    entry = Entry.objects.get()
    assert (entry.action, entry.staff_id, entry.key) == ("sign_out", 3, "3")
    assert entry.address == "203.0.113.9"
    assert client.post("/sign/out", {}).status_code == 401
    assert Entry.objects.count() == 1


def test_a_client_signing_out_is_not_audited(alice: Account, signed_in: Signed) -> None:
    signed_in(alice).post("/sign/out", {})
    assert not Entry.objects.exists()


def test_signing_out_of_the_backoffice_is_audited(carol: User) -> None:
    client = Client()
    sign_in(client, "3")
    assert client.post("/admin/logout/").status_code == 200
    assert (Entry.objects.get().action, Entry.objects.get().staff_id) == ("sign_out", 3)
    client.post("/admin/logout/")
    assert Entry.objects.count() == 1

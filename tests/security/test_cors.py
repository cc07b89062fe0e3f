"""Cross-origin requests: only named sites may read answers, and the backoffice none."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Account
from tests import factories
from tests.conftest import Signed

TERMINAL, STRANGER = "https://terminal.example", "https://evil.example"
ALLOW = "Access-Control-Allow-Origin"


def preflight(client: APIClient, origin: str, path: str = "/trade/open") -> Any:
    return client.options(
        path,
        HTTP_ORIGIN=origin,
        HTTP_ACCESS_CONTROL_REQUEST_METHOD="POST",
        HTTP_ACCESS_CONTROL_REQUEST_HEADERS="authorization,idempotency-key",
    )


@pytest.fixture
def named(settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = [TERMINAL]


def test_by_default_no_site_is_allowed(signed_in: Signed, alice: Account) -> None:
    client = signed_in(alice)
    assert ALLOW not in preflight(client, TERMINAL).headers
    assert ALLOW not in client.get("/account/me", HTTP_ORIGIN=TERMINAL).headers


@pytest.mark.usefixtures("named")
def test_a_named_site_may_call_with_a_token_and_read_our_headers(
    signed_in: Signed, alice: Account
) -> None:
    client = signed_in(alice)
    asked = preflight(client, TERMINAL).headers
    assert asked[ALLOW] == TERMINAL
    assert "idempotency-key" in asked["Access-Control-Allow-Headers"]
    answer = client.get("/account/me", HTTP_ORIGIN=TERMINAL)
    assert (answer.status_code, answer.headers[ALLOW]) == (200, TERMINAL)
    assert "X-Account-Seq" in answer.headers["Access-Control-Expose-Headers"]


@pytest.mark.usefixtures("named")
def test_a_named_site_cannot_use_the_session_cookie(signed_in: Signed, alice: Account) -> None:
    headers = preflight(signed_in(alice), TERMINAL).headers
    assert "Access-Control-Allow-Credentials" not in headers


@pytest.mark.usefixtures("named")
def test_a_named_site_reads_times_and_rate_limits(signed_in: Signed, alice: Account) -> None:
    client = signed_in(alice)
    exposed = client.get("/time", HTTP_ORIGIN=TERMINAL).headers["Access-Control-Expose-Headers"]
    for name in ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Date"):
        assert name in exposed
    asked = preflight(client, TERMINAL).headers
    assert asked["Access-Control-Allow-Methods"] == "DELETE, GET, HEAD, OPTIONS, POST, PUT"
    assert "x-requested-with" in asked["Access-Control-Allow-Headers"]


@pytest.mark.usefixtures("named")
def test_a_named_site_can_read_what_was_refused_before_any_view(anonymous: APIClient) -> None:
    for answer in (
        anonymous.get("/docs?" + "&" * 1000, HTTP_ORIGIN=TERMINAL),
        anonymous.generic("GET", "/docs", "{}", "application/json", HTTP_ORIGIN=TERMINAL),
    ):
        assert (answer.status_code, answer.headers[ALLOW]) == (400, TERMINAL)
    refused = preflight(anonymous, TERMINAL, "/trade/open?" + "&" * 1000)
    assert (refused.status_code, refused.headers[ALLOW]) == (400, TERMINAL)


@pytest.mark.parametrize(
    "origin", ["https://webtrader.example", "capacitor://localhost", "http://localhost:5173"]
)
def test_a_named_site_signs_in_and_gets_no_cookie(
    settings: Any, anonymous: APIClient, alice: Account, origin: str
) -> None:
    settings.CORS_ALLOWED_ORIGINS = [TERMINAL, origin]
    factories.group("open-usd", public=True)
    person = {"name": "Zoe", "email": "zoe@example.com", "password": factories.PASSWORD}
    known = {"login": alice.login, "password": factories.PASSWORD}
    for path, body in (("/sign/in", known), ("/sign/up", person)):
        answer = anonymous.post(path, body, headers={"origin": origin})
        assert (answer.status_code, answer.headers[ALLOW]) == (200, origin), answer.content
        assert not answer.cookies
        token = {"authorization": answer.json()["__token"], "origin": origin}
        assert anonymous.get("/sign/check", headers=token).status_code == 200
        assert not anonymous.post("/sign/out", headers=token).cookies


@pytest.mark.usefixtures("named")
@pytest.mark.parametrize("origin", [STRANGER, "null", TERMINAL + ".evil.example"])
def test_other_sites_than_the_named_do_not_sign_in(
    anonymous: APIClient, alice: Account, origin: str
) -> None:
    known = {"login": alice.login, "password": factories.PASSWORD}
    answer = anonymous.post("/sign/in", known, headers={"origin": origin})
    assert (answer.status_code, answer.json()["error"]) == (403, "PERMISSION_DENIED")
    assert ALLOW not in answer.headers
    assert not answer.cookies


@pytest.mark.usefixtures("named")
@pytest.mark.parametrize(
    "origin", [STRANGER, "null", TERMINAL + ".evil.example", "http://terminal.example"]
)
def test_other_sites_are_not_allowed(signed_in: Signed, alice: Account, origin: str) -> None:
    client = signed_in(alice)
    assert ALLOW not in preflight(client, origin).headers
    assert ALLOW not in client.get("/account/me", HTTP_ORIGIN=origin).headers


@pytest.mark.usefixtures("named")
def test_the_backoffice_allows_no_other_site(anonymous: APIClient, db: None) -> None:
    assert ALLOW not in preflight(anonymous, TERMINAL, "/admin/login/").headers


def test_every_api_answer_varies_by_origin(alice: Account, signed_in: Signed) -> None:
    client = signed_in(alice)
    assert "origin" in client.get("/account/me").headers["Vary"].lower()
    other = client.get("/account/me", headers={"origin": "https://elsewhere.example"})
    assert "origin" in other.headers["Vary"].lower()
    assert "Access-Control-Allow-Origin" not in other.headers

"""Request bodies: their size, their place, and which sites may send them."""

import json
from io import BytesIO
from typing import Any, cast

import pytest
from rest_framework.test import APIClient

from accounts.models import Account
from core.session_tokens import SessionToken
from market.models import Symbol
from scripts.models import Script
from tests import factories
from tests.api.test_every_route import OWN_AUTHENTICATION, each_call
from tests.conftest import Signed, error_of
from trading.enums import State
from trading.models import Trade

MIB = 1024 * 1024
BUY = {"cmd": 0, "volume": 100, "symbol": "EURUSD", "sl": 0, "tp": 0}
SIGN_IN = {"login": 100001, "password": factories.PASSWORD}


@pytest.mark.parametrize("size", [2 * MIB + 1, 5 * MIB])
def test_a_body_beyond_the_limit_is_refused_before_it_is_parsed(
    anonymous: APIClient, db: None, size: int
) -> None:
    body: Any = json.dumps({"login": 1, "password": "x"}).ljust(size).encode()
    answer = anonymous.generic("POST", "/sign/in", body, "application/json")
    assert error_of(answer) == (400, "INVALID_DATA")
    assert "too large" in answer.json()["message"]


def test_a_length_that_is_too_large_is_refused_unread(anonymous: APIClient, db: None) -> None:
    body: Any = json.dumps(SIGN_IN).encode()
    answer = anonymous.generic(
        "POST", "/sign/in", body, "application/json", CONTENT_LENGTH=str(3 * MIB)
    )
    assert "too large" in answer.json()["message"]


@pytest.mark.parametrize("come", [b"", b'{"vol', b'{"volume": 3'])
def test_a_truncated_body_is_refused_and_closes_no_position(
    alice: Account, signed_in: Signed, eurusd: Symbol, come: bytes
) -> None:
    """A server may hand on what came before the connection ended, with the length of the whole."""
    client = signed_in(alice)
    order = client.post("/trade/open", {**BUY, "volume": 10}).json()["order"]
    raw: dict[str, Any] = {"wsgi.input": BytesIO(come), "CONTENT_LENGTH": "13"}
    path, kind = f"/trade/close?order={order}", "application/json"
    answer = client.generic("DELETE", path, content_type=kind, **raw)
    assert error_of(answer) == (400, "INVALID_DATA")
    assert client.get("/trades?limit=10&offset=0&tradeType=1").json()["rows"][0][0] == order
    assert Trade.objects.filter(pk=order, state=State.OPEN, parent=None).exists()


def test_a_body_within_the_limit_is_read(alice: Account, anonymous: APIClient) -> None:
    body: Any = json.dumps(SIGN_IN).ljust(2 * MIB).encode()
    assert anonymous.generic("POST", "/sign/in", body, "application/json").status_code == 200


def test_the_largest_script_fits_even_fully_escaped(alice: Account, signed_in: Signed) -> None:
    text = "\x01" * 256 * 1024
    answer = signed_in(alice).post("/script", {"name": "n", "script": text})
    assert answer.status_code == 200, answer.content
    assert Script.objects.get().script == text


def test_the_most_quotes_of_a_push_fit(settings: Any, db: None, anonymous: APIClient) -> None:
    settings.FEED_TOKEN = "secret"
    quote = ["ABCDEFGHIJKLMNOP", 12345.12345678, 12345.12345679, 1_700_000_000_000]
    answer = anonymous.post(
        "/feed/quotes", {"quotes": [quote] * 10_000}, headers={"authorization": "secret"}
    )
    assert "too large" not in answer.json()["message"]


def test_a_write_takes_nothing_from_the_query(
    signed_in: Signed, alice: Account, subtests: pytest.Subtests
) -> None:
    client, nothing = signed_in(alice), cast("str", b"")  # the stub knows no bytes
    for subtest, path, method in each_call(subtests, OWN_AUTHENTICATION):
        if method in ("post", "put"):
            with subtest:
                answer = client.generic(method.upper(), f"/{path}?prefix=a", nothing)
                assert error_of(answer) == (400, "INVALID_DATA")
                assert "prefix: belongs in the body" in answer.json()["message"]


def test_trade_parameters_in_the_query_of_a_post_are_refused(
    alice: Account, eurusd: Symbol, signed_in: Signed
) -> None:
    client = signed_in(alice)
    answer = client.post("/trade/open?sl=1.05", BUY)
    assert error_of(answer) == (400, "INVALID_DATA")
    assert not Trade.objects.live().exists()
    order = client.post("/trade/open", BUY).json()["order"]
    assert client.delete(f"/trade/close?order={order}").status_code == 200


@pytest.mark.parametrize("path", ["/sign/in", "/sign/up", "/sign/up/verify"])
@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://[", "http://testserver.evil"]
)
def test_a_sign_in_from_another_sites_page_is_refused(
    alice: Account, anonymous: APIClient, path: str, origin: str
) -> None:
    answer = anonymous.post(path, SIGN_IN, headers={"origin": origin})
    assert error_of(answer) == (403, "PERMISSION_DENIED")
    assert not answer.cookies


def test_a_sign_in_from_the_own_site_is_accepted(alice: Account, anonymous: APIClient) -> None:
    answer = anonymous.post("/sign/in", SIGN_IN, headers={"origin": "http://testserver"})
    assert answer.status_code == 200


@pytest.mark.parametrize("origin", ["http://[", "https://[::1", "null"])
def test_a_malformed_origin_counts_as_foreign(
    alice: Account, anonymous: APIClient, origin: str
) -> None:
    anonymous.cookies["token"] = str(SessionToken.issue(alice.login, 0, 1))
    answer = anonymous.post("/sign/out", {}, headers={"origin": origin})
    assert error_of(answer) == (403, "PERMISSION_DENIED")


@pytest.mark.parametrize("zero", ["0e-9999999", "-0.0", "0E+99", "0.000000000000"])
def test_every_spelling_of_zero_is_read_as_zero(
    alice: Account, eurusd: Symbol, signed_in: Signed, zero: str
) -> None:
    body: Any = json.dumps(BUY).replace('"sl": 0', f'"sl": {zero}').encode()
    answer = signed_in(alice).generic("POST", "/trade/open", body, "application/json")
    assert answer.status_code == 200, answer.content
    assert Trade.objects.live().get().sl == 0

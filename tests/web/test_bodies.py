"""Bodies with and without a length: each server reads them whole or refuses the request."""

import json
from typing import Any

import pytest
from django.conf import settings

from accounts.models import Account, User
from core.session_tokens import SessionToken
from market.models import Symbol
from settings_app.models import Setting
from tests import factories
from tests.conftest import error_of
from tests.web.raw_requests import JSON, Answer, chunked, request
from tests.web.web_servers import WebServer
from trading.models import Trade

MOST = settings.JSON_MAX_BYTES
MOST_OF_A_FORM = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
CSRF = "a" * 32
COOKIE = ("Cookie", f"{settings.CSRF_COOKIE_NAME}={CSRF}")
FORM = ("Content-Type", "application/x-www-form-urlencoded")
MULTIPART = ("Content-Type", "multipart/form-data; boundary=x")
SIGN_IN = json.dumps({"login": 100001, "password": factories.PASSWORD}).encode()


def send_chunked(
    web: WebServer, who: Account, method: str, path: str, pieces: int, **body: Any
) -> Answer:
    """Send a chunked request with the session of an account."""
    token = SessionToken.issue(who.login, 0, who.user.session_version)
    headers = JSON, ("Authorization", str(token))
    data = json.dumps(body).encode() if body else b""
    return web.send(chunked(method, path, *headers, body=data, pieces=pieces))


@pytest.mark.parametrize("pieces", [1, 7])
def test_a_chunked_close_closes_the_chunked_volume(
    web: WebServer, alice: Account, eurusd: Symbol, pieces: int
) -> None:
    """Taken for an empty one it would close the whole position."""
    buy = {"cmd": 0, "volume": 10, "symbol": "EURUSD", "sl": 0, "tp": 0}
    opened = send_chunked(web, alice, "POST", "/trade/open", pieces, **buy)
    assert opened.status == 200, opened.body
    order = opened.json()["order"]
    closed = send_chunked(web, alice, "DELETE", f"/trade/close?order={order}", pieces, volume=3)
    assert closed.json()["close_volume"] == 3
    assert Trade.objects.get(pk=order).volume == 7


def test_a_chunked_delete_deletes_the_named_setting(web: WebServer, alice: Account) -> None:
    for name in ("a", "b"):
        answer = send_chunked(web, alice, "PUT", "/settings", 1, prefix="x", name=name, value=1)
        assert answer.status == 200, answer.body
    assert send_chunked(web, alice, "DELETE", "/settings?prefix=x", 1, name="a").status == 200
    assert Setting.objects.get().name == "b"


def test_a_chunked_get_has_the_parameters_of_its_body(web: WebServer, alice: Account) -> None:
    answer = send_chunked(web, alice, "GET", "/trades", 3, limit=10, offset=0, tradeType=0)
    assert answer.status == 200, answer.body
    assert error_of(send_chunked(web, alice, "GET", "/limits", 1, volume=1)) == (
        400,
        "INVALID_DATA",
    )


def test_a_chunked_body_without_content_is_an_empty_one(web: WebServer, alice: Account) -> None:
    assert send_chunked(web, alice, "GET", "/account/me", 1).status == 200


def test_an_idempotency_key_is_bound_to_its_chunked_body(web: WebServer, alice: Account) -> None:
    def put(value: int) -> Answer:
        token = SessionToken.issue(alice.login, 0, 1)
        body = json.dumps({"prefix": "x", "name": "a", "value": value}).encode()
        headers = JSON, ("Authorization", str(token)), ("Idempotency-Key", "k1")
        return web.send(chunked("PUT", "/settings", *headers, body=body))

    assert [put(1).status, put(1).status, put(2).status] == [200, 200, 422]
    assert Setting.objects.get().value == "1"


@pytest.mark.parametrize("path", ["/sign/in", "/admin/login/", "/nope"])
def test_a_chunked_body_beyond_the_limit_is_refused(web: WebServer, path: str) -> None:
    headers = (FORM if "admin" in path else JSON), COOKIE
    most = MOST_OF_A_FORM if "admin" in path else MOST
    answer = web.send(chunked("POST", path, *headers, body=b"x" * (most + 2), pieces=40))
    form = 411 if web.name == "granian" else 400
    assert answer.status == {"/nope": 404, "/admin/login/": form}.get(path, 400)
    assert web.is_serving()


def test_the_largest_body_may_be_chunked(web: WebServer, alice: Account) -> None:
    answer = web.send(chunked("POST", "/sign/in", JSON, body=SIGN_IN.ljust(MOST), pieces=9))
    assert answer.status == 200, answer.body


@pytest.mark.parametrize("coding", ["gzip, chunked", "identity", "chunked, chunked", "x"])
def test_an_unknown_transfer_coding_is_not_read_as_an_empty_body(
    web: WebServer, alice: Account, coding: str
) -> None:
    raw = chunked("POST", "/sign/in", JSON, body=SIGN_IN)
    answer = web.send(raw.replace(b": chunked", f": {coding}".encode()))
    assert answer.status in (400, 501)
    assert b"required" not in answer.body


def test_a_content_length_with_chunks_is_not_read_as_an_empty_body(
    web: WebServer, alice: Account
) -> None:
    length = ("Content-Length", len(SIGN_IN))
    answer = web.send(chunked("POST", "/sign/in", JSON, length, body=SIGN_IN))
    assert answer.status in (200, 400)  # by chunks, as RFC 9112 has it, or refused
    assert b"required" not in answer.body


@pytest.mark.parametrize("way", ["urlencoded", "multipart"])
def test_a_chunked_form_is_read_or_refused(web: WebServer, admin: User, way: str) -> None:
    fields = {"csrfmiddlewaretoken": CSRF, "username": "1", "password": factories.PASSWORD}
    if way == "multipart":
        part = '--x\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
        body = "".join(part.format(*field) for field in fields.items()) + "--x--\r\n"
    else:
        body = "&".join(f"{name}={value}" for name, value in fields.items())
    kind = MULTIPART if way == "multipart" else FORM
    answer = web.send(chunked("POST", "/admin/login/", kind, COOKIE, body=body.encode()))
    if web.name == "granian":  # it does not tell the end of the body from that of the connection
        assert error_of(answer) == (411, "INVALID_DATA")
    else:
        assert answer.status == 302, answer.body


def test_a_slow_chunked_body_is_read(web: WebServer, alice: Account) -> None:
    raw = chunked("POST", "/sign/in", JSON, body=SIGN_IN, pieces=len(SIGN_IN))
    assert web.send([raw[at : at + 40] for at in range(0, len(raw), 40)]).status == 200


@pytest.mark.parametrize("path", ["/", "/docs", "/schema", "/admin/login/"])
@pytest.mark.parametrize("make", [chunked, request])
def test_a_body_where_none_is_read_is_refused(web: WebServer, path: str, make: Any) -> None:
    assert error_of(web.send(make("GET", path, JSON, body=b"{}"))) == (400, "INVALID_DATA")
    assert error_of(web.send(make("OPTIONS", "/trades", JSON, body=b"{}")))[0] in (400, 401)


def test_a_body_without_content_type_is_refused_where_none_is_read(web: WebServer) -> None:
    answer = web.send(chunked("POST", "/sign/in", body=SIGN_IN))
    assert error_of(answer) == (415, "UNSUPPORTED_MEDIA_TYPE")

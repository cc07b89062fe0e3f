"""A connection that ends within the body: nothing of the request is carried out."""

import json
import socket
from urllib.parse import urlencode

import pytest

from accounts.models import Account, User
from core.session_tokens import SessionToken
from market.models import Symbol
from tests import factories
from tests.runtime.process_helpers import wait_until
from tests.web.raw_requests import CHUNKED, JSON, Header, chunked, request
from tests.web.test_bodies import COOKIE, CSRF, FORM
from tests.web.web_servers import WebServer
from trading.enums import State
from trading.models import Trade

BODY = b'{"volume": 3}'
LENGTH = ("Content-Length", len(BODY))


def abandon(web: WebServer, raw: bytes, path: str) -> None:
    """Send it, end the connection, and wait until the server is done with it.

    daphne drops it; granian hands it on as if its body ended there.
    """
    lines = web.log().count(path)
    with socket.create_connection(("127.0.0.1", web.port), 20) as connection:
        connection.sendall(raw)
    if web.name == "granian":
        wait_until(lambda: web.log().count(path) > lines)
    assert web.is_serving()


@pytest.mark.parametrize("how", [LENGTH, CHUNKED], ids=["length", "chunks"])
@pytest.mark.parametrize("come", [b"", BODY[:5]], ids=["nothing", "a part"])
def test_a_truncated_close_request_closes_nothing(
    web: WebServer, alice: Account, eurusd: Symbol, how: Header, come: bytes
) -> None:
    token = SessionToken.issue(alice.login, 0, alice.user.session_version)
    headers = JSON, ("Authorization", str(token))
    buy = {"cmd": 0, "volume": 10, "symbol": "EURUSD", "sl": 0, "tp": 0}
    order = web.send(request("POST", "/trade/open", *headers, body=json.dumps(buy).encode()))
    assert order.status == 200, order.body
    number = order.json()["order"]
    raw = request("DELETE", f"/trade/close?order={number}", *headers, how)
    if come and how is CHUNKED:
        come = b"%x\r\n%b\r\n" % (len(come), come)
    abandon(web, raw + come, "DELETE /trade/close")
    assert Trade.objects.get(pk=number, parent=None).state == State.OPEN
    assert Trade.objects.exclude(symbol=None).count() == 1


def test_a_truncated_form_is_not_processed(web: WebServer, admin: User) -> None:
    fields = {"csrfmiddlewaretoken": CSRF, "username": "1", "password": factories.PASSWORD}
    body = urlencode(fields | {"next": "/admin/"}).encode()
    raw = request("POST", "/admin/login/", FORM, COOKIE, ("Content-Length", len(body)))
    abandon(web, raw + body[:-12], "POST /admin/login/")
    admin.refresh_from_db()
    assert admin.last_login is None


@pytest.mark.parametrize("kind", [JSON, FORM])
def test_an_empty_chunked_body_gets_411_where_its_end_is_unknown(
    web: WebServer, kind: Header
) -> None:
    """Where nobody can tell whether it is empty or lost; daphne waits for its end."""
    answer = web.send(chunked("DELETE", "/trade/close?order=1", kind, body=b""))
    if web.name == "granian":
        assert (answer.status, answer.json()["error"]) == (411, "INVALID_DATA")
    else:
        assert answer.status == 401

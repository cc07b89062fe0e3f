"""Every answer names its request id, and so does every line logged during the request."""

import re

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Account, User
from tests.conftest import Signed
from tests.observe.captured_output import captured_log

MADE = re.compile(r"[0-9a-f]{32}")
UNFIT = [
    "",
    "short",
    "x" * 65,
    "with space in it",
    "-begins-with-a-dash",
    "line\r\nSet-Cookie: a=b",
    "line\nINFO forged: line",
    "nul\0byte-in-it",
    "ümlaut-in-it",
    '"quoted-word"',
    "semi;colon-here",
    "<script>alert(1)</script>",
    "..%2f..%2fetc%2fpasswd",
]


@pytest.mark.parametrize("given", ["abcdefgh", "3f2c-9.A_b", "x" * 64])
def test_a_well_formed_request_id_is_used(anonymous: APIClient, db: None, given: str) -> None:
    with captured_log() as log:
        answer = anonymous.get("/sign/check", headers={"x-request-id": given})
    assert answer["X-Request-ID"] == given
    assert {line["request_id"] for line in log.lines} == {given}


@pytest.mark.parametrize("given", UNFIT)
def test_a_malformed_request_id_is_replaced(anonymous: APIClient, db: None, given: str) -> None:
    with captured_log() as log:
        answer = anonymous.get("/sign/check", HTTP_X_REQUEST_ID=given)
    assert MADE.fullmatch(answer["X-Request-ID"])
    assert len(log.lines_of("observe.access_log")) == 1
    assert not given or given not in log.text


def test_each_request_gets_its_own_id(anonymous: APIClient, db: None) -> None:
    ids = {anonymous.get("/sign/check")["X-Request-ID"] for _ in range(20)}
    assert len(ids) == 20


@pytest.mark.parametrize("path", ["/nope", "/admin/login/", "/docs", "/", "/static/none.css"])
def test_every_kind_of_page_has_a_request_id(db: None, path: str) -> None:
    assert MADE.fullmatch(Client().get(path)["X-Request-ID"])


def test_the_access_line_has_login_method_route_status_and_duration(
    signed_in: Signed, alice: Account
) -> None:
    with captured_log() as log:
        signed_in(alice).get("/account/me?limit=3")
    (line,) = log.lines_of("observe.access_log")
    assert line["level"] == "INFO"
    assert line["login"] == 100001
    assert (line["method"], line["route"], line["status"]) == ("GET", "/account/me", 400)
    assert 0 < line["duration_ms"] < 60_000
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])
    assert "limit" not in log.text


def test_the_lines_of_a_service_name_request_and_login(
    signed_in: Signed, alice: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trading.api.views.services.open_market", broken)
    with captured_log() as log:
        answer = signed_in(alice).post(
            "/trade/open", {"cmd": 0, "symbol": "EURUSD", "volume": 10, "sl": 0, "tp": 0}
        )
    assert answer.status_code == 500
    (line,) = log.lines_of("api.errors")
    assert (line["request_id"], line["login"]) == (answer["X-Request-ID"], 100001)
    assert "ZeroDivisionError" in line["exception"]
    assert log.lines_of("observe.access_log")[0]["level"] == "WARNING"


def broken(**_: object) -> None:
    raise ZeroDivisionError


def test_the_access_line_names_staff_in_the_backoffice(admin: User) -> None:
    client = Client()
    client.force_login(admin)
    with captured_log() as log:
        client.get("/admin/")
    assert log.lines_of("observe.access_log")[0]["login"] == 1


def test_lines_outside_of_a_request_have_no_id(anonymous: APIClient, db: None) -> None:
    import logging

    anonymous.get("/sign/check")
    with captured_log() as log:
        logging.getLogger("any").info("afterwards")
    assert "request_id" not in log.lines[0]


def test_a_development_line_ends_with_request_id_and_login(
    signed_in: Signed, alice: Account
) -> None:
    with captured_log("line") as log:
        answer = signed_in(alice).get("/account/me")
    pattern = r"INFO observe\.access_log: GET /account/me 200 [\d.]+ ms \[(\w+), 100001\]\n"
    found = re.fullmatch(pattern, log.text)
    assert found is not None
    assert found[1] == answer["X-Request-ID"]

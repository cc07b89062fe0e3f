"""Rate limits: what is counted, what is answered, and when requests are accepted again."""

import time
from typing import Any
from urllib.parse import urlencode

import pytest
from rest_framework.test import APIClient

from accounts.models import Account, User
from market.models import Symbol
from tests import factories
from tests.api.idempotency.keyed_writes import BUY, send_buy
from tests.conftest import Signed, error_of
from tests.runtime.process_helpers import wait_until
from trading.models import Trade


def sign_in(client: APIClient, login: int, **more: Any) -> Any:
    body = {"login": login, "password": "wrong guess"}
    return client.post("/sign/in", body, **more)


def test_headers_show_what_the_tightest_rule_leaves(
    signed_in: Signed, alice: Account, eurusd: Symbol, settings: Any
) -> None:
    settings.LIMIT_ADDRESS, settings.LIMIT_TRADING = 100, 5
    client = signed_in(alice)
    read = client.get("/account/me").headers
    assert (read["X-RateLimit-Limit"], read["X-RateLimit-Remaining"]) == ("100", "99")
    assert time.time() <= int(read["X-RateLimit-Reset"]) <= time.time() + 3
    write = client.post("/trade/open", BUY).headers
    assert (write["X-RateLimit-Limit"], write["X-RateLimit-Remaining"]) == ("5", "4")
    assert "Retry-After" not in write


def test_too_many_trading_requests_are_refused_until_the_client_has_waited(
    signed_in: Signed, alice: Account, eurusd: Symbol, settings: Any
) -> None:
    settings.LIMIT_TRADING = 2
    client = signed_in(alice)
    answers = [client.post("/trade/open", BUY) for _ in range(4)]
    done = [answer for answer in answers if answer.status_code == 200]
    refused = [answer for answer in answers if answer.status_code != 200]
    assert error_of(refused[-1]) == (429, "RET_TRADE_TOO_MANY_REQ")
    assert refused[-1].headers["Retry-After"] == "1"
    assert refused[-1].headers["X-RateLimit-Remaining"] == "0"
    assert Trade.objects.positions().count() == len(done)
    wait_until(lambda: client.post("/trade/open", BUY).status_code == 200, within=3)


def test_reading_trades_is_not_counted_as_trading(
    signed_in: Signed, alice: Account, settings: Any
) -> None:
    settings.LIMIT_TRADING = 1
    client = signed_in(alice)
    for _ in range(5):
        assert client.get("/trades?limit=1&offset=0&tradeType=0").status_code == 200


def test_trading_is_counted_for_each_login(
    signed_in: Signed, alice: Account, bob: Account, eurusd: Symbol, settings: Any
) -> None:
    settings.LIMIT_TRADING = 1
    statuses = [signed_in(who).post("/trade/cancel", {}).status_code for who in (alice, alice, bob)]
    assert statuses == [405, 429, 405]


def test_all_requests_of_an_address_are_counted_with_or_without_a_session(
    signed_in: Signed, anonymous: APIClient, alice: Account, settings: Any
) -> None:
    settings.LIMIT_ADDRESS = 3
    anonymous.credentials(HTTP_AUTHORIZATION="no token")
    assert error_of(anonymous.get("/market"))[0] == 401
    assert signed_in(alice).get("/market").status_code == 200
    assert error_of(signed_in(alice).get("/trades"))[0] == 400
    answer = signed_in(alice).get("/market")
    assert error_of(answer) == (429, "RET_TOO_FREQUENT")
    assert 1 <= int(answer.headers["Retry-After"]) <= 20
    assert error_of(anonymous.get("/market")) == (429, "RET_TOO_FREQUENT")
    other = signed_in(alice).get("/market", REMOTE_ADDR="192.0.2.9")
    assert other.status_code == 200


def test_a_refused_request_is_not_counted_by_the_other_rules(
    signed_in: Signed, alice: Account, settings: Any
) -> None:
    settings.LIMIT_ADDRESS, settings.LIMIT_TRADING = 50, 1
    client = signed_in(alice)
    for _ in range(30):
        client.post("/trade/open", {})
    assert int(client.get("/market").headers["X-RateLimit-Remaining"]) > 40


def test_guessing_one_logins_password_is_limited_for_the_guessing_address(
    anonymous: APIClient, alice: Account, bob: Account, settings: Any
) -> None:
    settings.LIMIT_SIGN_LOGIN = 3
    for _ in range(3):
        answer = sign_in(anonymous, alice.login, REMOTE_ADDR="192.0.2.7")
        assert error_of(answer) == (403, "USER_NOT_FOUND_OR_INCORRECT")
    right: Any = {"login": alice.login, "password": factories.PASSWORD}
    refused = anonymous.post("/sign/in", right, REMOTE_ADDR="192.0.2.7")
    assert error_of(refused) == (429, "RET_TOO_FREQUENT")
    assert refused.json()["message"].startswith("at most 3 requests per 60 seconds and login and")
    assert 1 <= int(refused.headers["Retry-After"]) <= 20
    assert error_of(sign_in(anonymous, bob.login, REMOTE_ADDR="192.0.2.7"))[0] == 403
    assert anonymous.post("/sign/in", right, REMOTE_ADDR="192.0.2.8").status_code == 200


def test_a_bad_token_with_another_login_is_counted_for_the_sender(
    anonymous: APIClient, alice: Account, signed_in: Signed, settings: Any
) -> None:
    settings.LIMIT_SIGN_LOGIN = 1
    body: Any = {"login": alice.login, "old_password": factories.PASSWORD, "password": "newhorse"}
    for _ in range(3):
        anonymous.put("/password", body, REMOTE_ADDR="192.0.2.7")
    assert signed_in(alice).put("/password", body).status_code == 200


@pytest.mark.parametrize("typed", ["100001", "+100001", "0100001", " 100001", "1_00001"])
def test_a_login_in_the_query_is_refused_before_the_password_is_checked(
    anonymous: APIClient, alice: Account, typed: str
) -> None:
    path = f"/sign/in?{urlencode({'login': typed, 'password': factories.PASSWORD})}"
    answer = anonymous.generic("POST", path, "", "application/json")
    assert error_of(answer) == (400, "INVALID_DATA")


def test_guessing_from_one_address_is_limited_over_all_logins(
    anonymous: APIClient, db: None, settings: Any
) -> None:
    settings.LIMIT_SIGN_ADDRESS = 3
    answers = [error_of(sign_in(anonymous, 200_000 + number)) for number in range(4)]
    assert answers[:3] == [(403, "USER_NOT_FOUND_OR_INCORRECT")] * 3
    assert answers[3] == (429, "RET_TOO_FREQUENT")
    assert error_of(anonymous.post("/sign/up", {})) == (429, "RET_TOO_FREQUENT")


def test_guessing_the_own_password_in_a_session_is_limited(
    signed_in: Signed, alice: Account, settings: Any
) -> None:
    settings.LIMIT_SIGN_LOGIN = 2
    body = {"old_password": "wrong guess", "password": "something new"}
    answers = [error_of(signed_in(alice).put("/password", body)) for _ in range(3)]
    assert answers[0] == answers[1] == (401, "UPDATE_PASSWORD_ERROR")
    assert answers[2] == (429, "RET_TOO_FREQUENT")


def test_a_malformed_sign_in_keeps_its_error(anonymous: APIClient, db: None, settings: Any) -> None:
    settings.LIMIT_SIGN_LOGIN = settings.LIMIT_ADDRESS = 100
    for body in (b"{", b"[]", b'{"login": "x"}', b'{"login": true}', b"{}"):
        sent: Any = body
        answer = anonymous.generic("POST", "/sign/in", sent, "application/json")
        assert error_of(answer) == (400, "INVALID_DATA")
    text = anonymous.generic("POST", "/sign/in", "login", "text/plain")
    assert error_of(text) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert text.headers["X-RateLimit-Remaining"] == "94"


def test_a_429_is_not_stored_under_an_idempotency_key(
    signed_in: Signed, alice: Account, eurusd: Symbol, settings: Any
) -> None:
    settings.LIMIT_TRADING = 1
    client = signed_in(alice)
    assert send_buy(client, "one").status_code == 200
    assert send_buy(client, "two").status_code == 429
    assert client.get("/requests/two").status_code == 404
    settings.LIMIT_TRADING = 0
    assert send_buy(client, "two").status_code == 200


def test_limits_lists_the_rules_and_what_is_left(
    signed_in: Signed, alice: Account, settings: Any
) -> None:
    settings.LIMIT_ADDRESS, settings.LIMIT_TRADING, settings.LIMIT_SIGN_LOGIN = 100, 2, 10
    client = signed_in(alice)
    client.post("/trade/open", {})
    body = client.get("/limits").json()
    assert body["structure"] == ["rule", "scope", "limit", "period", "remaining", "reset"]
    rows = {name: rest for name, *rest in body["rows"]}
    assert rows["address"][:4] == ["address", 100, 60, 98]
    assert rows["trading"][:3] == ["login", 2, 1]
    assert rows["sign_login"][:4] == ["login_address", 10, 60, 10]
    assert "sign_address" not in rows  # off
    again = {name: rest for name, *rest in client.get("/limits").json()["rows"]}
    assert again["trading"][3] <= 2  # looking costs nothing


def test_staff_ask_for_their_own_limits(signed_in: Signed, dan: User, settings: Any) -> None:
    settings.LIMIT_TRADING = 2
    assert signed_in(dan).get("/limits").json()["rows"][0][:4] == ["trading", "login", 2, 1]


def test_without_rules_there_are_no_headers(signed_in: Signed, alice: Account) -> None:
    answer = signed_in(alice).get("/limits")
    assert {row[3] for row in answer.json()["rows"]} == {0}, "totals alone"
    assert not any(name.startswith("X-RateLimit") for name in answer.headers)

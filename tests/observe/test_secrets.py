"""Secrets sent through real requests appear in no log line."""

import logging

import pytest
from django.conf import settings
from django.test import Client, override_settings
from rest_framework.test import APIClient

from accounts.models import Account, User
from core.session_tokens import SessionToken
from tests import factories
from tests.conftest import Signed
from tests.observe.captured_output import FORMATTERS, CapturedLog, captured_log

WRONG, NEW = "wr0ng-Passw0rd!", "n3w-Passw0rd#x"
FEED_TOKEN = "bridge-with-twenty-four-characters"
STYLES = sorted(FORMATTERS)
FIELDS = {"cmd": 0, "symbol": "EURUSD", "volume": 10, "sl": 0, "tp": 0}


def token_of(who: Account) -> str:
    user = who.user
    return str(SessionToken.issue(user.login, user.type, user.session_version))


def check_hidden(log: CapturedLog, *secrets: str) -> None:
    """Check that lines were logged, and that no secret nor a good part of one is in them."""
    assert log.text
    for secret in secrets:
        assert secret not in log.text
        assert secret[-12:] not in log.text


@pytest.mark.parametrize("style", STYLES)
def test_a_wrong_password_is_not_logged(anonymous: APIClient, alice: Account, style: str) -> None:
    with captured_log(style, logging.DEBUG) as log:
        body = {"login": alice.login, "password": WRONG}
        assert anonymous.post("/sign/in", body).status_code == 403
        assert anonymous.put("/sign/in", body).status_code == 403
    check_hidden(log, WRONG)


@pytest.mark.parametrize("style", STYLES)
def test_a_right_password_and_its_token_are_not_logged(
    anonymous: APIClient, alice: Account, style: str
) -> None:
    with captured_log(style, logging.DEBUG) as log:
        body = {"login": alice.login, "password": factories.PASSWORD}
        answer = anonymous.post("/sign/in", body)
        assert answer.status_code == 200
    check_hidden(log, factories.PASSWORD, answer.json()["__token"])


@pytest.mark.parametrize("style", STYLES)
def test_new_passwords_are_not_logged(
    signed_in: Signed, alice: Account, admin: User, style: str
) -> None:
    with captured_log(style, logging.DEBUG) as log:
        body = {"old_password": factories.PASSWORD, "password": NEW}
        assert signed_in(alice).post("/password", body).status_code == 200
        of_alice = {"login": alice.login, "password": NEW}
        assert signed_in(admin).post("/password", of_alice).status_code == 200
    check_hidden(log, NEW, factories.PASSWORD)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("way", ["header", "bearer", "cookie", "query", "path"])
def test_a_token_in_any_place_of_a_request_is_not_logged(
    db: None, alice: Account, style: str, way: str
) -> None:
    token, client = token_of(alice), Client()
    if way == "cookie":
        client.cookies["token"] = token
    header = {"header": token, "bearer": f"Bearer {token}"}.get(way)
    address = {"query": f"/account/me?token={token}", "path": f"/{token}"}.get(way, "/account/me")
    with captured_log(style, logging.DEBUG) as log:
        client.get(address, headers={"authorization": header} if header else {})
        client.get(f"{address}/nowhere", headers={"authorization": header} if header else {})
    check_hidden(log, token)


@pytest.mark.parametrize("style", STYLES)
@override_settings(FEED_TOKEN=FEED_TOKEN)
def test_the_feed_token_is_not_logged(anonymous: APIClient, db: None, style: str) -> None:
    with captured_log(style, logging.DEBUG) as log:
        for header in (FEED_TOKEN, f"Bearer {FEED_TOKEN}", f"Bearer {FEED_TOKEN}x"):
            anonymous.post("/feed/quotes", {"quotes": []}, headers={"authorization": header})
        anonymous.get(f"/feed/{FEED_TOKEN}")
        logging.getLogger("any").warning("the bridge said %s", FEED_TOKEN)
    check_hidden(log, FEED_TOKEN)


@pytest.mark.parametrize("style", STYLES)
def test_passwords_of_the_admins_sign_in_are_not_logged(admin: User, style: str) -> None:
    client = Client()
    with captured_log(style, logging.DEBUG) as log:
        client.post("/admin/login/", {"username": "1", "password": WRONG})
        client.post("/admin/login/", {"username": "1", "password": factories.PASSWORD})
        client.get("/admin/")
    cookie = client.cookies.get("sessionid")
    check_hidden(log, WRONG, factories.PASSWORD, *([cookie.value] if cookie else []))


def broken(**fields: object) -> None:
    """Raise an error whose text contains the arguments without their names."""
    raise RuntimeError(" ".join(map(str, fields.values())))


@pytest.mark.parametrize("style", STYLES)
def test_an_exception_that_contains_a_password_is_redacted(
    anonymous: APIClient, alice: Account, monkeypatch: pytest.MonkeyPatch, style: str
) -> None:
    monkeypatch.setattr("accounts.api.views.sign_in", broken)
    with captured_log(style) as log:
        answer = anonymous.post("/sign/in", {"login": alice.login, "password": WRONG})
    assert answer.status_code == 500
    assert "RuntimeError" in log.text
    check_hidden(log, WRONG)


@pytest.mark.parametrize("style", STYLES)
def test_an_exception_that_contains_a_header_and_a_cookie_is_redacted(
    alice: Account, monkeypatch: pytest.MonkeyPatch, style: str
) -> None:
    token, cookie = token_of(alice), "cookie-worth-hiding"

    def failing(_self: object, request: object) -> None:
        meta = request.META  # type: ignore[attr-defined]  # Django's
        raise RuntimeError(f"{meta['HTTP_AUTHORIZATION']} and {meta['HTTP_COOKIE']}")

    monkeypatch.setattr("api.authentication.SessionTokenAuthentication.authenticate", failing)
    client = Client(raise_request_exception=False)
    client.cookies["token"] = cookie
    with captured_log(style) as log:
        client.get("/account/me", headers={"authorization": token[:40]})
    assert "RuntimeError" in log.text
    check_hidden(log, token[:40], cookie)


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer {secret}",
        "authorization={secret}",
        "{{'HTTP_AUTHORIZATION': 'Token {secret}'}}",
        "Cookie: sessionid={secret}; csrftoken={secret}",
        '{{"password": "{secret}"}}',
        '{{"old_password":"{secret}","x":1}}',
        "{{'password': '{secret}'}}",
        r"{{\"password\": \"{secret}\"}}",
        "sign_in(login=1, password='{secret}')",
        "password={secret}&login=1",
        "/feed?token={secret}&x=1",
        "PASSWORD = {secret}",
        "api_key: {secret}",
        "secret => {secret}",
        "whsec_{secret}",
        "the header was Bearer {secret}",
        "postgresql://broker:{secret}@db:5432/broker",
        "redis://:{secret}@redis:6379/0",
        "Failing row contains (7, argon2$argon2id$v=19$m=102400,t=2,p=8${secret}, x)",
    ],
)
def test_texts_that_look_like_secrets_are_redacted(text: str) -> None:
    secret = "Zm9vYmFyQmF6LTEyMzQ1Njc4OTA"
    with captured_log() as log:
        logging.getLogger("any").warning(text.format(secret=secret))
        logging.getLogger("any").warning("%s", {"text": text.format(secret=secret)})
        try:
            raise ValueError(text.format(secret=secret))
        except ValueError:
            logging.getLogger("any").exception("failed")
    assert len(log.lines) == 3
    check_hidden(log, secret)


@pytest.mark.parametrize(
    "text",
    [
        "order 17: take_profit at 1.10000",
        "engine-0: another one leads; standing by",
        "10 tokens were pruned",
        "the session has ended",
        "GET /account/me 200 3.1 ms",
    ],
)
def test_ordinary_texts_are_not_redacted(text: str) -> None:
    with captured_log() as log:
        logging.getLogger("any").info(text)
    assert log.lines[0]["message"] == text


def test_the_platforms_own_secrets_are_redacted_by_value() -> None:
    url = "postgresql://broker:p%40ss-of-the-database@db/broker"
    with override_settings(DATABASE_URL=url), captured_log() as log:
        logging.getLogger("any").info("key %s", settings.SECRET_KEY)
        logging.getLogger("any").info("of %s and p@ss-of-the-database", url)
    check_hidden(log, settings.SECRET_KEY, "p%40ss-of-the-database", "p@ss-of-the-database")


def test_mismatched_log_arguments_are_redacted() -> None:
    record = logging.makeLogRecord({"msg": "%d tries", "args": (WRONG,), "levelname": "INFO"})
    for formatter in FORMATTERS.values():
        line = formatter().format(record)
        assert "%d tries (with arguments that do not fit)" in line
        assert WRONG not in line

"""Rate limits of sign-ups, by address and by mailbox."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Account, User
from core import redis
from tests import factories
from tests.conftest import Signed, error_of

HERE, THERE = "198.51.100.7", "203.0.113.9"
TOO_MANY = (429, "RET_TOO_FREQUENT")


@pytest.fixture(autouse=True)
def _limits(db: None, settings: Any) -> None:
    factories.group("open-usd", public=True)
    settings.LIMIT_SIGN_UP_MINUTE = 3
    settings.LIMIT_SIGN_UP_DAY = 20
    settings.LIMIT_SIGN_UP_EMAIL_DAY = 5


def sign_up(email: str, address: str = HERE, key: str = "", **changes: Any) -> Any:
    client = APIClient(raise_request_exception=False)
    client.default_format = "json"
    body: Any = {"name": "New", "email": email, "password": factories.PASSWORD, **changes}
    more: Any = {"HTTP_IDEMPOTENCY_KEY": key} if key else {}
    return client.post("/sign/up", body, REMOTE_ADDR=address, **more)


def a_minute_later() -> None:
    for key in redis.sync_client().keys("limit:sign_up*minute:*"):
        redis.sync_client().delete(key)


def test_of_45_sign_ups_in_a_row_three_open_an_account() -> None:
    statuses = [sign_up(f"new{number}@example.com").status_code for number in range(45)]
    assert statuses == [200] * 3 + [429] * 42
    assert User.objects.count() == 3
    refused = sign_up("one.more@example.com")
    assert error_of(refused) == TOO_MANY
    assert 1 <= int(refused.headers["Retry-After"]) <= 20
    assert sign_up("elsewhere@example.com", THERE).status_code == 200


def test_spellings_of_one_mailbox_from_any_address_are_counted_together() -> None:
    spellings = ("zoe@example.com", "ZOE@Example.com", "zoe+2@example.com", "zoe+3@example.com")
    answers = [sign_up(email, f"10.0.{n}.1") for n, email in enumerate(spellings)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert "60 seconds and email" in answers[3].json()["message"]


def test_an_address_has_a_daily_limit() -> None:
    opened = 0
    for number in range(25):
        a_minute_later()
        opened += sign_up(f"new{number}@example.com").status_code == 200
    assert opened == User.objects.count() == 20
    a_minute_later()
    refused = sign_up("new@example.com")
    assert error_of(refused) == TOO_MANY
    assert 3600 < int(refused.headers["Retry-After"]) <= 4320


def test_a_mailbox_has_a_daily_limit() -> None:
    statuses = []
    for number in range(7):
        a_minute_later()
        statuses.append(sign_up("zoe@example.com", f"10.0.{number}.1").status_code)
    assert statuses == [200] * 5 + [429] * 2


def test_a_repeat_with_its_key_is_not_counted() -> None:
    logins = {sign_up("zoe@example.com", key="k").json()["login"] for _ in range(5)}
    assert len(logins) == 1
    assert sign_up("zoe@example.com").status_code == 200
    assert sign_up("zoe@example.com").status_code == 200
    assert error_of(sign_up("zoe@example.com")) == TOO_MANY


def test_an_invalid_request_gets_its_error_and_is_not_counted() -> None:
    for _ in range(5):
        assert error_of(sign_up("no mailbox")) == (400, "INVALID_DATA")
    assert sign_up("zoe@example.com").status_code == 200


def test_requests_for_groups_that_are_not_public_are_counted() -> None:
    answers = [error_of(sign_up("zoe@example.com", group=f"g{number}")) for number in range(4)]
    assert answers == [(404, "GROUP_NOT_FOUND")] * 3 + [TOO_MANY]


def test_redis_keys_contain_no_mail_address() -> None:
    sign_up("zoe@example.com")
    keys = [str(key) for key in redis.sync_client().keys("limit:*")]
    assert len(keys) == 4
    assert not any("zoe" in key or "example" in key for key in keys)


def test_a_limit_of_zero_is_off(settings: Any) -> None:
    settings.LIMIT_SIGN_UP_MINUTE = settings.LIMIT_SIGN_UP_DAY = 0
    settings.LIMIT_SIGN_UP_EMAIL_DAY = 0
    assert {sign_up("zoe@example.com").status_code for _ in range(30)} == {200}


def test_signing_in_is_not_counted_as_a_sign_up(alice: Account, signed_in: Signed) -> None:
    for _ in range(4):
        sign_up("zoe@example.com", "127.0.0.1")
    client = APIClient()
    body = {"login": alice.login, "password": factories.PASSWORD}
    assert client.post("/sign/in", body, format="json").status_code == 200
    rows = {row[0]: row[1:5] for row in signed_in(alice).get("/limits").json()["rows"] if row[3]}
    assert rows == {
        "sign_up_minute": ["address", 3, 60, 0],
        "sign_up_day": ["address", 20, 86_400, 17],
    }

"""Rules that hold for every route of the URL conf, new ones included."""

import re
from collections.abc import Container, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.urls import get_resolver
from rest_framework.test import APIClient

from accounts.models import Account, User
from core import redis
from tests.conftest import Signed, error_of

OPEN = {"sign/in", "sign/up", "sign/up/verify", "icons/7", "storage/7", "time"}
OWN_AUTHENTICATION = {"feed/quotes"}
UPLOADS = {"upload"}  # of forms: they read no JSON
IGNORES_UNKNOWN_FIELDS = "udf/"  # as the protocol of charting libraries demands


def routes(number: str = "7") -> Iterator[tuple[str, dict[str, str]]]:
    """Path (without the slash, `number` for its parameters) and the methods with their actions."""
    for pattern in get_resolver().url_patterns:
        actions = getattr(pattern.callback, "actions", None)
        if actions:
            path = str(pattern.pattern).removeprefix("^").removesuffix("/?$")
            yield re.sub(r"\(\?P<(\w+)>[^)]*\)", number, path), actions


Call = tuple[AbstractContextManager[None], str, str]
CALLS = [(path, method) for path, actions in routes() for method in sorted(actions)]
HOSTILE: list[bytes] = [
    b"{", b"[]", b"null", b"1", b'"x"', b"\xff\xfe", b'{"a": NaN}', b'{"a": 1e309}',
    b'{"login": -1}', b'{"login": 1e30}', b'{"login": {}}', b'{"id": "\\u0000"}',
    b'{"order": [], "symbol": {}, "volume": true}', b'{"__proto__": 1}', b"[" * 100_000,
    b'{"symbol": "' + b"x" * 500_000 + b'"}',
]  # fmt: skip


def test_the_walk_finds_the_routes() -> None:
    assert {"account/me", "trade/open", "price_alert/7", "market/watch"} <= {p for p, _ in CALLS}


def each_call(subtests: pytest.Subtests, skipped: Container[str] = ()) -> Iterator[Call]:
    """Yield every route's path and method, as a subtest that starts with an empty Redis."""
    for path, method in CALLS:
        if path not in skipped:
            redis.sync_client().flushall()
            yield subtests.test(f"{method} {path}"), path, method


def test_without_a_session_the_answer_is_401_in_the_errors_shape(
    anonymous: APIClient, db: None, subtests: pytest.Subtests
) -> None:
    for subtest, path, method in each_call(subtests, OPEN | OWN_AUTHENTICATION):
        with subtest:
            for slash in ("", "/"):
                answer = anonymous.generic(method.upper(), f"/{path}{slash}")
                assert error_of(answer) == (401, "PERMISSION_DENIED"), slash


def test_a_method_that_a_route_lacks_is_405_in_the_errors_shape(
    signed_in: Signed, admin: User, subtests: pytest.Subtests
) -> None:
    client = signed_in(admin)
    for path in sorted({path for path, _ in CALLS}):
        with subtests.test(path):
            assert error_of(client.generic("PATCH", f"/{path}")) == (405, "METHOD_NOT_ALLOWED")


def test_hostile_bodies_get_an_error_in_the_errors_shape_and_never_500(
    signed_in: Signed, alice: Account, subtests: pytest.Subtests
) -> None:
    client = signed_in(alice)
    for subtest, path, method in each_call(subtests):
        with subtest:
            for body in HOSTILE:
                sent: Any = body
                answer = client.generic(method.upper(), f"/{path}", sent, "application/json")
                if answer.status_code == 200 and path.startswith(IGNORES_UNKNOWN_FIELDS):
                    continue
                status, code = error_of(answer)
                assert 400 <= status < 500, (body[:40], code)


def test_another_login_is_refused(
    signed_in: Signed, alice: Account, bob: Account, subtests: pytest.Subtests
) -> None:
    client = signed_in(bob)
    for subtest, path, method in each_call(subtests):
        with subtest:
            answer = client.generic(method.upper(), f"/{path}?login=100001")
            refused = answer.status_code in (400, 403, 404)
            assert refused != (path == "time"), answer.content
            assert "100001" not in answer.content.decode().replace("login", "")


def test_a_disabled_account_gets_nothing(
    signed_in: Signed, eve: Account, subtests: pytest.Subtests
) -> None:
    client, refusal = signed_in(eve), (403, "RET_ACCOUNT_DISABLED")
    for subtest, path, method in each_call(subtests, OPEN):
        with subtest:
            answer = error_of(client.generic(method.upper(), f"/{path}"))
            assert answer == ((401, "PERMISSION_DENIED") if path == "sign/check" else refusal)


def test_an_unknown_route_is_404_in_the_errors_shape(anonymous: APIClient, db: None) -> None:
    assert error_of(anonymous.get("/nope")) == (404, "NOT_FOUND")


def test_a_body_that_is_too_large_is_refused(
    signed_in: Signed, alice: Account, admin: User
) -> None:
    body: Any = b'{"symbol": "' + b"x" * 10_000_000 + b'"}'
    answer = signed_in(alice).generic("POST", "/trade/open", body, content_type="application/json")
    assert error_of(answer) == (400, "INVALID_DATA")

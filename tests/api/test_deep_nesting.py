"""JSON that is nested too deeply is refused before any field is validated."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account
from api.input import Input
from tests.api.test_every_route import CALLS, OWN_AUTHENTICATION, UPLOADS, each_call
from tests.conftest import Signed, error_of

DEPTHS = (300, 950)  # beyond what orjson writes, and beyond what Python's `repr` follows
REFUSED = (400, "INVALID_DATA")


def inputs(of: type[Input] = Input) -> Iterator[type[Input]]:
    """Return every input of the platform."""
    for each in of.__subclasses__():
        yield each
        yield from inputs(each)


def nested(name: str, depth: int) -> bytes:
    """Return a body with a value that many levels deep."""
    return f'{{"{name}":{"[" * depth}{"]" * depth}}}'.encode()


def refusal_of(client: Any, method: str, path: str, body: bytes = b"") -> tuple[int, str]:
    return error_of(client.generic(method.upper(), path, body, content_type="application/json"))


@pytest.mark.parametrize("asked", sorted({method for _, method in CALLS}))
def test_deep_nesting_is_refused_in_every_field_of_every_route(
    signed_in: Signed, alice: Account, subtests: pytest.Subtests, asked: str
) -> None:
    client = signed_in(alice)
    names = sorted({str(name) for each in inputs() for name in each().fields})
    for subtest, path, method in each_call(subtests, OWN_AUTHENTICATION | UPLOADS):
        if method != asked:
            continue
        with subtest:
            for name in names:
                body = nested(name, DEPTHS[-1])
                assert refusal_of(client, method, f"/{path}", body) == REFUSED, name


def test_deep_nesting_is_refused_beside_a_query_parameter_as_well(
    signed_in: Signed, alice: Account
) -> None:
    client = signed_in(alice)
    for path, method in CALLS:
        if method in ("get", "delete") and path not in OWN_AUTHENTICATION:
            text = refusal_of(client, method, f"/{path}?login=100001", nested("login", 300))
            assert text == REFUSED, path


def test_deep_nesting_without_a_session_causes_no_internal_error(db: None) -> None:
    for method in ("get", "delete", "post", "put"):
        answer = refusal_of(Client(), method, "/sign/in?login=1", nested("login", 300))
        assert answer[0] in (400, 405), method


def test_a_deeply_nested_filter_in_the_query_is_refused(signed_in: Signed, alice: Account) -> None:
    for depth in DEPTHS:
        where = json.dumps([["symbol", "==", 0]]).replace("0", "[" * depth + "]" * depth)
        query = f"limit=1&offset=0&tradeType=0&where={where}"
        assert refusal_of(signed_in(alice), "get", f"/trades?{query}") == REFUSED

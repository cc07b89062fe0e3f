"""A parameter that is given twice is refused, and so is a body where none is read."""

import json
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, example, given
from hypothesis import settings as trying
from hypothesis import strategies as st

from accounts.models import Account
from alerts.models import Alert
from core import json as strict
from market.models import Symbol
from realtime.stream import client_frames
from settings_app.models import Setting
from tests.api.test_every_route import (
    IGNORES_UNKNOWN_FIELDS,
    OWN_AUTHENTICATION,
    UPLOADS,
    each_call,
)
from tests.conftest import Signed, error_of, message_of
from trading.models import Trade

BUY = {"cmd": 0, "volume": 10, "symbol": "EURUSD", "sl": 0, "tp": 0}
ALERT = {"symbol": "EURUSD", "side": 0, "condition": 0, "repeat_mode": 0, "target_price": 2}


def refusal_of(client: Any, method: str, path: str, body: object = None) -> tuple[int, str, str]:
    """Return status, code and message of a refusal; bytes are sent unchanged."""
    data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    answer = client.generic(method.upper(), path, data, content_type="application/json")
    return *error_of(answer), message_of(answer)


def test_a_parameter_given_twice_is_refused_by_every_route(
    signed_in: Signed, alice: Account, subtests: pytest.Subtests
) -> None:
    client = signed_in(alice)
    for subtest, path, method in each_call(subtests):
        if method not in ("get", "delete"):
            continue
        with subtest:
            twice = refusal_of(client, method, f"/{path}?login=100001&login=100002")
            assert twice == (400, "INVALID_DATA", "login: is given twice, with different values")
            both = refusal_of(client, method, f"/{path}?login=100001", {"login": 100002})
            message = "login: is another in the body than in the address"
            assert both == (400, "INVALID_DATA", message)


def test_a_repeated_member_name_is_refused_by_every_route(
    signed_in: Signed, alice: Account, subtests: pytest.Subtests
) -> None:
    client, body = signed_in(alice), b'{"login": 100001, "login": 100001}'
    for subtest, path, method in each_call(subtests, OWN_AUTHENTICATION | UPLOADS):
        with subtest:
            reply = refusal_of(client, method, f"/{path}", body)
            assert reply == (400, "INVALID_DATA", "the body: login stands twice in one object")


def test_every_route_refuses_unknown_body_fields(
    signed_in: Signed, alice: Account, subtests: pytest.Subtests
) -> None:
    client = signed_in(alice)
    for subtest, path, method in each_call(subtests, OWN_AUTHENTICATION | UPLOADS):
        if path.startswith(IGNORES_UNKNOWN_FIELDS):
            continue
        with subtest:
            status, code, message = refusal_of(client, method, f"/{path}", {"no_such_field": 1})
            assert (status, code) == (400, "INVALID_DATA")
            assert "no_such_field: unknown field" in message


@pytest.mark.parametrize("path", ["/", "/docs", "/schema", "/admin/", "/admin/login/", "/nope"])
@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_pages_that_read_no_body_refuse_one(db: None, path: str, method: str) -> None:
    body: Any = b'{"a": 1}'
    answer = Client().generic(method.upper(), path, body, "application/json")
    assert answer.status_code == (404 if path == "/nope" else 400)
    assert Client().generic(method.upper(), path).status_code in (200, 302, 404, 405)


def test_an_ambiguous_volume_closes_nothing(
    alice: Account, eurusd: Symbol, signed_in: Signed
) -> None:
    client = signed_in(alice)
    order = client.post("/trade/open", BUY).json()["order"]
    for query, body in (
        ("volume=3&volume=4", b"{}"),
        ("volume=3", b'{"volume": 4}'),
        ("volume=3", b'{"volume": "3.0"}'),
        ("", b'{"volume": 3, "volume": 4}'),
        ("", b'{"volume": 3, "comment": ":", "volume": 3}'),
    ):
        refused = refusal_of(client, "delete", f"/trade/close?order={order}&{query}", body)
        assert refused[:2] == (400, "INVALID_DATA")
    assert Trade.objects.get(pk=order).volume == 10


def test_the_same_value_given_twice_is_accepted(
    alice: Account, eurusd: Symbol, signed_in: Signed
) -> None:
    client = signed_in(alice)
    order = client.post("/trade/open", BUY).json()["order"]
    address: Any = f"/trade/close?order={order}&order={order}&volume=3&comment=a"
    body: Any = json.dumps({"order": order, "volume": 3, "comment": "a"}).encode()
    answer = client.generic("DELETE", address, body, content_type="application/json")
    assert answer.json()["close_volume"] == 3


def test_an_id_in_the_path_and_another_in_the_body_are_refused(
    alice: Account, eurusd: Symbol, signed_in: Signed
) -> None:
    client = signed_in(alice)
    first, second = (client.post("/price_alert", ALERT).json()["rows"][0][0] for _ in range(2))
    refused = refusal_of(client, "delete", f"/price_alert/{first}", {"id": second})
    assert refused == (400, "INVALID_DATA", "id: is another than in the path")
    assert Alert.objects.filter(status=0).count() == 2
    body: Any = json.dumps({"id": first}).encode()
    answer = client.generic("DELETE", f"/price_alert/{first}", body, "application/json")
    assert answer.status_code == 200


def test_a_setting_with_a_repeated_member_name_is_refused(
    alice: Account, signed_in: Signed
) -> None:
    body = b'{"prefix": "web", "name": "a", "value": [{"b": {"c": 1, "c": 2}}]}'
    refused = refusal_of(signed_in(alice), "put", "/settings", body)
    assert refused == (400, "INVALID_DATA", "the body: c stands twice in one object")
    assert not Setting.objects.exists()


def test_a_stream_frame_with_a_repeated_member_name_is_refused() -> None:
    with pytest.raises(client_frames.InvalidFrame, match="event stands twice"):
        client_frames.parse_frame('{"event": "subscribe", "data": [], "event": "unsubscribe"}')


LEAVES = st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.text(':a"\\{}'))
DOCUMENTS = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab:"), inner, max_size=4),
    max_leaves=10,
)


@trying(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(DOCUMENTS)
@example({"a": {"a": ":"}, ":": []})
def test_json_without_repetition_is_read_as_it_is(document: object) -> None:
    text = strict.dumps(document)
    assert strict.loads_untrusted(text) == strict.loads_untrusted(text.decode()) == document


@trying(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(DOCUMENTS, DOCUMENTS, st.text("ab:"), st.integers(0, 3))
@example(1, 2, "a", 0)
def test_a_repeated_name_is_found_at_any_depth(
    first: object, second: object, name: str, depth: int
) -> None:
    key, values = strict.dumps(name), map(strict.dumps, (first, second))
    text = b"{%b}" % b",".join(key + b":" + value for value in values)
    for _ in range(depth):
        text = b'[{"x":%b}]' % text
    with pytest.raises(strict.RepeatedName):
        strict.loads_untrusted(text)


@pytest.mark.parametrize("name", [b'"a"', b'"\\u0061"'])
def test_an_escaped_name_counts_as_the_same_name(name: bytes) -> None:
    with pytest.raises(strict.RepeatedName):
        strict.loads_untrusted(b'{"a": 1, %b: 2}' % name)


@pytest.mark.parametrize("depth", [300, 600, 1000])
@pytest.mark.parametrize(("begin", "end"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_json_that_is_too_deep_is_refused(depth: int, begin: bytes, end: bytes) -> None:
    text = begin * depth + b"1" + end * depth
    for sent in (text, text.decode()):
        with pytest.raises(ValueError, match="nested too deeply"):
            strict.loads_untrusted(sent)


def test_json_as_deep_as_it_can_be_written_is_read() -> None:
    text = b"[" * 200 + b"1" + b"]" * 200
    assert strict.dumps(strict.loads_untrusted(text)) == text


def test_a_query_that_was_checked_before_is_checked_the_same(
    alice: Account, signed_in: Signed
) -> None:
    client = signed_in(alice)
    page = {"tradeType": 1, "limit": 5, "offset": 0}
    for _ in range(2):
        assert client.get("/trades", page).status_code == 200
        assert error_of(client.get("/trades", {**page, "login": 7}))[0] == 403
        assert client.get("/trades", {**page, "login": alice.login}).status_code == 200
        assert error_of(client.get("/trades?tradeType=1&limit=5&offset=0&limit=6"))[0] == 400
        assert error_of(client.get("/trades", {**page, "limits": 1}))[0] == 400
        assert error_of(client.get("/trades", {**page, "limit": 0}))[0] == 400

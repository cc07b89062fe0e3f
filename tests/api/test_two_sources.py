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
from realtime import frames
from settings_app.models import Setting
from tests.api.test_every_route import CALLS, OWN_DOOR
from tests.conftest import Signed, error_of
from trading.models import Trade

READS = [(path, method) for path, method in CALLS if method in ("get", "delete")]
BUY = {"cmd": 0, "volume": 10, "symbol": "EURUSD", "sl": 0, "tp": 0}
ALERT = {"symbol": "EURUSD", "side": 0, "condition": 0, "repeat_mode": 0, "target_price": 2}


def asked(client: Any, method: str, path: str, body: object = None) -> tuple[int, str, str]:
    """Return status, code and message of a refusal; bytes are sent unchanged."""
    data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    answer = client.generic(method.upper(), path, data, content_type="application/json")
    return *error_of(answer), answer.json()["message"]


@pytest.mark.parametrize(("path", "method"), READS)
def test_no_route_chooses_between_two_values(
    signed_in: Signed, alice: Account, path: str, method: str
) -> None:
    client = signed_in(alice)
    twice = asked(client, method, f"/{path}?login=100001&login=100002")
    assert twice == (400, "INVALID_DATA", "login: is given twice, with different values")
    both = asked(client, method, f"/{path}?login=100001", {"login": 100002})
    assert both == (400, "INVALID_DATA", "login: is another in the body than in the address")


@pytest.mark.parametrize(("path", "method"), CALLS)
def test_no_route_chooses_between_two_members_of_an_object(
    signed_in: Signed, alice: Account, path: str, method: str
) -> None:
    if path not in OWN_DOOR:
        said = asked(signed_in(alice), method, f"/{path}", b'{"login": 100001, "login": 100001}')
        assert said == (400, "INVALID_DATA", "the body: login stands twice in one object")


@pytest.mark.parametrize(("path", "method"), CALLS)
def test_every_route_reads_its_body(
    signed_in: Signed, alice: Account, path: str, method: str
) -> None:
    if path not in OWN_DOOR:
        status, code, message = asked(signed_in(alice), method, f"/{path}", {"no_such_field": 1})
        assert (status, code) == (400, "INVALID_DATA")
        assert "no_such_field: unknown field" in message


@pytest.mark.parametrize("path", ["/", "/docs", "/schema", "/admin/", "/admin/login/", "/nope"])
@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_where_nothing_is_read_a_body_is_refused(db: None, path: str, method: str) -> None:
    body: Any = b'{"a": 1}'
    answer = Client().generic(method.upper(), path, body, "application/json")
    assert answer.status_code == (404 if path == "/nope" else 400)
    assert Client().generic(method.upper(), path).status_code in (200, 302, 404, 405)


def test_nothing_is_closed_by_a_doubtful_volume(
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
        refused = asked(client, "delete", f"/trade/close?order={order}&{query}", body)
        assert refused[:2] == (400, "INVALID_DATA")
    assert Trade.objects.get(pk=order).volume == 10


def test_the_same_value_twice_is_no_doubt(
    alice: Account, eurusd: Symbol, signed_in: Signed
) -> None:
    client = signed_in(alice)
    order = client.post("/trade/open", BUY).json()["order"]
    address: Any = f"/trade/close?order={order}&order={order}&volume=3&comment=a"
    body: Any = json.dumps({"order": order, "volume": 3, "comment": "a"}).encode()
    answer = client.generic("DELETE", address, body, content_type="application/json")
    assert answer.json()["close_volume"] == 3


def test_the_thing_of_the_path_is_the_one_of_the_body(
    alice: Account, eurusd: Symbol, signed_in: Signed
) -> None:
    client = signed_in(alice)
    first, second = (client.post("/price_alert", ALERT).json()["rows"][0][0] for _ in range(2))
    refused = asked(client, "delete", f"/price_alert/{first}", {"id": second})
    assert refused == (400, "INVALID_DATA", "id: is another than in the path")
    assert Alert.objects.filter(status=0).count() == 2
    body: Any = json.dumps({"id": first}).encode()
    answer = client.generic("DELETE", f"/price_alert/{first}", body, "application/json")
    assert answer.status_code == 200


def test_a_setting_holds_no_object_with_a_name_twice(alice: Account, signed_in: Signed) -> None:
    body = b'{"prefix": "web", "name": "a", "value": [{"b": {"c": 1, "c": 2}}]}'
    refused = asked(signed_in(alice), "put", "/settings", body)
    assert refused == (400, "INVALID_DATA", "the body: c stands twice in one object")
    assert not Setting.objects.exists()


def test_neither_does_a_frame_of_the_stream() -> None:
    with pytest.raises(frames.InvalidFrame, match="event stands twice"):
        frames.parse('{"event": "subscribe", "data": [], "event": "unsubscribe"}')


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
    assert strict.loads_client(text) == strict.loads_client(text.decode()) == document


@trying(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(DOCUMENTS, DOCUMENTS, st.text("ab:"), st.integers(0, 3))
@example(1, 2, "a", 0)
def test_a_repetition_is_found_wherever_it_stands(
    first: object, second: object, name: str, depth: int
) -> None:
    key, values = strict.dumps(name), map(strict.dumps, (first, second))
    text = b"{%b}" % b",".join(key + b":" + value for value in values)
    for _ in range(depth):
        text = b'[{"x":%b}]' % text
    with pytest.raises(strict.RepeatedName):
        strict.loads_client(text)


@pytest.mark.parametrize("name", [b'"a"', b'"\\u0061"'])
def test_a_name_in_escapes_is_the_same_name(name: bytes) -> None:
    with pytest.raises(strict.RepeatedName):
        strict.loads_client(b'{"a": 1, %b: 2}' % name)


@pytest.mark.parametrize("depth", [300, 600, 1000])
@pytest.mark.parametrize(("begin", "end"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_json_that_is_too_deep_is_refused(depth: int, begin: bytes, end: bytes) -> None:
    text = begin * depth + b"1" + end * depth
    for sent in (text, text.decode()):
        with pytest.raises(ValueError, match="nested too deeply"):
            strict.loads_client(sent)


def test_json_as_deep_as_it_can_be_written_is_read() -> None:
    text = b"[" * 200 + b"1" + b"]" * 200
    assert strict.dumps(strict.loads_client(text)) == text

import json
from typing import Any

import pytest

from core.clock import now
from settings_app.models import Setting
from tests.rest_client import Rest

VALUES: list[Any] = [
    None,
    True,
    0,
    -1.5,
    1e-9,
    2**53,
    "",
    "text é 𝄞",
    "a\u0000b",
    [],
    {},
    {"z": 1, "a": [1, {"b": None}]},
]


def stored() -> dict[tuple[str, str], Any]:
    return {(row.prefix, row.name): json.loads(row.value) for row in Setting.objects.all()}


@pytest.mark.parametrize("path", ["/settings", "/settings/"])
@pytest.mark.parametrize("method", ["post", "put"])
def test_a_value_is_stored_under_its_prefix_and_name(alice: Rest, method: str, path: str) -> None:
    body = {"prefix": "web", "name": "theme", "value": "dark"}
    assert alice.send(method, path, body) == (200, {"data": "OK"})
    row = Setting.objects.get()
    assert (row.user_id, row.prefix, row.name, row.value) == (100001, "web", "theme", '"dark"')
    assert abs(row.updated_time - now()) <= 5


@pytest.mark.parametrize("value", VALUES)
def test_every_json_value_is_returned_unchanged(alice: Rest, value: Any) -> None:
    assert alice.put("/settings", prefix="web", name="x", value=value)[0] == 200
    _, body = alice.get("/settings")
    assert body["rows"][0][2] == value
    assert type(body["rows"][0][2]) is type(value)


def test_the_order_of_keys_is_preserved(alice: Rest) -> None:
    alice.put("/settings", prefix="web", name="x", value={"b": 1, "a": 2})
    assert list(alice.get("/settings")[1]["rows"][0][2]) == ["b", "a"]


def test_a_second_write_replaces_the_first(alice: Rest) -> None:
    alice.put("/settings", prefix="web", name="x", value=1)
    Setting.objects.update(updated_time=5)
    alice.put("/settings", prefix="web", name="x", value=2)
    assert stored() == {("web", "x"): 2}
    assert Setting.objects.get().updated_time > 5


def test_many_values_are_written_at_once(alice: Rest) -> None:
    alice.put("/settings", prefix="web", name="a", value=0)
    status, body = alice.put("/settings", prefix="web", values={"a": 1, "b": None, "c": [2]})
    assert (status, body) == (200, {"data": "OK"})
    assert stored() == {("web", "a"): 1, ("web", "b"): None, ("web", "c"): [2]}


def test_settings_of_the_same_name_are_separate_for_each_login(alice: Rest, bob: Rest) -> None:
    alice.put("/settings", prefix="web", name="x", value="Alice")
    bob.put("/settings", prefix="web", name="x", value="Bob")
    assert alice.get("/settings")[1]["rows"][0][2] == "Alice"
    assert bob.get("/settings")[1]["rows"][0][2] == "Bob"
    status, body = bob.put("/settings", prefix="web", name="x", value="mine", login=100001)
    assert (status, body["error"]) == (403, "PERMISSION_DENIED")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"prefix": "web"},
        {"prefix": "web", "name": "x"},
        {"prefix": "web", "value": 1},
        {"name": "x", "value": 1},
        {"prefix": "", "name": "x", "value": 1},
        {"prefix": "p" * 33, "name": "x", "value": 1},
        {"prefix": 1, "name": "x", "value": 1},
        {"prefix": "web", "name": "", "value": 1},
        {"prefix": "web", "name": "n" * 65, "value": 1},
        {"prefix": "web", "name": "a\0b", "value": 1},
        {"prefix": "web", "name": None, "value": 1},
        {"prefix": "web", "name": "x", "value": 1, "values": {"y": 2}},
        {"prefix": "web", "values": {}},
        {"prefix": "web", "values": [1]},
        {"prefix": "web", "values": None},
        {"prefix": "web", "values": {"good": 1, "": 2}},
        {"prefix": "web", "values": {"good": 1, "n" * 65: 2}},
        {"prefix": "web", "values": {"good": 1, "large": "x" * 65536}},
        {"prefix": "web", "name": "x", "value": 1, "vaule": 2},
    ],
)
def test_an_invalid_setting_is_refused_and_not_stored(alice: Rest, body: dict[str, Any]) -> None:
    status, answer = alice.send("put", "/settings", body)
    assert (status, answer["error"]) == (400, "INVALID_DATA")
    assert stored() == {}


def test_a_value_of_64_kib_fits_and_one_byte_more_does_not(alice: Rest) -> None:
    most = "x" * (64 * 1024 - 2)  # the quotes count
    assert alice.put("/settings", prefix="web", name="x", value=most)[0] == 200
    status, body = alice.put("/settings", prefix="web", name="x", value=most + "x")
    assert (status, body["error"]) == (400, "INVALID_DATA")
    assert stored() == {("web", "x"): most}


def test_a_value_that_nests_too_deeply_is_refused(alice: Rest) -> None:
    body = b'{"prefix":"web","name":"x","value":' + b"[" * 400 + b"]" * 400 + b"}"
    status, answer = alice.send("put", "/settings", body)
    assert (status, answer["error"]) == (400, "INVALID_DATA")


def test_staff_write_no_settings(alice: Rest, carol: Rest) -> None:
    status, body = carol.put("/settings", prefix="web", name="x", value=1, login=100001)
    assert (status, body["error"]) == (403, "PERMISSION_DENIED")
    assert stored() == {}

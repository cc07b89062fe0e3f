import pytest
from django.test import Client

from scripts.models import Script
from tests.rest_client import Rest

STRUCTURE = [
    "id",
    "login",
    "name",
    "script",
    "description",
    "kind",
    "language",
    "type",
    "visibility",
    "autostart",
    "enabled",
    "created_time",
    "updated_time",
]


def make(login: int, name: str) -> Script:
    return Script.objects.create(
        user_id=login, name=name, script="s", autostart=True, created_time=1, updated_time=2
    )


def row(script: Script) -> list[object]:
    return [
        script.id,
        script.user_id,
        script.name,
        *("s", "", "indicator", "stscript", "private", "private", 1, 1, 1, 2),
    ]


def as_object(script: Script) -> dict[str, object]:
    return dict(zip(STRUCTURE, row(script), strict=True))


@pytest.mark.parametrize("path", ["/scripts", "/scripts/"])
def test_the_list_has_the_logins_own_scripts_oldest_first(
    alice: Rest, bob: Rest, path: str
) -> None:
    first, second = make(100001, "one"), make(100001, "two")
    make(100002, "Bob's")
    assert alice.get(path) == (200, {"rows": [as_object(first), as_object(second)]})


def test_flags_are_numbers_and_no_booleans(alice: Rest) -> None:
    make(100001, "one")
    _, body = alice.get("/scripts")
    flags = [body["rows"][0][name] for name in ("autostart", "enabled")]
    assert [type(flag) for flag in flags] == [int, int]


@pytest.mark.parametrize("slash", ["", "/"])
def test_one_script_is_answered_as_an_object(alice: Rest, slash: str) -> None:
    script = make(100001, "one")
    assert alice.get(f"/script/{script.id}{slash}") == (200, as_object(script))


def test_an_unknown_script_is_not_found(alice: Rest) -> None:
    status, body = alice.get("/script/999999999999999999")
    assert (status, body["error"]) == (404, "SCRIPT_NOT_FOUND")


def test_a_malformed_id_is_invalid(alice: Rest) -> None:
    status, body = alice.get("/script/abc")
    assert (status, body["error"]) == (400, "INVALID_DATA")


def test_another_logins_script_cannot_be_read(alice: Rest, bob: Rest) -> None:
    script = make(100001, "one")
    status, body = bob.get(f"/script/{script.id}")
    assert (status, body["error"]) == (403, "PERMISSION_DENIED")
    assert bob.get("/scripts")[1]["rows"] == []


def test_administrators_read_scripts_by_naming_the_login(
    alice: Rest, bob: Rest, admin: Rest
) -> None:
    script = make(100001, "one")
    status, body = admin.get("/scripts")
    assert (status, body["error"]) == (400, "INVALID_LOGIN")
    assert admin.get(f"/script/{script.id}")[0] == 200
    assert admin.get("/scripts", login=100001)[1]["rows"] == [as_object(script)]
    assert admin.get(f"/script/{script.id}", login=100001)[0] == 200
    assert admin.get(f"/script/{script.id}", login=100002)[0] == 403


@pytest.mark.parametrize("path", ["/scripts", "/script/1"])
def test_reading_needs_a_session(db: None, path: str) -> None:
    response = Client().get(path)
    assert response.status_code == 401
    assert response.json()["error"] == "PERMISSION_DENIED"


def test_a_wrong_method_is_405_in_the_errors_shape(alice: Rest) -> None:
    status, body = alice.post("/scripts")
    assert (status, body["error"]) == (405, "METHOD_NOT_ALLOWED")

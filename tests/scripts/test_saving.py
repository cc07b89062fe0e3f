from typing import Any

import pytest

from core.clock import now
from scripts.models import Script
from tests.rest_client import Rest

NEW = {
    "name": "Cross",
    "script": "plot(close)",
    "autostart": 1,
    "description": "d",
    "kind": "robot",
}


@pytest.mark.parametrize("path", ["/script", "/script/"])
@pytest.mark.parametrize("method", ["post", "put"])
def test_without_an_id_a_script_is_created(alice: Rest, method: str, path: str) -> None:
    status, body = alice.send(method, path, NEW)
    script = Script.objects.get()
    assert (status, body) == (200, {"data": "OK", "id": script.id})
    assert script.user_id == 100001
    assert (script.name, script.script, script.description) == ("Cross", "plot(close)", "d")
    assert (script.kind, script.autostart, script.enabled) == ("robot", True, True)
    assert (script.type, script.visibility, script.language) == ("private", "private", "stscript")
    assert script.created_time == script.updated_time
    assert abs(script.created_time - now()) <= 5


@pytest.mark.parametrize("method", ["post", "put"])
def test_with_an_id_only_the_sent_fields_change(alice: Rest, method: str) -> None:
    _, created = alice.post("/script", **NEW)
    Script.objects.update(created_time=5, updated_time=5)
    status, body = alice.send(method, "/script", {"id": created["id"], "name": "New"})
    script = Script.objects.get()
    assert (status, body) == (200, {"data": "OK", "id": script.id})
    assert (script.name, script.script, script.autostart) == ("New", "plot(close)", True)
    assert script.created_time == 5
    assert script.updated_time > 5


def test_a_client_may_send_its_own_login_but_no_other(alice: Rest) -> None:
    assert alice.post("/script", **NEW, login=100001)[0] == 200
    status, body = alice.post("/script", **NEW, login=100002)
    assert (status, body["error"]) == (403, "PERMISSION_DENIED")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"name": ""}, "name"),
        ({"name": "n" * 129}, "name"),
        ({"name": 5}, "name"),
        ({"name": "a\0b"}, "name"),
        ({"script": ""}, "script"),
        ({"script": "é" * (128 * 1024 + 1)}, "script"),
        ({"autostart": 2}, "autostart"),
        ({"autostart": True}, "autostart"),
        ({"kind": "virus"}, "kind"),
        ({"visibility": "public"}, "visibility"),
        ({"scirpt": "x"}, "scirpt"),
        ({"id": 0}, "id"),
        ({"id": "7"}, "id"),
    ],
)
def test_an_invalid_field_is_refused_by_name(
    alice: Rest, change: dict[str, Any], named: str
) -> None:
    status, body = alice.send("post", "/script", {**NEW, **change})
    assert (status, body["error"]) == (400, "INVALID_DATA")
    assert body["message"].startswith(f"{named}:")
    assert not Script.objects.exists()


@pytest.mark.parametrize("missing", ["name", "script"])
def test_a_new_script_needs_name_and_text(alice: Rest, missing: str) -> None:
    status, body = alice.send("post", "/script", {k: v for k, v in NEW.items() if k != missing})
    assert (status, body["error"]) == (400, "INVALID_DATA")
    assert missing in body["message"]


def test_an_update_needs_something_to_change(alice: Rest) -> None:
    _, created = alice.post("/script", **NEW)
    status, body = alice.put("/script", id=created["id"])
    assert (status, body["error"]) == (400, "INVALID_DATA")


def test_a_script_of_256_kib_fits(alice: Rest) -> None:
    assert alice.post("/script", name="big", script="x" * 256 * 1024)[0] == 200


def test_an_unknown_script_is_not_updated(alice: Rest) -> None:
    status, body = alice.put("/script", id=7, name="x")
    assert (status, body["error"]) == (404, "SCRIPT_NOT_FOUND")


def test_another_logins_script_cannot_be_changed(alice: Rest, bob: Rest) -> None:
    _, created = alice.post("/script", **NEW)
    status, body = bob.put("/script", id=created["id"], name="mine")
    assert (status, body["error"]) == (404, "SCRIPT_NOT_FOUND")
    assert Script.objects.get().name == "Cross"


def test_staff_write_no_scripts(alice: Rest, carol: Rest) -> None:
    status, body = carol.post("/script", **NEW, login=100001)
    assert (status, body["error"]) == (403, "PERMISSION_DENIED")
    assert not Script.objects.exists()

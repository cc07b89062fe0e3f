from typing import Any

import pytest
from django.test import Client

from settings_app.models import Setting
from tests.rest_client import Rest


@pytest.fixture
def kept(alice: Rest, bob: Rest) -> None:
    rows = [
        (100001, "web", "b"),
        (100001, "web", "a"),
        (100001, "mobile", "a"),
        (100002, "web", "a"),
    ]
    for login, prefix, name in rows:
        Setting.objects.create(
            user_id=login, prefix=prefix, name=name, value='{"x":1}', updated_time=7
        )


def left() -> list[tuple[int, str, str]]:
    return list(Setting.objects.order_by("id").values_list("user_id", "prefix", "name"))


@pytest.mark.parametrize("path", ["/settings", "/settings/"])
@pytest.mark.usefixtures("kept")
def test_the_list_has_the_logins_own_settings(alice: Rest, path: str) -> None:
    rows = [
        [prefix, name, {"x": 1}, 7]
        for prefix, name in (("mobile", "a"), ("web", "a"), ("web", "b"))
    ]
    structure = ["prefix", "name", "value", "updated_time"]
    assert alice.get(path) == (200, {"structure": structure, "rows": rows})


@pytest.mark.usefixtures("kept")
def test_the_list_of_one_prefix(alice: Rest) -> None:
    assert [row[:2] for row in alice.get("/settings", prefix="web")[1]["rows"]] == [
        ["web", "a"],
        ["web", "b"],
    ]
    assert alice.get("/settings", prefix="none")[1]["rows"] == []
    status, body = alice.get("/settings", prefix="")
    assert (status, body["error"]) == (400, "INVALID_DATA")


@pytest.mark.usefixtures("kept")
def test_administrators_read_settings_by_naming_the_login(admin: Rest) -> None:
    status, body = admin.get("/settings")
    assert (status, body["error"]) == (400, "INVALID_LOGIN")
    assert len(admin.get("/settings", login=100001)[1]["rows"]) == 3


@pytest.mark.parametrize("path", ["/settings", "/settings/"])
@pytest.mark.usefixtures("kept")
def test_one_setting_is_deleted(alice: Rest, path: str) -> None:
    assert alice.delete(path, prefix="web", name="a") == (200, {"data": "OK"})
    assert left() == [(100001, "web", "b"), (100001, "mobile", "a"), (100002, "web", "a")]


@pytest.mark.usefixtures("kept")
def test_without_a_name_the_whole_prefix_is_deleted(alice: Rest, bob: Rest) -> None:
    assert alice.delete("/settings", prefix="web") == (200, {"data": "OK"})
    assert left() == [(100001, "mobile", "a"), (100002, "web", "a")]
    assert bob.delete("/settings?prefix=web") == (200, {"data": "OK"})
    assert left() == [(100001, "mobile", "a")]


@pytest.mark.usefixtures("kept")
def test_deleting_an_unknown_setting_answers_ok(alice: Rest) -> None:
    assert alice.delete("/settings", prefix="web", name="none") == (200, {"data": "OK"})
    assert len(left()) == 4


@pytest.mark.parametrize("body", [{}, {"name": "a"}, {"prefix": ""}, {"prefix": "web", "name": ""}])
@pytest.mark.usefixtures("kept")
def test_a_deletion_that_names_no_prefix_deletes_nothing(alice: Rest, body: dict[str, Any]) -> None:
    status, answer = alice.delete("/settings", **body)
    assert (status, answer["error"]) == (400, "INVALID_DATA")
    assert len(left()) == 4


@pytest.mark.usefixtures("kept")
def test_staff_delete_no_settings(carol: Rest) -> None:
    status, body = carol.delete("/settings", prefix="web", login=100001)
    assert (status, body["error"]) == (403, "PERMISSION_DENIED")
    assert len(left()) == 4


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_settings_need_a_session(db: None, method: str) -> None:
    response = getattr(Client(), method)("/settings")
    assert response.status_code == 401
    assert response.json()["error"] == "PERMISSION_DENIED"

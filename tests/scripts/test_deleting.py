from typing import Any

import pytest

from scripts.models import Script
from tests.rest_client import Rest


def make(login: int) -> Script:
    return Script.objects.create(
        user_id=login, name="n", script="s", created_time=1, updated_time=1
    )


def delete_requests(script_id: int) -> list[tuple[str, dict[str, Any]]]:
    """Return every way to name the script."""
    return [
        (f"/script/{script_id}", {}),
        (f"/script/{script_id}/", {}),
        ("/script", {"id": script_id}),
        ("/script/", {"id": script_id}),
        (f"/script?id={script_id}", {}),
    ]


@pytest.mark.parametrize("way", range(5))
def test_only_the_named_script_is_deleted(alice: Rest, way: int) -> None:
    script, neighbour = make(100001), make(100001)
    path, body = delete_requests(script.id)[way]
    assert alice.delete(path, **body) == (200, {"data": "OK"})
    assert list(Script.objects.all()) == [neighbour]


@pytest.mark.parametrize("way", range(5))
def test_another_logins_script_cannot_be_deleted(alice: Rest, bob: Rest, way: int) -> None:
    path, body = delete_requests(make(100001).id)[way]
    status, answer = bob.delete(path, **body)
    assert (status, answer["error"]) == (404, "SCRIPT_NOT_FOUND")
    assert Script.objects.count() == 1


def test_a_deleted_script_is_not_found(alice: Rest) -> None:
    path = f"/script/{make(100001).id}"
    assert alice.delete(path)[0] == 200
    status, body = alice.delete(path)
    assert (status, body["error"]) == (404, "SCRIPT_NOT_FOUND")


@pytest.mark.parametrize("body", [{}, {"id": "x"}, {"id": None}, {"id": -1}, {"id": 2**63}])
def test_without_a_valid_id_nothing_is_deleted(alice: Rest, body: dict[str, Any]) -> None:
    make(100001)
    status, answer = alice.delete("/script", **body)
    assert (status, answer["error"]) == (400, "INVALID_DATA")
    assert Script.objects.count() == 1


def test_staff_delete_no_scripts(alice: Rest, carol: Rest) -> None:
    status, body = carol.delete(f"/script/{make(100001).id}", login=100001)
    assert (status, body["error"]) == (403, "PERMISSION_DENIED")
    assert Script.objects.count() == 1

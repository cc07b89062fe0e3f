"""Section 6 of the contract: scripts."""

from typing import Any

import pytest

from tests.contract import scenes
from tests.contract.shapes import fields
from tests.contract.table import Row, Story, row_id, run_rows
from tests.contract.world import World

COLUMNS = (
    "id:int login:int name:str script:str description:str kind:str language:str type:str"
    " visibility:str autostart:int enabled:int created_time:int updated_time:int"
)
RECORD = fields(COLUMNS)
SAVED = {"data": "OK", "id": int}
OK = {"data": "OK"}
EVENT = {"AccountEvent": 1, "Account": 0}
NEW: dict[str, Any] = {"name": "Mine", "script": "x"}
WHOLE = NEW | {"autostart": 1, "description": "d", "kind": "robot"}
ID = "{script}"
PUBLIC = {"visibility": "public", "type": "public"}
KINDS = ("indicator", "robot", "strategy", "widget")


def refused(body: Any, status: int = 400, code: str = "INVALID_DATA", who: str = "alice") -> Row:
    """Return a row of a refused write."""
    return Row(who, "POST /script", body, status, code, (scenes.a_script,))


ROWS: list[Row | Story] = [
    # --- GET /scripts ---
    Row("alice", "GET /scripts", None, 200, {"rows": [RECORD]}, (scenes.a_script,)),
    Row("alice", "GET /scripts", None, 200, {"rows": []}, (scenes.bobs_script,)),
    Row("alice", "GET /scripts", None, 200, {"rows": [RECORD | PUBLIC]},
        (scenes.bobs_script, scenes.published)),
    Row("admin", "GET /scripts?login=100001", None, 200, {"rows": [RECORD]}, (scenes.a_script,)),
    Row("admin", "GET /scripts", None, 400, "INVALID_LOGIN"),
    Row("carol", "GET /scripts?login=100001", None, 403, "PERMISSION_DENIED"),
    Row("bob", "GET /scripts?login=100001", None, 403, "PERMISSION_DENIED"),
    Row("anonymous", "GET /scripts", None, 401, "PERMISSION_DENIED"),
    # --- GET /script/{id} ---
    Row(
        "alice", "GET /script/{script}", None, 200,
        RECORD | {
            "id": ID, "login": 100001, "language": "stscript", "type": "private",
            "visibility": "private", "autostart": 0, "enabled": 1,
        },
        (scenes.a_script,),
    ),
    Row("alice", "GET /script/{script}", None, 403, "PERMISSION_DENIED", (scenes.bobs_script,)),
    Row("alice", "GET /script/5", None, 404, "SCRIPT_NOT_FOUND"),
    Row("alice", "GET /script/{script}", None, 200, RECORD | PUBLIC | {"login": 100002},
        (scenes.bobs_script, scenes.published)),
    *(
        Row("alice", f"{method} /script/{bad}", None, 400, "INVALID_DATA")
        for method in ("GET", "DELETE") for bad in ("abc", "-1", "1.5", "1" * 19)
    ),
    Row("admin", "GET /script/{script}", None, 200, RECORD, (scenes.a_script,)),
    Row("admin", "GET /script/{script}?login=100002", None, 403, "PERMISSION_DENIED",
        (scenes.a_script,)),
    Row("carol", "GET /script/{script}", None, 403, "PERMISSION_DENIED", (scenes.a_script,)),
    Row("anonymous", "GET /script/5", None, 401, "PERMISSION_DENIED"),
    # --- POST /script without id ---
    (
        Row("alice", "POST /script", NEW, 200, SAVED, changes={"Script": 1, **EVENT}),
        Row("alice", "GET /script/{id}", None, 200,
            RECORD | NEW | {"description": "", "autostart": 0}),
    ),
    (
        Row("alice", "POST /script", WHOLE, 200, SAVED, changes={"Script": 1, **EVENT}),
        Row("alice", "GET /script/{id}", None, 200, RECORD | WHOLE),
    ),
    *(Row("alice", "POST /script", NEW | {"kind": kind}, 200, SAVED, changes={"Script": 1, **EVENT})
      for kind in KINDS),
    Row("alice", "POST /script", NEW | {"script": "x" * 262_144}, 200, SAVED,
        changes={"Script": 1, **EVENT}),
    refused({"name": "Mine"}),
    refused({"script": "x"}),
    refused(NEW | {"name": ""}),
    refused(NEW | {"name": "x" * 129}),
    refused(NEW | {"script": "x" * 262_145}),
    refused(NEW | {"script": "ä" * 131_073}),
    refused(NEW | {"autostart": 2}),
    refused(NEW | {"kind": "virus"}),
    (
        Row("alice", "POST /script", NEW | {"type": "public"}, 200, SAVED,
            changes={"Script": 1, **EVENT}),
        Row("alice", "GET /script/{id}", None, 200, RECORD | {"type": "private"}),
    ),
    refused(NEW | {"visibility": "public"}),
    refused(NEW | {"login": 100002}, 403, "PERMISSION_DENIED"),
    refused(NEW, 400, "INVALID_LOGIN", "admin"),
    refused(NEW | {"login": 100001}, 403, "PERMISSION_DENIED", "carol"),
    Row("admin", "POST /script", NEW | {"login": 100001, "visibility": "public"}, 200, SAVED,
        changes={"Script": 1, **EVENT}),
    refused(NEW, 401, "PERMISSION_DENIED", "anonymous"),
    # --- PUT /script with id ---
    (
        Row("alice", "PUT /script", WHOLE | {"id": ID}, 200, OK | {"id": ID},
            (scenes.a_script,), {"Script": 0, **EVENT}),
        Row("alice", "GET /script/{id}", None, 200, RECORD | WHOLE),
    ),
    (
        Row("alice", "PUT /script", {"id": ID, "script": "z"}, 200, OK | {"id": ID},
            (scenes.a_script,), {"Script": 0, **EVENT}),
        Row("alice", "GET /script/{id}", None, 200, RECORD | {"name": "Mine", "script": "z"}),
    ),
    refused({"id": ID}),
    refused({"id": ID, "name": ""}),
    Row("alice", "PUT /script", {"id": 5, "name": "n"}, 404, "SCRIPT_NOT_FOUND"),
    Row("alice", "PUT /script", {"id": ID, "name": "n"}, 404, "SCRIPT_NOT_FOUND",
        (scenes.bobs_script,)),
    (  # what staff have published is theirs to judge: another text is private again
        Row("alice", "PUT /script", {"id": ID, "visibility": "public", "autostart": 1}, 200, SAVED,
            (scenes.a_script, scenes.published), {"Script": 0, **EVENT}),
        Row("alice", "PUT /script", {"id": ID, "visibility": "private"}, 400, "INVALID_DATA"),
        Row("alice", "GET /script/{id}", None, 200, RECORD | PUBLIC),
        Row("alice", "PUT /script", {"id": ID, "visibility": "public", "script": "z"}, 200, SAVED,
            changes={"Script": 0, **EVENT}),
        Row("alice", "GET /script/{id}", None, 200, RECORD | {"visibility": "private"}),
    ),
    Row("alice", "PUT /script", {"id": ID, "visibility": "public"}, 400, "INVALID_DATA",
        (scenes.a_script,)),
    # --- DELETE /script/{id}, DELETE /script with id ---
    Row("alice", "DELETE /script/{script}", None, 200, OK,
        (scenes.a_script,), {"Script": -1, **EVENT}),
    Row("alice", "DELETE /script", {"id": ID}, 200, OK,
        (scenes.a_script,), {"Script": -1, **EVENT}),
    Row("alice", "DELETE /script/{script}", None, 404, "SCRIPT_NOT_FOUND", (scenes.bobs_script,)),
    Row("alice", "DELETE /script", {"id": ID}, 404, "SCRIPT_NOT_FOUND", (scenes.bobs_script,)),
    Row("alice", "DELETE /script/5", None, 404, "SCRIPT_NOT_FOUND"),
    Row("alice", "DELETE /script", None, 400, "INVALID_DATA"),
    Row("anonymous", "DELETE /script/5", None, 401, "PERMISSION_DENIED"),
    Row("anonymous", "DELETE /script", {"id": 5}, 401, "PERMISSION_DENIED"),
]  # fmt: skip


@pytest.mark.parametrize("rows", ROWS, ids=row_id)
def test_scripts_are_as_the_contract_says(world: World, rows: Row | Story) -> None:
    run_rows(world, rows)

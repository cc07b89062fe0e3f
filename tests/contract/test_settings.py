"""Section 7 of the contract: settings."""

from typing import Any

import pytest

from tests.contract import scenes
from tests.contract.shapes import table
from tests.contract.table import Row, Story, row_id, run_rows
from tests.contract.world import World

COLUMNS = "prefix:str name:str value:any updated_time:int"
OK = {"data": "OK"}
EVENT = {"AccountEvent": 1, "Account": 0}
ONE: dict[str, Any] = {"prefix": "web", "name": "color", "value": "red"}
MANY: dict[str, Any] = {"prefix": "web", "values": {"a": 1, "b": None, "c": {"d": []}}}
FULL = {f"n{i}": i for i in range(1000)}


def listed(query: str, *rows: list[Any], who: str = "alice") -> Row:
    """Return a row that lists the settings."""
    return Row(who, f"GET /settings{query}", None, 200, table(COLUMNS, list(rows)))


def refused(body: Any, status: int = 400, code: str = "INVALID_DATA", who: str = "alice") -> Row:
    """Return a row of a refused write."""
    return Row(who, "PUT /settings", body, status, code, (scenes.two_settings,))


ROWS: list[Row | Story] = [
    # --- GET /settings ---
    Row("alice", "GET /settings", None, 200,
        table(COLUMNS, [["mobile", "sound", True, int], ["web", "layout", {"a": [1, None]}, int]]),
        (scenes.two_settings,)),
    Row("alice", "GET /settings?prefix=mobile", None, 200,
        table(COLUMNS, [["mobile", "sound", True, int]]), (scenes.two_settings,)),
    listed("?prefix=nothing"),
    Row("alice", "GET /settings?prefix=", None, 400, "INVALID_DATA"),
    Row("alice", f"GET /settings?prefix={'x' * 33}", None, 400, "INVALID_DATA"),
    Row("admin", "GET /settings?login=100001", None, 200, table(COLUMNS), (scenes.two_settings,)),
    Row("admin", "GET /settings", None, 400, "INVALID_LOGIN"),
    Row("carol", "GET /settings?login=100001", None, 403, "PERMISSION_DENIED"),
    Row("bob", "GET /settings?login=100001", None, 403, "PERMISSION_DENIED"),
    Row("anonymous", "GET /settings", None, 401, "PERMISSION_DENIED"),
    # --- PUT /settings ---
    (
        Row("alice", "PUT /settings", ONE, 200, OK, changes={"Setting": 1, **EVENT}),
        Row("alice", "PUT /settings", ONE | {"value": None}, 200, OK,
            changes={"Setting": 0, **EVENT}),
        listed("", ["web", "color", None, int]),
        listed("", who="bob"),
    ),
    (
        Row("alice", "PUT /settings", MANY, 200, OK, changes={"Setting": 3, **EVENT}),
        listed("", ["web", "a", 1, int], ["web", "b", None, int], ["web", "c", {"d": []}, int]),
    ),
    Row("alice", "PUT /settings", ONE | {"value": "x" * 65_534}, 200, OK,
        changes={"Setting": 1, **EVENT}),
    Row("alice", "PUT /settings", {"prefix": "x" * 32, "name": "y" * 64, "value": 0}, 200, OK,
        changes={"Setting": 1, **EVENT}),
    (
        Row("alice", "PUT /settings", {"prefix": "web", "values": FULL}, 200, OK,
            changes={"Setting": 1000, **EVENT}),
        Row("alice", "PUT /settings", ONE, 400, "INVALID_DATA"),
        Row("alice", "PUT /settings", MANY, 400, "INVALID_DATA"),
        Row("bob", "PUT /settings", ONE, 200, OK, changes={"Setting": 1, **EVENT}),
    ),
    *(refused({n: v for n, v in ONE.items() if n != missing}) for missing in ONE),
    refused(ONE | {"value": "x" * 65_535}),
    refused(ONE | {"prefix": ""}),
    refused(ONE | {"prefix": "x" * 33}),
    refused(ONE | {"name": ""}),
    refused(ONE | {"name": "x" * 65}),
    refused(ONE | {"values": {"a": 1}}),
    refused({"prefix": "web", "values": {}}),
    refused({"prefix": "web", "values": {"good": 1, "x" * 65: 1}}),
    refused({"prefix": "web", "values": {"good": 1, "bad": "x" * 65_535}}),
    refused(ONE | {"login": 100002}, 403, "PERMISSION_DENIED"),
    refused(ONE | {"login": 100001}, 403, "PERMISSION_DENIED", "admin"),
    refused(ONE, 401, "PERMISSION_DENIED", "anonymous"),
    # --- DELETE /settings ---
    (
        Row("alice", "DELETE /settings", {"prefix": "web", "name": "layout"}, 200, OK,
            (scenes.two_settings,), {"Setting": -1, **EVENT}),
        listed("", ["mobile", "sound", True, int]),
    ),
    (
        Row("alice", "PUT /settings", MANY, 200, OK,
            (scenes.two_settings,), {"Setting": 3, **EVENT}),
        Row("alice", "DELETE /settings", {"prefix": "web"}, 200, OK,
            changes={"Setting": -4, **EVENT}),
        listed("", ["mobile", "sound", True, int]),
    ),
    Row("alice", "DELETE /settings", {"prefix": "web", "name": "nope"}, 200, OK,
        (scenes.two_settings,)),
    Row("bob", "DELETE /settings", {"prefix": "web"}, 200, OK, (scenes.two_settings,)),
    Row("alice", "DELETE /settings", None, 400, "INVALID_DATA", (scenes.two_settings,)),
    Row("alice", "DELETE /settings", {"name": "layout"}, 400, "INVALID_DATA",
        (scenes.two_settings,)),
    Row("admin", "DELETE /settings", {"prefix": "web"}, 403, "PERMISSION_DENIED"),
    Row("anonymous", "DELETE /settings", {"prefix": "web"}, 401, "PERMISSION_DENIED"),
]  # fmt: skip


@pytest.mark.parametrize("rows", ROWS, ids=row_id)
def test_settings_are_as_the_contract_says(world: World, rows: Row | Story) -> None:
    run_rows(world, rows)

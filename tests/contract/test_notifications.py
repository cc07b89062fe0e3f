"""Section 3 of the contract: notifications."""

from typing import Any

import pytest

from accounts.services import staff
from realtime.models import Notification
from tests.contract.conditions import ALICE, BOB
from tests.contract.shapes import table
from tests.contract.table import Row, Story, row_id, run_rows
from tests.contract.world import World

COLUMNS = (
    "id:int token:str message:any create_time:int open_time:int type:int status:int level:int "
    "description:any data:any"
)
PAGE = "GET /notify/list?limit=50&offset=0"
OK = {"data": "OK"}


def two_notifications(world: World) -> None:
    """Alice's rights were taken and given back; `note` is the older one. Bob has `bobs`."""
    for login, read_only in ((ALICE, True), (ALICE, False), (BOB, True)):
        staff.set_read_only(login=login, read_only=read_only)
    ids = Notification.objects.order_by("id").values_list("pk", flat=True)
    world.known |= dict(zip(("note", "newer", "bobs"), ids, strict=True))


def note(text: str, read_only: int, status: int = 0, open_time: Any = 0) -> list[Any]:
    """Return the shape of a row."""
    title = {"title": "Trading rights", "body": text}
    data = {"enable_read_only": read_only}
    return [int, str, title, int, open_time, 4, status, 10, {"text": text}, data]


OLDER = "The account may only be looked at.", 1
NEWER = "The account may trade again.", 0


def listed(query: str, count: int, *rows: Any) -> Row:
    """Return a row of the list."""
    shape = table(COLUMNS, list(rows), count=count)
    return Row("alice", PAGE + query, None, 200, shape, (two_notifications,))


def refused(body: Any, status: int = 400, code: str = "INVALID_DATA", who: str = "alice") -> Row:
    """Return a row of a refused write."""
    return Row(who, "PUT /notify", body, status, code, (two_notifications,))


ROWS: list[Row | Story] = [
    # --- GET /notify/list ---
    listed("", 2, note(*NEWER), note(*OLDER)),
    listed('&filter=[["status","==",2]]', 0),
    listed("&filter=[[\"level\",\">=\",10],[\"type\",\"==\",4]]", 2, note(*NEWER), note(*OLDER)),
    Row("alice", "GET /notify/list?limit=1&offset=1", None, 200,
        table(COLUMNS, [note(*OLDER)], count=2), (two_notifications,)),
    Row("carol", PAGE + "&login=100001", None, 200, table(COLUMNS, count=2), (two_notifications,)),
    Row("carol", PAGE, None, 400, "INVALID_LOGIN"),
    Row("dan", PAGE + "&login=100001", None, 403, "PERMISSION_DENIED"),
    Row("bob", PAGE + "&login=100001", None, 403, "PERMISSION_DENIED"),
    Row("anonymous", PAGE, None, 401, "PERMISSION_DENIED"),
    *(
        Row("alice", f"GET /notify/list?{query}", None, 400, "INVALID_DATA")
        for query in (
            "", "limit=1", "offset=0", "limit=0&offset=0", "limit=1001&offset=0",
            "limit=1&offset=-1", "limit=1&offset=0&filter=x",
            "limit=1&offset=0&filter=[[\"login\",\"==\",1]]",
            "limit=1&offset=0&filter=[[\"status\",\"==\",\"0\"]]",
        )
    ),
    # --- PUT /notify ---
    (
        Row("alice", "PUT /notify", {"id": "{note}", "status": 2}, 200, OK, (two_notifications,),
            {"Notification": 0}),
        Row("alice", PAGE, None, 200,
            table(COLUMNS, [note(*NEWER), note(*OLDER, status=2, open_time=int)], count=2)),
        Row("alice", PAGE + "&filter=[[\"status\",\"==\",0]]", None, 200,
            table(COLUMNS, [note(*NEWER)], count=1)),
        Row("alice", "PUT /notify", {"id": "{note}"}, 200, OK),  # once read, it stays as it is
    ),
    Row("alice", "POST /notify", {"ids": ["{note}", "{newer}"]}, 200, OK, (two_notifications,),
        {"Notification": 0}),
    refused({"id": "{bobs}", "status": 2}, 404, "NOT_FOUND"),
    refused({"ids": ["{note}", "{bobs}"]}, 404, "NOT_FOUND"),
    refused({"ids": ["{note}", 999_999_999]}, 404, "NOT_FOUND"),
    *map(refused, (
        {}, {"status": 2}, {"id": "{note}", "ids": ["{note}"]}, {"ids": []}, {"ids": [0]},
        {"ids": ["1"]}, {"ids": 1}, {"id": True}, {"id": 1, "status": 0}, {"id": 1, "status": 1},
        {"id": 1, "sttus": 2}, {"ids": [1] * 1001},
    )),
    refused({"id": "{note}", "login": BOB}, 403, "PERMISSION_DENIED"),
    refused({"id": "{note}", "login": ALICE}, 403, "PERMISSION_DENIED", "admin"),
    refused({"id": "{note}"}, 401, "PERMISSION_DENIED", "anonymous"),
]  # fmt: skip


@pytest.mark.parametrize("rows", ROWS, ids=row_id)
def test_notifications(world: World, rows: Row | Story) -> None:
    run_rows(world, rows)

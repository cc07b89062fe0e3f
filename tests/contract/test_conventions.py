"""Section 1 of the contract: what holds for every route."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction

from tests.contract import conditions, scenes
from tests.contract.conditions import setting
from tests.contract.row_variants import equivalent_requests, first_of_each_route
from tests.contract.shapes import table
from tests.contract.table import Row, Story, row_id, run_rows
from tests.contract.test_account import ME
from tests.contract.test_auth import ALICE, SIGNED_UP, ZOE
from tests.contract.test_auth import OPENED as OPENS_ACCOUNT
from tests.contract.test_trading import BUY, OPENED, OPENS
from tests.contract.world import World
from trading.api.portfolio import cached_portfolios

KEY = {"Idempotency-Key": "k1"}
AGAIN = {"Idempotent-Replay": "true"}
FIRST = {"Idempotent-Replay": "absent"}
KEPT = OPENS | {"IdempotencyKey": 1}
OUTCOME = {"key": "k1", "status": "done", "http_status": int, "answer": object, "time": int}
COLUMNS = "rule:str scope:str limit:int period:int remaining:int reset:int"
COOKIE = {
    "Set-Cookie": r"(?s).*token=[\w.-]+; expires=.*; HttpOnly; Max-Age=43200; Path=/;"
    r" SameSite=Strict"
}


def buys(status: int, answer: Any, *given: Any, who: str = "alice", **more: Any) -> Row:
    """A write with the key `k1`."""
    fixed: dict[str, Any] = {"sends": KEY, **more}
    return Row(who, "POST /trade/open", BUY, status, answer, given, **fixed)


def malformed(body: bytes) -> Row:
    """No JSON object at all."""
    return Row("alice", "POST /trade/open", body, 400, "INVALID_DATA")


SESSIONS: list[Row | Story] = [
    # --- token: raw, Bearer, or a cookie whose unsafe requests come from here ---
    Row("alice", "GET /account/me", None, 200, ME),
    Row("alice Bearer", "GET /account/me", None, 200, ME),
    Row("alice cookie", "GET /account/me", None, 200, ME),
    Row("alice cookie elsewhere", "GET /account/me", None, 200, ME),
    Row("alice cookie elsewhere", "POST /trade/open", BUY, 403, "PERMISSION_DENIED"),
    Row("alice cookie elsewhere", "DELETE /settings", {"prefix": "w"}, 403, "PERMISSION_DENIED"),
    Row("anonymous", "POST /sign/in", ALICE, 200, object, shows=COOKIE),
    # --- whose data: the token's, unless staff name a login ---
    Row("alice", "POST /trade/open", BUY | {"login": 100001}, 200, OPENED, (), OPENS),
    Row("alice", "POST /trade/open", BUY | {"login": 100002}, 403, "PERMISSION_DENIED"),
    Row("alice", "GET /account/me?login=100002", None, 403, "PERMISSION_DENIED"),
    Row("carol", "GET /account/me", None, 400, "INVALID_LOGIN"),
    Row("carol", "GET /account/me?login=100002", None, 200, ME | {"login": 100002}),
]
ERRORS: list[Row | Story] = [
    *map(malformed, (b"{", b"[]", b"null", b"\xff", b'{"sl": NaN}', b'{"sl": 1e309}')),
    Row("alice", "POST /trade/open?cmd=0", BUY, 400, "INVALID_DATA"),
    Row("alice", "GET /nope", None, 404, "NOT_FOUND"),
    Row("anonymous", "GET /nope/", None, 404, "NOT_FOUND"),
    Row("alice", "PATCH /trade/open", BUY, 405, "METHOD_NOT_ALLOWED"),
    Row("alice", "GET /trade/open", None, 405, "METHOD_NOT_ALLOWED"),
    Row("alice", "POST /trade/close", {"order": 5}, 405, "METHOD_NOT_ALLOWED"),
    Row("alice", "DELETE /trades", None, 405, "METHOD_NOT_ALLOWED"),
    Row("alice", "POST /trade/open", b"cmd=0", 415, "UNSUPPORTED_MEDIA_TYPE",
        sends={"content-type": "application/x-www-form-urlencoded"}),
    Row("alice", "GET /market", None, 500, "INTERNAL_ERROR", (conditions.a_broken_quote,)),
]  # fmt: skip
KEYS: list[Row | Story] = [
    (
        buys(200, OPENED, changes=KEPT, shows=FIRST),
        buys(200, OPENED | {"order": "{order}"}, shows=AGAIN),
        Row("alice", "PUT /trade/open/", BUY, 200, OPENED | {"order": "{order}"}, sends=KEY,
            shows=AGAIN),
        Row("alice", "GET /requests/k1", None, 200,
            OUTCOME | {"http_status": 200, "answer": OPENED | {"order": "{order}"}}),
        Row("alice", "POST /trade/open", BUY | {"volume": 1}, 422, "RET_ERR_DUPLICATE", sends=KEY),
        Row("alice", "POST /trade/check", BUY, 422, "RET_ERR_DUPLICATE", sends=KEY),
        Row("bob", "GET /requests/k1", None, 404, "NOT_FOUND"),
        Row("bob", "GET /requests/k1?login=100001", None, 403, "PERMISSION_DENIED"),
        Row("carol", "GET /requests/k1?login=100001", None, 200, OUTCOME),
        Row("dan", "GET /requests/k1?login=100001", None, 403, "PERMISSION_DENIED"),
    ),
    (  # without a session too: no second account, but another token
        Row("anonymous", "POST /sign/up", ZOE, 200, SIGNED_UP, (scenes.a_public_group,),
            OPENS_ACCOUNT | {"IdempotencyKey": 1}, KEY, FIRST),
        Row("anonymous", "POST /sign/up", ZOE, 200, SIGNED_UP | {"login": "{id}"}, sends=KEY,
            shows=AGAIN),
    ),
    Row("alice", "GET /requests/k1", None, 404, "NOT_FOUND"),
    Row("anonymous", "GET /requests/k1", None, 401, "PERMISSION_DENIED"),
    Row("alice", "GET /requests/no%20key", None, 404, "NOT_FOUND"),
    buys(409, "RET_TRADE_CONTEXT_BUSY", scenes.a_running_write),
    Row("alice", "GET /requests/k1", None, 200,
        {"key": "k1", "status": "running", "http_status": None, "answer": None, "time": None},
        (scenes.a_running_write,)),
    *(
        Row("alice", "POST /trade/open", BUY, 400, "INVALID_DATA", sends={"Idempotency-Key": key})
        for key in ("", "x" * 65, "a b", "ä")
    ),
]  # fmt: skip
COUNTED = {"X-RateLimit-Limit": "2", "X-RateLimit-Remaining": "1", "X-RateLimit-Reset": r"\d+"}
LIMITS: list[Row | Story] = [
    (
        Row("alice", "GET /account/me", None, 200, ME, (setting(LIMIT_ADDRESS=2),), shows=COUNTED),
        Row("alice", "GET /account/me", None, 200, ME, shows={"X-RateLimit-Remaining": "0"}),
        Row("alice", "GET /account/me", None, 429, "RET_TOO_FREQUENT",
            shows={"X-RateLimit-Remaining": "0", "Retry-After": r"\d+"}),
        Row("bob", "GET /account/me", None, 429, "RET_TOO_FREQUENT"),
    ),
    (
        buys(200, OPENED, setting(LIMIT_TRADING=1), changes=OPENS, sends={}),
        buys(429, "RET_TRADE_TOO_MANY_REQ", sends={}, shows={"Retry-After": r"\d+"}),
    ),
    Row("alice", "GET /limits", None, 200,
        table(COLUMNS, [
            ["address", "address", 9, 60, int, int], ["trading", "login", 5, 1, 5, int],
            ["active_alerts", "login", 500, 0, 500, 0], ["scripts", "login", 1000, 0, 1000, 0],
            ["scripts_bytes", "login", 2**23, 0, 2**23, 0],
            ["settings", "login", 1000, 0, 1000, 0],
            ["settings_bytes", "login", 2**21, 0, 2**21, 0],
        ]),
        (setting(LIMIT_ADDRESS=9, LIMIT_TRADING=5),)),
    Row("dan", "GET /limits", None, 200, table(COLUMNS), (setting(LIMIT_ADDRESS=9),)),
    Row("bob", "GET /limits?login=100001", None, 403, "PERMISSION_DENIED"),
    Row("anonymous", "GET /limits", None, 401, "PERMISSION_DENIED"),
]  # fmt: skip
TIME: list[Row | Story] = [
    Row("anonymous", "GET /time", None, 200, {"time": int, "time_ms": int},
        shows={"Date": r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT"}),
    Row("alice", "GET /time?zone=UTC", None, 400, "INVALID_DATA"),
]  # fmt: skip
ROWS = [*SESSIONS, *ERRORS, *KEYS, *LIMITS, *TIME]


@pytest.mark.parametrize("rows", ROWS, ids=row_id)
def test_the_conventions_hold(world: World, rows: Row | Story) -> None:
    run_rows(world, rows)


@contextmanager
def rolled_back() -> Iterator[None]:
    """Roll back everything inside the block."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    cached_portfolios.clear()  # an account's next `seq` is used again


@pytest.mark.parametrize("row", first_of_each_route(), ids=str)
def test_equivalent_requests_get_the_same_answer(world: World, row: Row) -> None:
    world.client(row.who)  # who is there before anything is taken back
    for other in equivalent_requests(row):
        with rolled_back():
            run_rows(world, other)


WRITES = [
    row
    for row in first_of_each_route()
    if not row.call.startswith("GET") and row.who != "anonymous" and "sign/out" not in row.call
]


@pytest.mark.parametrize("row", WRITES, ids=str)
def test_a_write_with_a_key_takes_effect_once(world: World, row: Row) -> None:
    once = replace(row, changes=row.changes | {"IdempotencyKey": 1}, sends=KEY, shows=FIRST)
    run_rows(world, (once, replace(row, given=(), changes={}, sends=KEY, shows=AGAIN)))

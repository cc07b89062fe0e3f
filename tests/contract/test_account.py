"""Section 3 of the contract: the account, its figures and its event log."""

import pytest

from tests.contract import scenes
from tests.contract.conditions import group
from tests.contract.shapes import fields, table
from tests.contract.table import Row, Story, row_id, run_rows
from tests.contract.world import World

ME = fields(
    "id:int login:int currency:str group:str comment:str enable:int enable_read_only:int"
    " enable_change_password:int leverage:int avatar:str email:str name:str phone:str"
    " address:str city:str country:str zipcode:str regdate:int prevbalance:num"
    " prevmonthbalance:num balance:num storage:num commission:num credit:num margin:num"
    " margin_free:num margin_level:num equity:num"
)
BALANCE = fields(
    "login:int balance:num credit:num profit:num storage:num commission:num margin:num"
    " margin_free:num margin_level:num equity:num level_type:int seq:int"
)
CHANGES = "seq:int time:int event:list"
NOBODY = "login=5"

ROWS: list[Row | Story] = [
    # --- GET /account/me ---
    Row("alice", "GET /account/me", None, 200, ME | {"id": 100001, "login": 100001}),
    Row("alice", "GET /account/me", None, 200, ME | {"margin_level": 0, "margin": 0}),
    Row(
        "alice", "GET /account/me", None, 200,
        ME | {"balance": 10000, "margin": 1100.1, "equity": 9990, "margin_free": 8889.9},
        given=(scenes.a_position,),
    ),
    Row("alice", "GET /account/me?login=100001", None, 200, ME),
    Row("carol", "GET /account/me?login=100001", None, 200, ME | {"login": 100001}),
    Row("bob", "GET /account/me?login=100001", None, 403, "PERMISSION_DENIED"),
    Row("carol", "GET /account/me", None, 400, "INVALID_LOGIN"),
    Row("carol", f"GET /account/me?{NOBODY}", None, 400, "INVALID_USER"),
    Row("anonymous", "GET /account/me", None, 401, "PERMISSION_DENIED"),
    Row("eve", "GET /account/me", None, 403, "RET_ACCOUNT_DISABLED"),
    # --- GET /account/balance ---
    Row("alice", "GET /account/balance", None, 200, BALANCE | {"login": 100001, "level_type": 0}),
    Row(
        "alice", "GET /account/balance", None, 200, BALANCE | {"profit": -10, "equity": 9990},
        given=(scenes.a_position,),
    ),
    Row(
        "alice", "GET /account/balance", None, 200, BALANCE | {"level_type": 1},
        given=(scenes.a_position, group(margin_call=1000)),
    ),
    Row(
        "alice", "GET /account/balance", None, 200, BALANCE | {"level_type": 2},
        given=(scenes.a_position, group(margin_stopout=1000)),
    ),
    Row("dan", "GET /account/balance?login=100001", None, 200, BALANCE),
    Row("bob", "GET /account/balance?login=100001", None, 403, "PERMISSION_DENIED"),
    Row("dan", "GET /account/balance", None, 400, "INVALID_LOGIN"),
    Row("dan", f"GET /account/balance?{NOBODY}", None, 400, "INVALID_USER"),
    Row("anonymous", "GET /account/balance", None, 401, "PERMISSION_DENIED"),
    # --- GET /account/changes ---
    Row(
        "alice", "GET /account/changes?since=0", None, 200, table(CHANGES, last_seq=4, more=0),
        given=(scenes.a_position,),
    ),
    Row(
        "alice", "GET /account/changes?since=2", None, 200,
        table(CHANGES, [[3, int, list], [4, int, list]], last_seq=4, more=0),
        given=(scenes.a_position,),
    ),
    Row(
        "alice", "GET /account/changes?since=99", None, 200,
        table(CHANGES, [], last_seq=2, more=0),
    ),
    Row(
        "alice", "GET /account/changes?since=0", None, 200,
        table(CHANGES, [[int, int, list]] * 1000, last_seq=1000, more=1),
        given=(scenes.a_thousand_events,),
    ),
    Row(
        "alice", "GET /account/changes?since=1000", None, 200,
        table(CHANGES, [[1001, int, list], [1002, int, list]], last_seq=1002, more=0),
        given=(scenes.a_thousand_events,),
    ),
    Row("carol", "GET /account/changes?since=0&login=100001", None, 200,
        table(CHANGES, last_seq=int, more=0)),
    Row("alice", "GET /account/changes", None, 400, "INVALID_DATA"),
    Row("alice", "GET /account/changes?since=-1", None, 400, "INVALID_DATA"),
    Row("alice", "GET /account/changes?since=x", None, 400, "INVALID_DATA"),
    Row("bob", "GET /account/changes?since=0&login=100001", None, 403, "PERMISSION_DENIED"),
    Row("carol", "GET /account/changes?since=0", None, 400, "INVALID_LOGIN"),
    Row("carol", f"GET /account/changes?since=0&{NOBODY}", None, 400, "INVALID_USER"),
    Row("anonymous", "GET /account/changes?since=0", None, 401, "PERMISSION_DENIED"),
]  # fmt: skip


@pytest.mark.parametrize("rows", ROWS, ids=row_id)
def test_the_account_answers_as_the_contract_says(world: World, rows: Row | Story) -> None:
    run_rows(world, rows)

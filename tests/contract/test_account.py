"""Section 3 of the contract: the account, its figures and its event log."""

import pytest

from tests.contract import scenes
from tests.contract.conditions import group
from tests.contract.shapes import fields, table
from tests.contract.table import Row, Story, row_id, run_rows
from tests.contract.world import World
from tests.pictures.samples import FORM, avatar_form

ME = fields(
    "id:int login:int currency:str group:str comment:str enable:int enable_read_only:int"
    " enable_change_password:int leverage:int avatar:str email:str name:str phone:str"
    " address:str city:str country:str zipcode:str regdate:int prevbalance:num"
    " prevmonthbalance:num balance:num storage:num commission:num credit:num margin:num"
    " margin_free:num margin_level:num equity:num user_color:str"
)
PROFILE = fields(
    "id:int login:int regdate:int leverage:int email:str avatar:str name:str phone:str address:str"
    " city:str state:str country:str zipcode:str group:str currency:str user_color:str",
    data="OK",
)
UPLOADED = fields(
    "uuid:str file_name:str original_name:str content_type:str file_size:int",
    scope=3, purpose="account_avatar",
)  # fmt: skip
BALANCE = fields(
    "login:int balance:num credit:num profit:num storage:num commission:num margin:num"
    " margin_free:num margin_level:num equity:num level_type:int seq:int"
)
CHANGES = "seq:int time:int event:list"
UNKNOWN_LOGIN = "login=5"

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
    Row("carol", f"GET /account/me?{UNKNOWN_LOGIN}", None, 400, "INVALID_USER"),
    Row("anonymous", "GET /account/me", None, 401, "PERMISSION_DENIED"),
    Row("eve", "GET /account/me", None, 403, "RET_ACCOUNT_DISABLED"),
    # --- PUT /account/me, /account/profile ---
    Row("alice", "PUT /account/me", {"name": "A", "user_color": "#1d4ed8"}, 200,
        PROFILE | {"name": "A", "user_color": "#1d4ed8"}, changes={"User": 0}),
    Row("alice", "PUT /account/profile", {"city": "Tallinn", "phone": ""}, 200,
        PROFILE | {"city": "Tallinn"}, changes={"User": 0}),
    # What was read is sent back: nothing but the profile can change.
    Row("alice", "PUT /account/me", {"id": 1, "login": 100001, "group": "x", "leverage": 9,
        "enable": 0, "balance": 10**6, "email": "x@example.com", "city": "Tallinn", "state": None},
        200,
        PROFILE | {"city": "Tallinn", "group": "demo-usd", "leverage": 100}, changes={"User": 0}),
    *(
        Row("alice", "PUT /account/me", body, 400, "INVALID_DATA")
        for body in (
            {}, {"login": 100001}, {"email": "x@example.com"}, {"password": "correct horse"},
            {"name": " "}, {"name": "x" * 129}, {"phone": "x" * 65}, {"city": 1},
            {"zipcode": "x" * 33}, {"user_color": "x" * 33}, {"avatar": "x" * 4097},
            {"nickname": "A"}, {"enabled": 1, "city": "Tallinn"},
        )
    ),
    Row("alice", "PUT /account/me", {"avatar": "https://elsewhere.example/a.png"}, 400,
        "INVALID_AVATAR"),
    Row("alice", "PUT /account/me", {"login": 100002, "city": "x"}, 403, "PERMISSION_DENIED"),
    Row("carol", "PUT /account/me", {"city": "x"}, 403, "PERMISSION_DENIED"),
    Row("anonymous", "PUT /account/me", {"city": "x"}, 401, "PERMISSION_DENIED"),
    Row("anonymous", "PUT /account/profile", {"city": "x"}, 401, "PERMISSION_DENIED"),
    # --- POST /upload, GET /storage/{file} ---
    *(
        (
            Row("alice", f"{method} /upload", avatar_form(), 200, {"uploaded": [UPLOADED]},
                changes={"StoredPicture": 1}, sends=FORM),
            Row("anonymous", "GET /storage/{uuid}.png", None, 200, b"\x89PNG", shows={
                "Content-Type": "image/png", "Cache-Control": "public, max-age=31536000, .*",
                "X-Content-Type-Options": "nosniff"}),
            Row("alice", "PUT /account/me", {"avatar": "{uuid}"}, 200,
                PROFILE | {"avatar": "/storage/{uuid}.png"}, changes={"User": 0}),
            Row("bob", "PUT /account/me", {"avatar": "/storage/{uuid}.png"}, 400,
                "INVALID_AVATAR"),
        )
        for method in ("POST", "PUT")
    ),
    Row("alice", "POST /upload", avatar_form(b"no picture"), 400, "INVALID_AVATAR", sends=FORM),
    Row("alice", "POST /upload", b"", 400, "INVALID_DATA", sends=FORM),
    Row("alice", "POST /upload", {"purpose": "account_avatar"}, 415, "UNSUPPORTED_MEDIA_TYPE"),
    Row("carol", "POST /upload", avatar_form(), 403, "PERMISSION_DENIED", sends=FORM),
    Row("anonymous", "POST /upload", avatar_form(), 401, "PERMISSION_DENIED", sends=FORM),
    Row("anonymous", "GET /storage/7", None, 404, "NOT_FOUND"),
    Row("anonymous", "GET /storage/00000000-0000-0000-0000-000000000000", None, 404, "NOT_FOUND"),
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
    Row("dan", f"GET /account/balance?{UNKNOWN_LOGIN}", None, 400, "INVALID_USER"),
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
    Row("carol", f"GET /account/changes?since=0&{UNKNOWN_LOGIN}", None, 400, "INVALID_USER"),
    Row("anonymous", "GET /account/changes?since=0", None, 401, "PERMISSION_DENIED"),
]  # fmt: skip


@pytest.mark.parametrize("rows", ROWS, ids=row_id)
def test_the_account_answers_as_the_contract_says(world: World, rows: Row | Story) -> None:
    run_rows(world, rows)

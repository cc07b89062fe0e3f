"""Section 2 of the contract: sessions and passwords."""

from typing import Any

import pytest

from tests.contract import scenes
from tests.contract.conditions import account, group, setting, user
from tests.contract.shapes import fields
from tests.contract.table import Row, Story, row_id, run_rows
from tests.contract.world import World
from tests.factories import PASSWORD

PROFILE = (
    "id:int login:int regdate:int leverage:int email:str avatar:str name:str phone:str address:str"
    " city:str state:str country:str zipcode:str group:str currency:str __token:str"
)
SIGNED_IN = fields(PROFILE)
SIGNED_UP = fields(f"{PROFILE} account_mode:str")
CHECKED = fields("login:int type:int iat:int exp:int enable:int enable_read_only:int")
OK = {"data": "OK"}
COOKIE = {"Set-Cookie": "absent"}

ALICE: dict[str, Any] = {"login": 100001, "password": PASSWORD}
ZOE: dict[str, Any] = {"name": "Zoe", "email": "zoe@example.com", "password": "123456"}
WHOLE = ZOE | {
    "group": "open-usd", "leverage": 50, "phone": "1", "country": "CH", "city": "Zug",
    "address": "A 1", "state": "ZG", "zipcode": "6300",
}  # fmt: skip
NEW = {"old_password": PASSWORD, "password": "654321"}
RIGHT: dict[str, Any] = {"id": 9, "code": "abcd-2345"}
AGAIN = {"Authorization": "{__token}"}
OTHER = {"Authorization": "{token}"}
OPENED = {"User": 1, "Account": 1, "Trade": 1, "AccountEvent": 2}


def sign_in(body: Any, status: int, answer: Any, *given: Any) -> Row:
    """Return a row of a sign-in without a session."""
    return Row("anonymous", "POST /sign/in", body, status, answer, given)


def sign_up(body: Any, status: int, answer: Any, *given: Any) -> Row:
    """Return a row of a sign-up while `open-usd` is public."""
    return Row("anonymous", "POST /sign/up", body, status, answer, (scenes.a_public_group, *given))


def verify(body: Any, status: int, answer: Any, changes: dict[str, int] | None = None) -> Row:
    """Return a row of a verification while a sign-up waits for its code."""
    call, given = "POST /sign/up/verify", (scenes.a_pending_sign_up,)
    return Row("anonymous", call, body, status, answer, given, changes or {})


def password(who: str, body: Any, status: int, answer: Any, *given: Any) -> Row:
    """Return a row of a refused change of password."""
    return Row(who, "PUT /password", body, status, answer, given)


SIGN_IN: list[Row | Story] = [
    sign_in(ALICE, 200, SIGNED_IN | {"id": 100001, "login": 100001, "group": "demo-usd"}),
    sign_in({}, 400, "INVALID_DATA"),
    sign_in({"login": 100001}, 400, "INVALID_DATA"),
    sign_in({"password": PASSWORD}, 400, "INVALID_DATA"),
    sign_in(ALICE | {"login": -1}, 400, "INVALID_DATA"),
    sign_in(ALICE | {"login": "100001"}, 400, "INVALID_DATA"),
    sign_in(ALICE | {"password": "12345"}, 400, "INVALID_DATA"),
    sign_in(ALICE | {"password": "x" * 65}, 400, "INVALID_DATA"),
    sign_in(ALICE | {"password": 123456}, 400, "INVALID_DATA"),
    sign_in(ALICE, 402, "USER_DISABLED", user(enable=False)),
    sign_in(ALICE | {"password": "not this one"}, 403, "USER_NOT_FOUND_OR_INCORRECT"),
    sign_in(ALICE | {"login": 5}, 403, "USER_NOT_FOUND_OR_INCORRECT"),
    sign_in(ALICE | {"login": 0}, 403, "USER_NOT_FOUND_OR_INCORRECT"),
    sign_in(
        ALICE | {"password": "not this one"}, 403, "USER_NOT_FOUND_OR_INCORRECT",
        user(enable=False),
    ),
    sign_in(ALICE | {"login": 100009}, 404, "GROUP_NOT_FOUND", scenes.a_client_without_account),
    (
        sign_in(ALICE, 200, SIGNED_IN, setting(LIMIT_SIGN_LOGIN=1)),
        Row("anonymous", "POST /sign/in", ALICE, 429, "RET_TOO_FREQUENT",
            shows={"Retry-After": r"\d+"}),
    ),
    (
        sign_in(ALICE, 200, SIGNED_IN, setting(LIMIT_SIGN_ADDRESS=1)),
        sign_in(ALICE | {"login": 100002}, 429, "RET_TOO_FREQUENT"),
    ),
]  # fmt: skip
SIGN_UP: list[Row | Story] = [
    (
        Row("anonymous", "POST /sign/up", ZOE, 200,
            SIGNED_UP | {"group": "open-usd", "leverage": 100, "account_mode": "DEMO"},
            (scenes.a_public_group,), OPENED),
        sign_in({"login": "{id}", "password": "123456"}, 200, SIGNED_IN | {"name": "Zoe"}),
    ),
    Row("anonymous", "POST /sign/up", WHOLE, 200,
        SIGNED_UP | {name: value for name, value in WHOLE.items() if name != "password"},
        (scenes.a_public_group,), OPENED),
    *(
        sign_up({n: v for n, v in ZOE.items() if n != missing}, 400, "INVALID_DATA")
        for missing in ZOE
    ),
    sign_up(ZOE | {"name": " "}, 400, "INVALID_DATA"),
    sign_up(ZOE | {"email": "zoe"}, 400, "INVALID_DATA"),
    sign_up(ZOE | {"password": "12345"}, 400, "INVALID_DATA"),
    sign_up(ZOE | {"password": "x" * 65}, 400, "INVALID_DATA"),
    sign_up(ZOE | {"leverage": 0}, 400, "INVALID_DATA"),
    sign_up(ZOE | {"leverage": 10_001}, 400, "INVALID_DATA"),
    sign_up(ZOE | {"login": 7}, 400, "INVALID_DATA"),
    sign_up(ZOE | {"group": "demo-usd"}, 403, "GROUP_NOT_PUBLIC"),
    sign_up(ZOE | {"group": "demo-usd"}, 403, "GROUP_DISABLED", group(public=True, enabled=False)),
    sign_up(ZOE | {"group": "nope"}, 404, "GROUP_NOT_FOUND"),
    Row("anonymous", "POST /sign/up", ZOE, 404, "GROUP_NOT_FOUND"),
    (
        sign_in(ALICE, 200, SIGNED_IN, setting(LIMIT_SIGN_ADDRESS=1)),
        sign_up(ZOE, 429, "RET_TOO_FREQUENT"),
    ),
    (
        Row("anonymous", "POST /sign/up", ZOE, 200, SIGNED_UP,
            (scenes.a_public_group, setting(LIMIT_SIGN_UP_MINUTE=1)), OPENED),
        Row("anonymous", "POST /sign/up", ZOE, 429, "RET_TOO_FREQUENT"),
    ),
    (
        Row("anonymous", "POST /sign/up", ZOE, 200, SIGNED_UP,
            (scenes.a_public_group, setting(SIGN_UP_UNIQUE_EMAIL=True)), OPENED),
        Row("anonymous", "POST /sign/up", ZOE, 400, "INVALID_DATA"),
    ),
    # --- POST /sign/up/verify: where the mailbox is proved first ---
    Row("anonymous", "POST /sign/up", ZOE, 200, {"data": "OK", "id": int},
        (scenes.a_public_group, setting(SIGN_UP_VERIFY=True)), {"PendingSignUp": 1}),
    sign_up(ZOE | {"group": "demo-usd"}, 403, "GROUP_NOT_PUBLIC", setting(SIGN_UP_VERIFY=True)),
    verify(RIGHT, 200, SIGNED_UP | {"name": "Zoe", "account_mode": "DEMO"},
           OPENED | {"PendingSignUp": 0}),
    verify(RIGHT | {"code": "ABCD-2346"}, 403, "PERMISSION_DENIED", {"PendingSignUp": 0}),
    verify(RIGHT | {"id": 8}, 403, "PERMISSION_DENIED"),
    *(verify({n: v for n, v in RIGHT.items() if n != missing}, 400, "INVALID_DATA")
      for missing in RIGHT),
    verify(RIGHT | {"id": "9"}, 400, "INVALID_DATA"),
    verify(RIGHT | {"login": 100001}, 400, "INVALID_DATA"),
]  # fmt: skip
SESSION: list[Row | Story] = [
    Row("alice", "GET /sign/check", None, 200,
        CHECKED | {"login": 100001, "type": 0, "enable": 1, "enable_read_only": 0}),
    Row("alice", "GET /sign/check", None, 200, CHECKED | {"enable_read_only": 1},
        (account(enable_read_only=True),)),
    Row("carol", "GET /sign/check", None, 200, CHECKED | {"login": 3, "type": 1}),
    Row("dan", "GET /sign/check", None, 200, CHECKED | {"login": 2, "type": 2}),
    Row("admin", "GET /sign/check", None, 200, CHECKED | {"login": 1, "type": 3}),
    (
        sign_in(ALICE, 200, SIGNED_IN),
        Row("anonymous", "GET /sign/check", None, 200, CHECKED, sends=AGAIN),
    ),
    Row("anonymous", "GET /sign/check", None, 401, "PERMISSION_DENIED"),
    Row("anonymous", "GET /sign/check", None, 401, "PERMISSION_DENIED",
        sends={"Authorization": "x.y.z"}),
    Row("anonymous", "GET /sign/check", None, 401, "PERMISSION_DENIED",
        (scenes.an_expired_token,), sends=OTHER),
    Row("anonymous", "GET /sign/check", None, 401, "PERMISSION_DENIED",
        (scenes.a_forged_token,), sends=OTHER),
    Row("eve", "GET /sign/check", None, 401, "PERMISSION_DENIED"),
    # --- POST /sign/out: this token, and no other ---
    (
        sign_in(ALICE, 200, SIGNED_IN),
        Row("anonymous", "POST /sign/out", None, 200, OK, (scenes.a_token_of_another_device,),
            {"RevokedToken": 1}, AGAIN),
        Row("anonymous", "GET /sign/check", None, 401, "PERMISSION_DENIED", sends=AGAIN),
        Row("anonymous", "GET /sign/check", None, 200, CHECKED, sends=OTHER),
    ),
    Row("alice", "POST /sign/out", {"login": 100001}, 200, OK, (), {"RevokedToken": 1}),
    Row("alice", "POST /sign/out", {"login": 100002}, 403, "PERMISSION_DENIED"),
    Row("anonymous", "POST /sign/out", None, 401, "PERMISSION_DENIED"),
]  # fmt: skip
CHANGING: list[Row | Story] = [
    (
        sign_in(ALICE, 200, SIGNED_IN),
        Row(
            "anonymous",
            "PUT /password",
            NEW,
            200,
            OK,
            (scenes.a_token_of_another_device,),
            {"User": 0},
            AGAIN,
        ),
        Row("anonymous", "GET /sign/check", None, 200, CHECKED, sends=AGAIN),
        Row("anonymous", "GET /sign/check", None, 401, "PERMISSION_DENIED", sends=OTHER),
        sign_in(ALICE, 403, "USER_NOT_FOUND_OR_INCORRECT"),
        sign_in(ALICE | {"password": "654321"}, 200, SIGNED_IN),
    ),
    (
        Row(
            "admin",
            "PUT /password",
            {"login": 100001, "password": "654321"},
            200,
            OK | {"login": "OK"},
            (scenes.a_token_of_another_device,),
            {"User": 0},
        ),
        Row("anonymous", "GET /sign/check", None, 401, "PERMISSION_DENIED", sends=OTHER),
        sign_in(ALICE | {"password": "654321"}, 200, SIGNED_IN),
    ),
    Row("alice", "PUT /password", NEW, 200, OK, (), {"User": 0}),
    password("alice", {"password": "654321"}, 400, "INVALID_DATA"),
    password("alice", {"old_password": PASSWORD}, 400, "INVALID_DATA"),
    password("alice", NEW | {"password": "12345"}, 400, "INVALID_DATA"),
    password("alice", NEW | {"password": "x" * 65}, 400, "INVALID_DATA"),
    password("alice", NEW | {"old_password": "not this one"}, 401, "UPDATE_PASSWORD_ERROR"),
    password("alice", NEW | {"login": 100002}, 403, "PERMISSION_DENIED"),
    password("alice", NEW, 403, "PERMISSION_DENIED", user(enable_change_password=False)),
    password("admin", {"password": "654321"}, 400, "INVALID_LOGIN"),
    password("admin", {"login": 5, "password": "654321"}, 400, "INVALID_USER"),
    password("admin", NEW | {"login": 100001}, 400, "INVALID_DATA"),
    password("dan", {"login": 100001, "password": "654321"}, 403, "PERMISSION_DENIED"),
    password("anonymous", NEW, 401, "PERMISSION_DENIED"),
    (
        Row("alice", "PUT /password", NEW, 200, OK, (setting(LIMIT_SIGN_LOGIN=1),), {"User": 0}),
        password("alice", NEW, 429, "RET_TOO_FREQUENT"),
    ),
]
ROWS = [*SIGN_IN, *SIGN_UP, *SESSION, *CHANGING]


@pytest.mark.parametrize("rows", ROWS, ids=row_id)
def test_sessions_are_as_the_contract_says(world: World, rows: Row | Story) -> None:
    run_rows(world, rows)

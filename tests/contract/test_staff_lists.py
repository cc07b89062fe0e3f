"""Section 9 of the contract: what staff read of many accounts."""

import pytest

from tests.contract.conditions import account
from tests.contract.shapes import table
from tests.contract.table import Row, Story, row_id, run_rows
from tests.contract.test_account import ME
from tests.contract.world import World

ACCOUNTS = (
    "login:int group:str currency:str leverage:int balance:num credit:num prevbalance:num"
    " prevmonthbalance:num enable:int enable_read_only:int enable_change_password:int comment:str"
    " regdate:int name:str email:str phone:str country:str city:str state:str address:str"
    " zipcode:str avatar:str"
)
BALANCES = (
    "login:int balance:num credit:num profit:num storage:num commission:num margin:num"
    " margin_free:num margin_level:num equity:num level_type:int"
)
CALLS = (
    "balance:num login:int equity:num credit:num margin:num margin_free:num margin_level:num"
    " margin_type:int level_type:int"
)
PAGE = "?limit=10&offset=0"
LISTS = {"GET /accounts": ACCOUNTS, "GET /balances/list": BALANCES, "GET /margin_call": CALLS}
CALLED = account(margin_called=True)
WRONG_FILTERS = (
    'where=[["nope","==",1]]', 'where=[["login","like","1"]]', 'orderBy=[["login","up"]]',
    'where=[["user__password","==","x"]]', "where=x",
)  # fmt: skip


def of_list(call: str, columns: str) -> list[Row | Story]:
    """Return the rows that all lists have."""
    whole = table(columns, count=int)
    return [
        *(Row(who, call + PAGE, None, 200, whole, (CALLED,)) for who in ("carol", "dan", "admin")),
        Row("carol", f"{call}{PAGE}&login=100001", None, 200, whole | {"count": 1}, (CALLED,)),
        Row("carol", f'{call}{PAGE}&where=[["login",">",100001]]&orderBy=[["balance","desc"]]',
            None, 200, table(columns, [] if "margin" in call else None, count=int), (CALLED,)),
        Row("carol", f"{call}?limit=10&offset=5", None, 200, table(columns, [], count=int)),
        *(
            Row(who, call + PAGE, None, status, "PERMISSION_DENIED")
            for who, status in (("alice", 403), ("anonymous", 401))
        ),
        Row("eve", call + PAGE, None, 403, "RET_ACCOUNT_DISABLED"),
        *(
            Row("carol", f"{call}{wrong}", None, 400, "INVALID_DATA")
            for wrong in (
                "", "?limit=10", "?offset=0", "?limit=0&offset=0", "?limit=1001&offset=0",
                "?limit=1&offset=-1", f"{PAGE}&unknown=1", f"{PAGE}&tradeType=0",
                *(f"{PAGE}&{condition}" for condition in WRONG_FILTERS),
            )
        ),
    ]  # fmt: skip


ROWS: list[Row | Story] = [
    *(row for call, columns in LISTS.items() for row in of_list(call, columns)),
    Row("carol", "GET /account/login?login=100001", None, 200, ME),
    Row("alice", "GET /account/login?login=100001", None, 200, ME),
    Row("carol", "GET /account/login?login=5", None, 400, "INVALID_USER"),
    Row("carol", "GET /account/login", None, 400, "INVALID_DATA"),
    Row("alice", "GET /account/login?login=100002", None, 403, "PERMISSION_DENIED"),
    Row("anonymous", "GET /account/login?login=100001", None, 401, "PERMISSION_DENIED"),
]


@pytest.mark.parametrize("rows", ROWS, ids=row_id)
def test_staff_read_accounts_as_the_contract_says(world: World, rows: Row | Story) -> None:
    run_rows(world, rows)

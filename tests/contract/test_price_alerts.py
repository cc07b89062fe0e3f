"""Section 8 of the contract: price alerts and their logs."""

from typing import Any

import pytest

from tests.contract import conditions, scenes
from tests.contract.conditions import setting
from tests.contract.shapes import table
from tests.contract.table import Row, Scene, Story, row_id, run_rows
from tests.contract.world import World

COLUMNS = (
    "id:int login:int symbol:str indicator_name:str message:str side:int condition:int"
    " target_price:num channel_low:num channel_high:num move_threshold:num status:int"
    " repeat_mode:int created_at:int updated_at:int expires_at:int triggered_at:int"
    " triggered_price:num reference_price:num reference_time:int comment:str"
    " cooldown:int"
)
LOG = (
    "id:int alert_id:int login:int symbol:str indicator_name:str message:str side:int"
    " condition:int target_price:num triggered_price:num triggered_at:int comment:str"
)
ID = table("id:int")
OK = {"data": "OK"}
NEW: dict[str, Any] = {
    "symbol": "EURUSD", "side": 0, "condition": 2, "repeat_mode": 0, "target_price": 2,
}  # fmt: skip
BARE = {name: NEW[name] for name in ("symbol", "side", "repeat_mode")}
LATER, PAST = 4_000_000_000, 1_000_000_000
WORDS = {"indicator_name": "i", "message": "x" * 256, "comment": "y" * 256, "expires_at": LATER}
CREATES = {"Alert": 1, "Account": 0, "AccountEvent": 1}
CHANGES = {"Alert": 0, "Account": 0, "AccountEvent": 1}
TARGET, CHANNEL, MOVING = (0, 1, 2, 3, 12), (4, 5, 6, 7), (8, 9, 10, 11)
ALERT = {"id": "{alert}"}


def creates(body: dict[str, Any]) -> Row:
    """Return a row that creates an alert."""
    return Row("alice", "POST /price_alert", body, 200, ID, changes=CREATES)


def refuses(body: Any, status: int, code: str, *given: Scene, who: str = "alice") -> Row:
    """Return a row of a refused write."""
    return Row(who, "POST /price_alert", body, status, code, given)


def listed(*rows: list[Any], who: str = "alice") -> Row:
    """Return a row that lists the alerts."""
    return Row(who, "GET /price_alert/list", None, 200, table(COLUMNS, list(rows)))


def logs(query: str, *rows: list[Any]) -> Row:
    """Return a row that lists the log."""
    return Row("alice", f"GET /price_alert/logs{query}", None, 200, table(LOG, list(rows)))


def row(**fields: Any) -> list[Any]:
    """Return a row of the alert list with these fields given."""
    names = [word.partition(":")[0] for word in COLUMNS.split()]
    return [fields.get(name, object) for name in names]


CREATING: list[Row | Story] = [
    # --- GET /price_alert/list ---
    Row("alice", "GET /price_alert/list", None, 200, table(COLUMNS), (scenes.an_alert,)),
    Row("alice", "GET /price_alert/list", None, 200, table(COLUMNS, []), (scenes.bobs_alert,)),
    Row("alice", "GET /price_alert/list", None, 200, table(COLUMNS, []), (scenes.a_deleted_alert,)),
    Row("carol", "GET /price_alert/list?login=100001", None, 200, table(COLUMNS),
        (scenes.an_alert,)),
    Row("carol", "GET /price_alert/list", None, 400, "INVALID_LOGIN"),
    Row("bob", "GET /price_alert/list?login=100001", None, 403, "PERMISSION_DENIED"),
    Row("anonymous", "GET /price_alert/list", None, 401, "PERMISSION_DENIED"),
    # --- POST /price_alert without id ---
    (
        creates(NEW | WORDS | {"side": 1, "repeat_mode": 1}),
        listed(row(login=100001, symbol="EURUSD", target_price=2, side=1, condition=2, status=0,
                   repeat_mode=1, triggered_at=0, triggered_price=0, **WORDS)),
    ),
    *(creates(BARE | {"condition": c, "target_price": 1.2}) for c in TARGET),
    *(creates(BARE | {"condition": c, "channel_low": 1, "channel_high": 2}) for c in CHANNEL),
    *(creates(BARE | {"condition": c, "move_threshold": 0.01}) for c in MOVING),
    (
        creates(BARE | {"condition": 8, "move_threshold": 1}),
        listed(row(reference_price=1.1, reference_time=int)),
    ),
    (
        creates(BARE | {"condition": 9, "move_threshold": 1, "reference_price": 1.5,
                        "reference_time": 77}),
        listed(row(reference_price=1.5, reference_time=77)),
    ),
    creates(NEW | {"expires_at": 0}),
    *(
        refuses({n: v for n, v in NEW.items() if n != missing}, 400, "INVALID_DATA")
        for missing in ("symbol", "side", "condition", "repeat_mode")
    ),
    *(
        refuses(NEW | change, 400, "INVALID_DATA")
        for change in ({"side": 2}, {"condition": 13}, {"condition": -1}, {"repeat_mode": 2},
                       {"message": "x" * 257}, {"comment": "x" * 257}, {"target_price": "2"},
                       {"unknown": 1})
    ),
    *(refuses(BARE | {"condition": c}, 400, "INVALID_TARGET_PRICE") for c in TARGET),
    refuses(NEW | {"target_price": 0}, 400, "INVALID_TARGET_PRICE"),
    refuses(NEW | {"target_price": -1}, 400, "INVALID_TARGET_PRICE"),
    *(refuses(BARE | {"condition": c}, 400, "INVALID_CHANNEL") for c in CHANNEL),
    refuses(BARE | {"condition": 4, "channel_low": 2, "channel_high": 1}, 400, "INVALID_CHANNEL"),
    refuses(BARE | {"condition": 4, "channel_low": 1, "channel_high": 1}, 400, "INVALID_CHANNEL"),
    *(refuses(BARE | {"condition": c}, 400, "INVALID_MOVE_THRESHOLD") for c in MOVING),
    refuses(BARE | {"condition": 8, "move_threshold": -1}, 400, "INVALID_MOVE_THRESHOLD"),
    refuses(NEW | {"target_price": 2.000001}, 400, "INVALID_TARGET_PRICE"),
    refuses(BARE | {"condition": 4, "channel_low": 1, "channel_high": 1.000001}, 400,
            "INVALID_CHANNEL"),
    refuses(BARE | {"condition": 8, "move_threshold": 1e-8}, 400, "INVALID_MOVE_THRESHOLD"),
    refuses(BARE | {"condition": 10, "move_threshold": 1e-8}, 400, "INVALID_MOVE_THRESHOLD"),
    refuses(NEW | {"expires_at": PAST}, 400, "INVALID_EXPIRES_AT"),
    refuses(NEW | {"symbol": "NOPE"}, 404, "RET_SYMBOL_NOT_FOUND"),
    refuses(BARE | {"condition": 8, "move_threshold": 1}, 503, "RET_TRADE_OFFQUOTES",
            conditions.no_quote),
    refuses(NEW, 409, "ALERT_LIMIT_REACHED", scenes.an_alert, setting(ALERT_LIMIT=1)),
    refuses(NEW | {"login": 100002}, 403, "PERMISSION_DENIED"),
    refuses(NEW, 403, "PERMISSION_DENIED", who="dan"),
    refuses(NEW, 401, "PERMISSION_DENIED", who="anonymous"),
]  # fmt: skip
CHANGING: list[Row | Story] = [
    # --- PUT /price_alert with id ---
    *(
        (
            Row("alice", "PUT /price_alert", ALERT | change, 200, table("id:int", [["{alert}"]]),
                (scenes.an_alert,), CHANGES),
            listed(row(id="{alert}", status=0, **change)),
        )
        for change in (
            {"target_price": 3}, {"side": 1}, {"repeat_mode": 1}, {"condition": 3}, WORDS,
        )
    ),
    (
        Row("alice", "PUT /price_alert", ALERT | {"status": 2}, 200, ID, (scenes.an_alert,),
            CHANGES),
        listed(row(status=2)),
        Row("alice", "PUT /price_alert", ALERT | {"status": 0}, 200, ID, (), CHANGES),
        listed(row(status=0)),
    ),
    (  # a trigger is forgotten
        Row("alice", "PUT /price_alert", ALERT | {"status": 0}, 200, ID,
            (scenes.a_triggered_alert,), CHANGES),
        listed(row(status=0, triggered_at=0, triggered_price=0)),
    ),
    (
        Row("alice", "PUT /price_alert", ALERT | {"status": 0}, 400, "INVALID_EXPIRES_AT",
            (scenes.an_expired_alert,)),
        Row("alice", "PUT /price_alert", ALERT | {"status": 0, "expires_at": PAST}, 400,
            "INVALID_EXPIRES_AT"),
        Row("alice", "PUT /price_alert", ALERT | {"status": 0, "expires_at": 0}, 200, ID, (),
            CHANGES),
        listed(row(status=0, expires_at=0)),
    ),
    Row("alice", "PUT /price_alert", ALERT | {"status": 0, "expires_at": LATER}, 200, ID,
        (scenes.an_expired_alert,), CHANGES),
    *(
        refuses(ALERT | change, 400, code, scenes.an_alert)
        for change, code in (
            ({"target_price": 0}, "INVALID_TARGET_PRICE"), ({"condition": 4}, "INVALID_CHANNEL"),
            ({"condition": 8}, "INVALID_MOVE_THRESHOLD"), ({"expires_at": 1}, "INVALID_EXPIRES_AT"),
            ({"status": 1}, "INVALID_DATA"), ({"status": 3}, "INVALID_DATA"),
            ({"status": 4}, "INVALID_DATA"), ({"side": 2}, "INVALID_DATA"),
        )
    ),
    refuses(ALERT | {"symbol": "NOPE"}, 404, "RET_SYMBOL_NOT_FOUND", scenes.an_alert),
    refuses(ALERT | {"status": 0}, 409, "ALERT_LIMIT_REACHED", scenes.a_triggered_alert,
            scenes.another_alert, setting(ALERT_LIMIT=1)),
    refuses(ALERT | {"status": 2}, 403, "PERMISSION_DENIED", scenes.bobs_alert),
    refuses(ALERT | {"status": 2}, 404, "NOT_FOUND", scenes.a_deleted_alert),
    refuses({"id": 5, "status": 2}, 404, "NOT_FOUND"),
    # --- DELETE /price_alert/{id}; its log rows stay ---
    Row("alice", "DELETE /price_alert/{alert}", None, 200, table("id:int", [["{alert}"]]),
        (scenes.an_alert_log,), CHANGES),
    Row("alice", "DELETE /price_alert", ALERT, 200, table("id:int", [["{alert}"]]),
        (scenes.an_alert,), CHANGES),
    (
        Row("alice", "DELETE /price_alert/{alert}", None, 200, ID, (scenes.an_alert,), CHANGES),
        listed(),
        Row("alice", "DELETE /price_alert/{alert}", None, 404, "NOT_FOUND"),
    ),
    Row("alice", "DELETE /price_alert/{alert}", None, 403, "PERMISSION_DENIED",
        (scenes.bobs_alert,)),
    Row("alice", "DELETE /price_alert", ALERT, 403, "PERMISSION_DENIED", (scenes.bobs_alert,)),
    Row("alice", "DELETE /price_alert/5", None, 404, "NOT_FOUND"),
    Row("alice", "DELETE /price_alert", None, 400, "INVALID_DATA"),
    Row("dan", "DELETE /price_alert/5", None, 403, "PERMISSION_DENIED"),
    Row("anonymous", "DELETE /price_alert/5", None, 401, "PERMISSION_DENIED"),
    Row("anonymous", "DELETE /price_alert", {"id": 5}, 401, "PERMISSION_DENIED"),
]  # fmt: skip
LOGS: list[Row | Story] = [
    Row("alice", "GET /price_alert/logs", None, 200,
        table(LOG, [["{newer}", *[object] * 11], ["{log}", *[object] * 11]]),
        (scenes.an_alert_log,)),
    Row("alice", "GET /price_alert/logs", None, 200, table(LOG), (scenes.an_alert_log,)),
    Row("alice", "GET /price_alert/logs?limit=1&offset=1", None, 200,
        table(LOG, [["{log}", *[object] * 11]]), (scenes.an_alert_log,)),
    Row("alice", "GET /price_alert/logs", None, 200, table(LOG, []), (scenes.bobs_alert_log,)),
    Row("carol", "GET /price_alert/logs?login=100001", None, 200, table(LOG),
        (scenes.an_alert_log,)),
    Row("alice", "GET /price_alert/logs?limit=0", None, 400, "INVALID_DATA"),
    Row("alice", "GET /price_alert/logs?offset=-1", None, 400, "INVALID_DATA"),
    Row("carol", "GET /price_alert/logs", None, 400, "INVALID_LOGIN"),
    Row("bob", "GET /price_alert/logs?login=100001", None, 403, "PERMISSION_DENIED"),
    Row("anonymous", "GET /price_alert/logs", None, 401, "PERMISSION_DENIED"),
    (
        Row("alice", "DELETE /price_alert/logs/{log}", None, 200, OK, (scenes.an_alert_log,),
            {"AlertLog": 0}),
        logs("", ["{newer}", *[object] * 11]),
        Row("alice", "DELETE /price_alert/logs/{log}", None, 404, "NOT_FOUND"),
        Row("alice", "DELETE /price_alert/logs", None, 200, OK, (), {"AlertLog": 0}),
        logs(""),
    ),
    Row("alice", "DELETE /price_alert/logs", None, 200, OK, (scenes.bobs_alert_log,)),
    Row("alice", "DELETE /price_alert/logs/{log}", None, 403, "PERMISSION_DENIED",
        (scenes.bobs_alert_log,)),
    Row("alice", "DELETE /price_alert/logs/5", None, 404, "NOT_FOUND"),
    Row("dan", "DELETE /price_alert/logs", None, 403, "PERMISSION_DENIED"),
    Row("anonymous", "DELETE /price_alert/logs/5", None, 401, "PERMISSION_DENIED"),
    Row("anonymous", "DELETE /price_alert/logs", None, 401, "PERMISSION_DENIED"),
]  # fmt: skip
ROWS = [*CREATING, *CHANGING, *LOGS]


@pytest.mark.parametrize("rows", ROWS, ids=row_id)
def test_price_alerts_are_as_the_contract_says(world: World, rows: Row | Story) -> None:
    run_rows(world, rows)

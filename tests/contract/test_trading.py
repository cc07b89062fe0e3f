"""Section 4 of the contract: orders. Reading them is in `test_trades.py`."""

from typing import Any

import pytest

from tests.contract import conditions, scenes
from tests.contract.conditions import account, group, setting, symbol
from tests.contract.table import Row, Scene, Story, row_id, run_rows
from tests.contract.world import World

BUY: dict[str, Any] = {"cmd": 0, "volume": 100, "symbol": "EURUSD", "sl": 0, "tp": 0}
LIMIT: dict[str, Any] = {"cmd": 2, "volume": 100, "symbol": "EURUSD", "open_price": 1.09}
ACK = {"accepted": True, "order": int, "login": 100001, "symbol": "EURUSD"}
OPENED = ACK | {"state": 1, "cmd": 0, "volume": 100}
CLOSED = ACK | {"cmd": 0, "close_volume": 100, "order": "{order}"}
MINE = {"order": "{order}"}
NOBODYS = {"order": 5}
PENDING = {"order": "{pending}"}
OPENS = {"Trade": 1, "Fill": 1, "Account": 0, "AccountEvent": 2}
PLACES = {"Trade": 1, "Account": 0, "AccountEvent": 2}
CLOSES = {"Trade": 0, "Fill": 1, "Account": 0, "AccountEvent": 2}
SPLITS = {"Trade": 1, "Fill": 1, "Account": 0, "AccountEvent": 3}
CHANGES = {"Trade": 0, "Account": 0, "AccountEvent": 2}

NO_COMMAND = "RET_TRADE_INCORRECT_CMD"
DENIED = (403, "PERMISSION_DENIED")
INVALID = (400, "INVALID_DATA")


def without(body: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the body with one field left out."""
    return {key: value for key, value in body.items() if key != name}


def refuses(call: str, body: Any, status: int, code: str, *given: Scene, who: str = "alice") -> Row:
    """Return a row of a refusal that changes nothing."""
    return Row(who, call, body, status, code, given)


def both(change: dict[str, Any], status: int, code: str, *given: Scene) -> list[Row | Story]:
    """Return rows in which both ways to open refuse."""
    return [
        refuses("POST /trade/open", BUY | change, status, code, *given),
        refuses("POST /trade/open/pending", LIMIT | change, status, code, *given),
    ]


def only_for_clients(call: str, body: Any) -> list[Row | Story]:
    """Return rows of everybody who may not trade."""
    return [
        refuses(call, body, 401, "PERMISSION_DENIED", who="anonymous"),
        refuses(call, body, *DENIED, who="dan"),
        refuses(call, body, *DENIED, who="admin"),
        refuses(call, body, 403, "RET_ACCOUNT_DISABLED", who="eve"),
        refuses(call, body | {"login": 100002}, *DENIED),
        refuses(call, body | {"unknown": 1}, *INVALID),
    ]


OPEN: list[Row | Story] = [
    Row("alice", "POST /trade/open", BUY, 200, OPENED, (), OPENS),
    Row("alice", "POST /trade/open", BUY | {"cmd": 1}, 200, OPENED | {"cmd": 1}, (), OPENS),
    Row("alice", "POST /trade/open", BUY | {"symbol": "eurusd"}, 200, OPENED, (), OPENS),
    Row(
        "alice", "POST /trade/open",
        BUY | {
            "login": 100001, "sl": 1.09, "tp": 1.11, "open_price": 1.5, "expiration": 1,
            "comment": "x" * 64,
        },
        200, OPENED, (), OPENS,
    ),
    Row("alice", "POST /trade/open", BUY | {"open_price": 1.1}, 200, OPENED,
        (symbol(exemode=1),), OPENS),
    *(refuses("POST /trade/open", without(BUY, name), *INVALID) for name in list(BUY)[:3]),
    *(refuses("POST /trade/open", BUY | {"cmd": cmd}, 400, NO_COMMAND) for cmd in (2, 6, 22, -1)),
    refuses("POST /trade/open", BUY | {"comment": "x" * 65}, *INVALID),
    refuses("POST /trade/open", BUY | {"sl": -1}, *INVALID),
    refuses("POST /trade/open", BUY | {"volume": 1.5}, *INVALID),
    refuses("POST /trade/open", BUY | {"sl": 1.2}, 400, "RET_TRADE_INVALID_SL_TP"),
    refuses("POST /trade/open", BUY | {"sl": 1.090001}, 400, "RET_TRADE_INVALID_SL_TP"),
    refuses("POST /trade/open", BUY | {"tp": 1.0}, 400, "RET_TRADE_INVALID_SL_TP"),
    refuses("POST /trade/open", BUY | {"sl": 1.0999}, 400, "RET_TRADE_BAD_STOPS",
            symbol(stops_level=100)),
    refuses("POST /trade/open", BUY | {"volume": 5000}, 409, "RET_TRADE_NO_MONEY"),
    refuses("POST /trade/open", BUY | {"open_price": 1.2}, 409, "RET_TRADE_REQUOTE",
            symbol(exemode=1)),
    *only_for_clients("POST /trade/open", BUY),
    (
        Row("alice", "POST /trade/open", BUY, 200, OPENED, (setting(LIMIT_TRADING=1),), OPENS),
        Row("alice", "POST /trade/open", BUY, 429, "RET_TRADE_TOO_MANY_REQ",
            shows={"Retry-After": r"\d+"}),
    ),
]  # fmt: skip
SELLING = (
    ("POST /trade/open", BUY | {"cmd": 1}),
    ("POST /trade/open/pending", LIMIT | {"cmd": 3, "open_price": 1.2}),
)
ADMISSION: list[Row | Story] = [
    *both({"volume": 0}, 400, "RET_TRADE_BAD_VOLUME"),
    *both({"volume": 20_000}, 400, "RET_TRADE_BAD_VOLUME"),
    *both({"volume": 150}, 400, "RET_TRADE_BAD_VOLUME", symbol(lot_step=100, lot_min=100)),
    *both({}, 403, "RET_TRADE_DISABLE", symbol(trade=0)),
    *both({}, 403, "RET_TRADE_DISABLE", symbol(trade=1)),
    *both({}, 403, "RET_TRADE_DISABLE", group(trade_enabled=False)),
    *both({}, 403, "RET_TRADE_READ_ONLY", account(enable_read_only=True)),
    *both({"symbol": "NOPE"}, 404, "RET_SYMBOL_NOT_FOUND"),
    *both({}, 404, "RET_SYMBOL_NOT_FOUND", group(hidden_symbols="EUR*")),
    *both({}, 409, "RET_TRADE_TOO_MANY_ORDERS", scenes.a_position, group(max_positions=1)),
    *both({}, 423, "RET_TRADE_MARKET_CLOSED", conditions.a_closed_market),
    *both({}, 503, "RET_TRADE_OFFQUOTES", conditions.no_quote),
    *both({}, 503, "RET_TRADE_OFFQUOTES", conditions.a_stale_quote),
    *(
        refuses(call, body, 409, "RET_TRADE_LONG_ONLY", symbol(long_only=True))
        for call, body in SELLING
    ),
    *(
        refuses(call, body, 409, "RET_TRADE_HEDGE_PROHIBITED", scenes.a_position,
                group(hedge_allowed=False))
        for call, body in SELLING
    ),
]  # fmt: skip
PLACE: list[Row | Story] = [
    *(
        Row("alice", "POST /trade/open/pending", LIMIT | {"cmd": cmd, "open_price": price}, 200,
            OPENED | {"cmd": cmd}, (), PLACES)
        for cmd, price in ((2, 1.09), (3, 1.11), (4, 1.11), (5, 1.09))
    ),
    Row(
        "alice", "POST /trade/open/pending",
        LIMIT | {
            "login": 100001, "sl": 1.08, "tp": 1.11, "expiration": 4_000_000_000, "comment": "c",
        },
        200, OPENED | {"cmd": 2}, (), PLACES,
    ),
    Row("alice", "POST /trade/open/pending", LIMIT | {"volume": 5000}, 200,
        OPENED | {"cmd": 2, "volume": 5000}, (), PLACES),
    *(refuses("POST /trade/open/pending", without(LIMIT, name), *INVALID) for name in LIMIT),
    *(
        refuses("POST /trade/open/pending", LIMIT | {"cmd": cmd}, 409, NO_COMMAND)
        for cmd in (0, 1, 6, 10, -1)
    ),
    refuses("POST /trade/open/pending", LIMIT | {"comment": "x" * 65}, *INVALID),
    refuses("POST /trade/open/pending", LIMIT | {"expiration": -1}, *INVALID),
    refuses("POST /trade/open/pending", LIMIT | {"open_price": 0}, 400, "RET_TRADE_BAD_PRICES"),
    refuses("POST /trade/open/pending", LIMIT | {"open_price": 1.2}, 400, "RET_TRADE_BAD_PRICES"),
    refuses("POST /trade/open/pending", LIMIT | {"open_price": 1.090001}, 400,
            "RET_TRADE_BAD_PRICES"),
    refuses("POST /trade/open/pending", LIMIT | {"sl": 1.095}, 400, "RET_TRADE_INVALID_SL_TP"),
    refuses("POST /trade/open/pending", LIMIT | {"tp": 1.08}, 400, "RET_TRADE_INVALID_SL_TP"),
    refuses("POST /trade/open/pending", LIMIT | {"sl": 1.0899}, 400, "RET_TRADE_BAD_STOPS",
            symbol(stops_level=100)),
    refuses("POST /trade/open/pending", LIMIT | {"expiration": 1_000_000_000}, 400,
            "RET_TRADE_EXPIRATION_DENIED"),
    *only_for_clients("POST /trade/open/pending", LIMIT),
]  # fmt: skip
CLOSE: list[Row | Story] = [
    Row("alice", "DELETE /trade/close", MINE, 200, CLOSED | {"state": 7},
        (scenes.a_position,), CLOSES),
    Row("alice", "DELETE /trade/close", MINE | {"volume": 100, "comment": "c"}, 200,
        CLOSED | {"state": 7}, (scenes.a_position,), CLOSES),
    (
        Row("alice", "DELETE /trade/close", MINE | {"volume": 30}, 200,
            CLOSED | {"state": 19, "close_volume": 30}, (scenes.a_position,), SPLITS),
        Row("alice", "DELETE /trade/close", MINE | {"volume": 71}, 400, "RET_TRADE_BAD_VOLUME"),
        Row("alice", "DELETE /trade/close", MINE, 200, CLOSED | {"state": 7, "close_volume": 70},
            (), CLOSES),
        Row("alice", "DELETE /trade/close", MINE, 400, "RET_TRADE_INCORRECT_STATE"),
    ),
    *(
        refuses("DELETE /trade/close", MINE | {"volume": volume}, 400, "RET_TRADE_BAD_VOLUME",
                scenes.a_position, *given)
        for volume, given in (
            (0, ()), (-5, ()), (101, ()),
            (95, (symbol(lot_min=10),)), (15, (symbol(lot_min=10, lot_step=10),)),
            (50, (symbol(lot_min=60, lot_step=60, lot_max=60),)),
        )
    ),
    *(
        Row("alice", "DELETE /trade/close", MINE | {"volume": volume}, 200,
            CLOSED | {"state": 19, "close_volume": volume}, (scenes.a_position, *given), SPLITS)
        for volume, given in (
            (10, (symbol(lot_max=50, trade=1),)), (5, (symbol(lot_min=10, long_only=True),)),
            (40, (symbol(lot_min=60, lot_step=60, lot_max=60),)),
            (10, (group(max_positions=0, trade_enabled=False, hidden_symbols="EUR*"),)),
        )
    ),
    refuses("DELETE /trade/close", {}, *INVALID),
    refuses("DELETE /trade/close", {"order": "x"}, *INVALID),
    refuses("DELETE /trade/close", MINE | {"comment": "x" * 65}, *INVALID, scenes.a_position),
    refuses("DELETE /trade/close", MINE, *DENIED, scenes.bobs_orders),
    refuses("DELETE /trade/close", NOBODYS, 404, "RET_NOT_FOUND"),
    refuses("DELETE /trade/close", MINE, 400, "RET_TRADE_INCORRECT_STATE", scenes.a_closed_trade),
    refuses("DELETE /trade/close", PENDING, 400, NO_COMMAND, scenes.a_pending),
    refuses("DELETE /trade/close", MINE, 403, "RET_TRADE_READ_ONLY", scenes.a_position,
            account(enable_read_only=True)),
    refuses("DELETE /trade/close", MINE, 403, "RET_TRADE_DISABLE", scenes.a_position,
            symbol(trade=0)),
    refuses("DELETE /trade/close", MINE, 409, "RET_TRADE_ORDER_LOCKED",
            scenes.a_position_with_a_stop, symbol(freeze_level=2000)),
    refuses("DELETE /trade/close", MINE, 409, "RET_TRADE_PROHIBITED_BY_FIFO",
            scenes.an_older_position, scenes.a_position, group(fifo=True)),
    refuses("DELETE /trade/close", MINE, 423, "RET_TRADE_MARKET_CLOSED", scenes.a_position,
            conditions.a_closed_market),
    refuses("DELETE /trade/close", MINE, 503, "RET_TRADE_OFFQUOTES", scenes.a_position,
            conditions.a_stale_quote),
    Row("alice", "DELETE /trade/close", MINE, 200, CLOSED | {"state": 7},
        (scenes.a_position, symbol(trade=1)), CLOSES),
    *only_for_clients("DELETE /trade/close", NOBODYS),
]  # fmt: skip
CANCELLED = {"accepted": True, "order": "{pending}", "state": 9}
CANCEL: list[Row | Story] = [
    (
        Row("alice", "DELETE /trade/cancel", PENDING, 200, CANCELLED, (scenes.a_pending,), CHANGES),
        Row("alice", "DELETE /trade/cancel", PENDING, 400, "RET_TRADE_INCORRECT_STATE"),
    ),
    Row("alice", "DELETE /trade/cancel", PENDING, 200, CANCELLED, (scenes.a_pending,), CHANGES),
    Row("alice", "DELETE /trade/cancel", PENDING, 200, CANCELLED,
        (scenes.a_pending, symbol(trade=0), group(max_positions=0, trade_enabled=False)), CHANGES),
    refuses("DELETE /trade/cancel", {}, *INVALID),
    refuses("DELETE /trade/cancel", MINE, 400, NO_COMMAND, scenes.a_position),
    refuses("DELETE /trade/cancel", PENDING, *DENIED, scenes.bobs_orders),
    refuses("DELETE /trade/cancel", PENDING, 403, "RET_TRADE_READ_ONLY", scenes.a_pending,
            account(enable_read_only=True)),
    refuses("DELETE /trade/cancel", NOBODYS, 404, "RET_NOT_FOUND"),
    refuses("DELETE /trade/cancel", PENDING, 409, "RET_TRADE_ORDER_LOCKED", scenes.a_pending,
            symbol(freeze_level=2000)),
    *only_for_clients("DELETE /trade/cancel", NOBODYS),
]  # fmt: skip
CHANGED = ACK | {"order": "{order}", "state": 14, "cmd": 0, "volume": 100}
MODIFY: list[Row | Story] = [
    row
    for call in ("PUT /trade/modify/open", "PUT /trade/modify")
    for row in (
        *(
            Row("alice", call, MINE | levels, 200, CHANGED, (scenes.a_position_with_a_stop,),
                CHANGES)
            for levels in ({"sl": 1.08}, {"tp": 1.2}, {"sl": 1.08, "tp": 1.2}, {"sl": 0, "tp": 0})
        ),
        refuses(call, MINE, *INVALID, scenes.a_position),
        refuses(call, {"sl": 1.08}, *INVALID),
        refuses(call, MINE | {"sl": 1.2}, 400, "RET_TRADE_INVALID_SL_TP", scenes.a_position),
        refuses(call, MINE | {"sl": 1.0999}, 400, "RET_TRADE_BAD_STOPS", scenes.a_position,
                symbol(stops_level=100)),
        refuses(call, MINE | {"sl": 0}, 400, "RET_TRADE_INCORRECT_STATE", scenes.a_closed_trade),
        refuses(call, PENDING | {"sl": 0}, 400, NO_COMMAND, scenes.a_pending),
        refuses(call, MINE | {"sl": 0}, 403, "MODIFY_TRADE_ERROR", scenes.bobs_orders),
        refuses(call, MINE | {"sl": 0}, 403, "RET_TRADE_READ_ONLY", scenes.a_position,
                account(enable_read_only=True)),
        refuses(call, NOBODYS | {"sl": 0}, 404, "RET_NOT_FOUND"),
        refuses(call, MINE | {"sl": 0}, 409, "RET_TRADE_ORDER_LOCKED",
                scenes.a_position_with_a_stop, symbol(freeze_level=2000)),
        refuses(call, MINE | {"sl": 0}, 423, "RET_TRADE_MARKET_CLOSED", scenes.a_position,
                conditions.a_closed_market),
        refuses(call, MINE | {"sl": 0}, 503, "RET_TRADE_OFFQUOTES", scenes.a_position,
                conditions.a_stale_quote),
        *only_for_clients(call, NOBODYS | {"sl": 0}),
    )
]  # fmt: skip
MOVED = ACK | {"order": "{pending}", "state": 16, "cmd": 2, "volume": 100}
AHEAD = 4_000_000_000
MODIFY_PENDING: list[Row | Story] = [
    *(
        Row("alice", "PUT /trade/modify/pending", PENDING | change, 200, MOVED,
            (scenes.a_pending,), CHANGES)
        for change in (
            {"open_price": 1.08}, {"sl": 1.08}, {"tp": 1.11}, {"expiration": AHEAD},
            {"sl": 0, "tp": 0, "expiration": 0},
            {"open_price": 1.07, "sl": 1.06, "tp": 1.2, "expiration": AHEAD},
        )
    ),
    refuses("PUT /trade/modify/pending", PENDING, *INVALID, scenes.a_pending),
    *(
        refuses("PUT /trade/modify/pending", PENDING | change, 400, code, scenes.a_pending)
        for change, code in (
            ({"open_price": 1.2}, "RET_TRADE_BAD_PRICES"),
            ({"open_price": 0}, "RET_TRADE_BAD_PRICES"),
            ({"sl": 1.095}, "RET_TRADE_INVALID_SL_TP"),
            ({"expiration": 1_000_000_000}, "RET_TRADE_EXPIRATION_DENIED"),
        )
    ),
    *(
        refuses("PUT /trade/modify/pending", body | {"sl": 0}, status, code, *given)
        for body, status, code, given in (
            (PENDING, 400, "RET_TRADE_INCORRECT_STATE", (scenes.a_cancelled_pending,)),
            (MINE, 400, NO_COMMAND, (scenes.a_position,)),
            (PENDING, 403, "MODIFY_TRADE_ERROR", (scenes.bobs_orders,)),
            (NOBODYS, 404, "RET_NOT_FOUND", ()),
            (PENDING, 409, "RET_TRADE_ORDER_LOCKED", (scenes.a_pending, symbol(freeze_level=2000))),
        )
    ),
    *only_for_clients("PUT /trade/modify/pending", NOBODYS | {"sl": 0}),
]  # fmt: skip
ROWS = [*OPEN, *ADMISSION, *PLACE, *CLOSE, *CANCEL, *MODIFY, *MODIFY_PENDING]


@pytest.mark.parametrize("rows", ROWS, ids=row_id)
def test_orders_do_what_the_contract_says(world: World, rows: Row | Story) -> None:
    run_rows(world, rows)

"""Section 4 of the contract: closing and cancelling many orders at once."""

import pytest

from tests.contract import conditions, scenes
from tests.contract.conditions import account, group, symbol
from tests.contract.shapes import fields
from tests.contract.table import Row, Story, row_id, run_rows
from tests.contract.test_trading import ACK, CLOSES, INVALID, only_for_clients, refuses
from tests.contract.world import World

CLOSE, CANCEL = "DELETE /trade/close/group", "DELETE /trade/cancel/group"
ALL, PROFITABLE, LOSING = {"type": 0}, {"type": 1}, {"type": -1}
WRONG_TYPES: list[object] = [2, "1", True, 0.5, []]
FAILURE = fields("order:int error:str message:str")
TWO = (scenes.an_older_position, scenes.a_position)
CLOSES_TWO = {"Trade": 0, "Fill": 2, "Account": 0, "AccountEvent": 4}
CHANGES = {"Trade": 0, "Account": 0, "AccountEvent": 2}
CANCELLED = ACK | {"order": "{pending}", "state": 9, "cmd": 2, "volume": 100}


def closed(matched: int, done: int, *codes: str) -> dict[str, object]:
    """Return the answer of a group close; `codes` are those of its failures."""
    failures = [FAILURE | {"error": code} for code in codes]
    counts = {"matched": matched, "closed": done, "failed": len(codes)}
    return {"data": "OK", **counts, "failures": failures}


CLOSING: list[Row | Story] = [
    Row("alice", CLOSE, ALL, 200, closed(2, 2), TWO, CLOSES_TWO),
    Row("alice", CLOSE, LOSING | {"symbol": "eurusd", "comment": "c"}, 200, closed(1, 1),
        (scenes.a_position,), CLOSES),
    Row("alice", CLOSE, PROFITABLE, 200, closed(0, 0), TWO),
    Row("alice", CLOSE, ALL | {"symbol": "GBPUSD"}, 200, closed(0, 0), TWO),
    Row("alice", CLOSE, ALL | {"login": 100001}, 200, closed(0, 0),
        (scenes.a_pending, scenes.bobs_orders)),
    Row("alice", CLOSE, ALL, 200, closed(2, 1, "RET_TRADE_ORDER_LOCKED"),
        (scenes.an_older_position, scenes.a_position_with_a_stop, symbol(freeze_level=2000)),
        CLOSES),
    Row("alice", CLOSE, ALL, 200,
        closed(2, 0, "RET_TRADE_ORDER_LOCKED", "RET_TRADE_PROHIBITED_BY_FIFO"),
        (scenes.a_position_with_a_stop, scenes.a_position, group(fifo=True),
         symbol(freeze_level=2000))),
    Row("alice", CLOSE, ALL, 200, closed(2, 2), (*TWO, group(fifo=True)), CLOSES_TWO),
    *(
        Row("alice", CLOSE, ALL, 200, closed(1, 0, code), (scenes.a_position, condition))
        for code, condition in (
            ("RET_TRADE_DISABLE", symbol(trade=0)),
            ("RET_TRADE_MARKET_CLOSED", conditions.a_closed_market),
            ("RET_TRADE_OFFQUOTES", conditions.a_stale_quote),
            ("RET_TRADE_OFFQUOTES", conditions.no_quote),
        )
    ),
    refuses(CLOSE, {}, *INVALID),
    *(refuses(CLOSE, {"type": wrong}, *INVALID) for wrong in WRONG_TYPES),
    refuses(CLOSE, ALL | {"symbol": 5}, *INVALID),
    refuses(CLOSE, ALL | {"comment": "x" * 65}, *INVALID),
    refuses(CLOSE, ALL, 403, "RET_TRADE_READ_ONLY", scenes.a_position,
            account(enable_read_only=True)),
    *only_for_clients(CLOSE, ALL),
]  # fmt: skip
CANCELLING: list[Row | Story] = [
    Row("alice", CANCEL, {}, 200, {"rows": [CANCELLED], "matched": 1, "cancelled": 1, "failed": 0},
        (scenes.a_position, scenes.a_pending), CHANGES),
    Row("alice", CANCEL, {"symbol": "EURUSD"}, 200,
        {"rows": [CANCELLED], "matched": 1, "cancelled": 1, "failed": 0}, (scenes.a_pending,),
        CHANGES),
    Row("alice", CANCEL, {}, 207,
        {"rows": [CANCELLED], "matched": 2, "cancelled": 1, "failed": 1,
         "failures": [FAILURE | {"order": "{near}", "error": "RET_TRADE_ORDER_LOCKED"}]},
        (scenes.a_pending_near_the_market, scenes.a_pending, symbol(freeze_level=500)), CHANGES),
    refuses(CANCEL, {}, 404, "RET_NOT_FOUND", scenes.a_position, scenes.bobs_orders),
    refuses(CANCEL, {"symbol": "GBPUSD"}, 404, "RET_NOT_FOUND", scenes.a_pending),
    refuses(CANCEL, {}, 409, "RET_TRADE_ORDER_LOCKED", scenes.a_pending,
            symbol(freeze_level=2000)),
    refuses(CANCEL, {"symbol": 5}, *INVALID),
    refuses(CANCEL, {}, 403, "RET_TRADE_READ_ONLY", scenes.a_pending,
            account(enable_read_only=True)),
    *only_for_clients(CANCEL, {}),
]  # fmt: skip
ROWS = [*CLOSING, *CANCELLING]


@pytest.mark.parametrize("rows", ROWS, ids=row_id)
def test_many_orders_are_closed_and_cancelled_as_the_contract_says(
    world: World, rows: Row | Story
) -> None:
    run_rows(world, rows)

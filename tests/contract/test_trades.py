"""Section 4 of the contract: reading, checking and explaining orders."""

from typing import Any

import pytest

from tests.contract import conditions, scenes
from tests.contract.conditions import group, symbol
from tests.contract.shapes import Each, Either, fields, table
from tests.contract.table import Row, Story, row_id, run_rows
from tests.contract.test_trading import BUY, LIMIT
from tests.contract.world import World

COLUMNS = (
    "order:int login:int cmd:int state:int symbol:str reason:int volume:int open_time:int"
    " close_time:int open_price:num close_price:num sl:num tp:num profit:num net_profit:num"
    " commission:num storage:num comment:str digits:int expiration:int"
)
HISTORY = COLUMNS.replace(" net_profit:num", "")
TOTALS = fields(
    "count:int total_profit:num total_net_profit:num total_storage:num total_commission:num"
    " total_volume:int"
)
TRADES = table(COLUMNS, **TOTALS)
NONE = table(COLUMNS, [], **dict.fromkeys(TOTALS, 0))
PAGE = "GET /trades?limit=50&offset=0&tradeType="
NEWER, OLDER = ["{order}", *[object] * 19], ["{older}", *[object] * 19]
EVERYTHING = (scenes.a_position, scenes.a_pending, scenes.a_closed_trade)
GOOD_FILTERS = (
    'where=[["symbol","==","EURUSD"]]', 'where=[["order","!=",5]]', 'where=[["volume",">",1]]',
    'where=[["volume","<",1000]]', 'where=[["open_price",">=",1.1]]', 'where=[["cmd","<=",0]]',
    'where=[["symbol","like","eur%25"]]', 'whereNot=[["symbol","GBPUSD"]]',
    'whereIn=[["cmd",[0,1]]]', 'whereNotIn=[["cmd",[2,3]]]', 'whereBetween=[["profit",[-99,99]]]',
    'whereNotBetween=[["volume",[1,9]]]', 'orderBy=[["profit","asc"],["order","desc"]]',
)  # fmt: skip
BAD_FILTERS = (
    'where=[["nope","==",1]]', 'where=[["order","~",1]]', 'where=[["order","==","x"]]',
    'where=[["order","like","1"]]', 'where=[["account__user__password","==","x"]]', "where=x",
    'whereNot=[["nope",1]]', 'whereIn=[["cmd",0]]', 'whereNotIn=[["cmd",["x"]]]',
    'whereBetween=[["profit",[1]]]', 'whereNotBetween=[["profit",["a","b"]]]',
    'orderBy=[["nope","asc"]]', 'orderBy=[["profit","up"]]',
)  # fmt: skip


def refuses(call: str, status: int, code: str, who: str = "alice") -> Row:
    """Return a row of a refused request."""
    return Row(who, call, None, status, code)


def only_to_owners(call: str) -> list[Row | Story]:
    """Return rows in which another login's data are shown only to staff who name it."""
    more = "&" if "?" in call else "?"
    return [
        refuses(f"{call}{more}login=100001", 403, "PERMISSION_DENIED", "bob"),
        refuses(call, 400, "INVALID_LOGIN", "carol"),
        refuses(f"{call}{more}login=5", 400, "INVALID_USER", "carol"),
        refuses(call, 401, "PERMISSION_DENIED", "anonymous"),
        refuses(f"{call}{more}unknown=1", 400, "INVALID_DATA"),
    ]


LIST: list[Row | Story] = [
    # all: the closed trade, the pending, the position and the deposit
    Row("alice", f"{PAGE}0", None, 200, TRADES | {"count": 4}, EVERYTHING),
    Row("alice", f"{PAGE}1", None, 200,
        TRADES | {"count": 1, "total_profit": -10, "total_net_profit": -10, "total_volume": 100},
        EVERYTHING),
    Row("alice", f"{PAGE}2", None, 200, TRADES | {"count": 1, "total_profit": -10}, EVERYTHING),
    Row("alice", f"{PAGE}3", None, 200, TRADES | {"count": 1, "total_profit": 0}, EVERYTHING),
    Row("alice", f"{PAGE}4", None, 200, TRADES | {"count": 1, "total_profit": 10000}, EVERYTHING),
    Row("alice", f"{PAGE}1", None, 200, NONE),
    Row("bob", f"{PAGE}1", None, 200, NONE, EVERYTHING),
    Row("alice", "GET /trades?limit=1&offset=0&tradeType=0", None, 200,
        table(COLUMNS, [[object] * 20], **TOTALS) | {"count": 4}, EVERYTHING),
    Row("alice", "GET /trades?limit=50000&offset=4&tradeType=0", None, 200,
        table(COLUMNS, [], **TOTALS) | {"count": 4}, EVERYTHING),
    Row("alice", f"{PAGE}1", None, 200, table(COLUMNS, [NEWER, OLDER], **TOTALS),
        (scenes.an_older_position, scenes.a_position)),
    Row("alice", f'{PAGE}1&orderBy=[["order","asc"]]', None, 200,
        table(COLUMNS, [OLDER, NEWER], **TOTALS), (scenes.an_older_position, scenes.a_position)),
    Row("carol", f"{PAGE}0&login=100001", None, 200, TRADES),
    *(
        Row("alice", f"{PAGE}1&{condition}", None, 200, TRADES | {"count": 1},
            (scenes.a_position,))
        for condition in GOOD_FILTERS
    ),
    Row("alice", f'{PAGE}1&where=[["profit",">",0]]', None, 200, NONE, (scenes.a_position,)),
    *(refuses(f"{PAGE}0&{condition}", 400, "INVALID_DATA") for condition in BAD_FILTERS),
    refuses("GET /trades?offset=0&tradeType=0", 400, "INVALID_DATA"),
    refuses("GET /trades?limit=1&tradeType=0", 400, "INVALID_DATA"),
    refuses("GET /trades?limit=1&offset=0", 400, "INVALID_DATA"),
    refuses("GET /trades?limit=0&offset=0&tradeType=0", 400, "INVALID_DATA"),
    refuses("GET /trades?limit=50001&offset=0&tradeType=0", 400, "INVALID_DATA"),
    refuses("GET /trades?limit=1&offset=-1&tradeType=0", 400, "INVALID_DATA"),
    refuses("GET /trades?limit=1&offset=0&tradeType=5", 400, "INVALID_DATA"),
    *only_to_owners(f"{PAGE}0"),
]  # fmt: skip
ALWAYS = "GET /trades/history/login?from=0&to=4000000000"
PAST: list[Row | Story] = [
    # the closed trade and the deposit, but neither the position nor the pending
    Row("alice", ALWAYS, None, 200,
        table(HISTORY, [[object] * 19] * 2), EVERYTHING),
    Row("alice", f"{ALWAYS}&login=100001", None, 200, table(HISTORY)),
    Row("carol", f"{ALWAYS}&login=100001", None, 200, table(HISTORY)),
    Row("alice", "GET /trades/history/login?from=0&to=1", None, 200, table(HISTORY, [])),
    refuses("GET /trades/history/login?from=0", 400, "INVALID_DATA"),
    refuses("GET /trades/history/login?to=1", 400, "INVALID_DATA"),
    refuses("GET /trades/history/login?from=2&to=1", 400, "INVALID_DATA"),
    refuses("GET /trades/history/login?from=-1&to=1", 400, "INVALID_DATA"),
    *only_to_owners(ALWAYS),
]  # fmt: skip
FORESEEN = fields(
    "margin:num margin_free_after:num margin_level_after:num commission:num price:num", error=None
)
UNKNOWN: dict[str, Any] = dict.fromkeys(FORESEEN)
CHECK: list[Row | Story] = [
    Row("alice", "POST /trade/check", BUY, 200,
        FORESEEN | {"margin": 1100.1, "margin_free_after": 8889.9, "price": 1.1001}),
    Row("alice", "POST /trade/check", {name: BUY[name] for name in ("cmd", "volume", "symbol")},
        200, FORESEEN | {"margin": 1100.1}),
    Row("alice", "POST /trade/check", LIMIT, 200, FORESEEN | {"price": 1.09}),
    Row("alice", "POST /trade/check", BUY | {"volume": 5000}, 200,
        FORESEEN | {"error": "RET_TRADE_NO_MONEY"}),
    *(
        Row("alice", "POST /trade/check", body, 200, UNKNOWN | {"error": code}, given)
        for body, code, given in (
            (BUY | {"symbol": "NOPE"}, "RET_SYMBOL_NOT_FOUND", ()),
            (BUY | {"volume": 0}, "RET_TRADE_BAD_VOLUME", ()),
            (BUY | {"cmd": 7}, "RET_TRADE_INCORRECT_CMD", ()),
            (BUY | {"sl": 2}, "RET_TRADE_INVALID_SL_TP", ()),
            (LIMIT | {"open_price": 2}, "RET_TRADE_BAD_PRICES", ()),
            (BUY, "RET_TRADE_OFFQUOTES", (conditions.no_quote,)),
            (BUY, "RET_TRADE_MARKET_CLOSED", (conditions.a_closed_market,)),
            (BUY, "RET_TRADE_DISABLE", (symbol(trade=1),)),
            (BUY, "RET_TRADE_DISABLE", (group(trade_enabled=False),)),
        )
    ),
    *(
        Row("alice", "POST /trade/check", body, 400, "INVALID_DATA")
        for body in ({}, BUY | {"volume": "1"}, BUY | {"sl": -1}, BUY | {"unknown": 1},
                     {name: LIMIT[name] for name in ("cmd", "volume", "symbol")})
    ),
    Row("alice", "POST /trade/check", BUY | {"login": 100002}, 403, "PERMISSION_DENIED"),
    Row("dan", "POST /trade/check", BUY, 403, "PERMISSION_DENIED"),
    Row("anonymous", "POST /trade/check", BUY, 401, "PERMISSION_DENIED"),
]  # fmt: skip
NUMBER = Either((int, None))
ORDER = fields(
    "order:int login:int symbol:str cmd:int state:int activation:int reason:int volume:int"
    " closed_volume:int open_time:int open_price:num close_time:int close_price:num"
    " expiration:int sl:num tp:num profit:num commission:num storage:num margin_rate:num"
    " comment:str",
    parent_order=NUMBER, corrects_order=NUMBER, staff=NUMBER,
)  # fmt: skip
FIGURES = fields(
    "balance:num credit:num profit:num equity:num margin:num margin_free:num",
    level=Either((float, None)),
)
FILL = fields(
    "order:int kind:str time:int price:num volume:int quote:list seen:any around:list rates:any "
    "rules:any",
    before=FIGURES, after=FIGURES,
)  # fmt: skip
EXPLAINED = {
    "order": ORDER | {"order": "{order}"}, "fills": Each(FILL), "margin_actions": [],
    "swaps": [], "pieces": [], "corrections": [],
}  # fmt: skip
EXPLAIN = "GET /trade/explain/{order}"
EXPLANATIONS: list[Row | Story] = [  # ours: the public pages know nothing of it
    Row("alice", EXPLAIN, None, 200, EXPLAINED, (scenes.a_position,)),
    Row("alice", EXPLAIN, None, 200, EXPLAINED | {"fills": [FILL, FILL]}, (scenes.a_closed_trade,)),
    Row("alice", EXPLAIN, None, 200, EXPLAINED | {"pieces": [ORDER]}, (scenes.a_split_position,)),
    Row("alice", EXPLAIN + "?login=100001", None, 200, EXPLAINED, (scenes.a_position,)),
    Row("carol", EXPLAIN, None, 200, EXPLAINED, (scenes.a_position,)),
    Row("alice", EXPLAIN, None, 403, "PERMISSION_DENIED", (scenes.bobs_orders,)),
    refuses("GET /trade/explain/987654321", 404, "RET_NOT_FOUND"),
    refuses("GET /trade/explain/x", 400, "INVALID_DATA"),
    refuses("GET /trade/explain/5?unknown=1", 400, "INVALID_DATA"),
    refuses("GET /trade/explain/5", 401, "PERMISSION_DENIED", "anonymous"),
]
ORDER_FIELDS = fields(HISTORY)
ONE = "GET /trades/order?order="
NAMED = "GET /trades/orders?orders="
NAMED_ORDERS: list[Row | Story] = [
    Row("alice", f"{ONE}{{order}}", None, 200,
        {"data": ORDER_FIELDS | {"order": "{order}", "profit": -10}}, (scenes.a_position,)),
    Row("alice", f"{ONE}{{pending}}", None, 200, {"data": ORDER_FIELDS | {"profit": 0}},
        (scenes.a_pending,)),
    Row("alice", f"{ONE}{{order}}", None, 200, {"data": ORDER_FIELDS | {"state": 3}},
        (scenes.a_closed_trade,)),
    Row("carol", f"{ONE}{{order}}&login=100001", None, 200, {"data": ORDER_FIELDS},
        (scenes.a_position,)),
    Row("carol", f"{ONE}{{order}}", None, 200, {"data": ORDER_FIELDS}, (scenes.a_position,)),
    Row("carol", f"{ONE}{{order}}&login=100001", None, 403, "PERMISSION_DENIED",
        (scenes.bobs_orders,)),
    Row("alice", f"{ONE}{{order}}", None, 403, "PERMISSION_DENIED", (scenes.bobs_orders,)),
    refuses(f"{ONE}5&login=100001", 403, "PERMISSION_DENIED", "bob"),
    refuses(f"{ONE}5", 404, "RET_NOT_FOUND"),
    refuses(f"{ONE}5", 401, "PERMISSION_DENIED", "anonymous"),
    refuses("GET /trades/order", 400, "INVALID_DATA"),
    refuses(f"{ONE}x", 400, "INVALID_DATA"),
    refuses(f"{ONE}5&unknown=1", 400, "INVALID_DATA"),
    Row("alice", f"{NAMED}[{{pending}},{{order}},5]", None, 200,
        table(HISTORY, [["{pending}", *[object] * 18], ["{order}", *[object] * 18]]),
        (scenes.a_position, scenes.a_pending)),
    Row("alice", f"{NAMED}{{order}},{{order}}", None, 200,
        table(HISTORY, [["{order}", *[object] * 18]]), (scenes.a_position,)),
    Row("alice", "GET /trades/orders?orders[0]={order}&orders[1]=5", None, 200,
        table(HISTORY, [["{order}", *[object] * 18]]), (scenes.a_position,)),
    Row("alice", f"{NAMED}[{{order}}]", None, 200, table(HISTORY, []), (scenes.bobs_orders,)),
    Row("carol", f"{NAMED}[{{order}}]&login=100001", None, 200, table(HISTORY),
        (scenes.a_position,)),
    *(
        refuses(f"{NAMED}{wrong}", 400, "INVALID_DATA")
        for wrong in ("x", "1&orders[0]=1", '["5"]', "[1.5]", "1;2", "1," * 1000 + "1")
    ),
    refuses("GET /trades/orders", 400, "INVALID_DATA"),
    *only_to_owners(f"{NAMED}[5]"),
]  # fmt: skip
ROWS = [*NAMED_ORDERS, *LIST, *PAST, *CHECK, *EXPLANATIONS]


@pytest.mark.parametrize("rows", ROWS, ids=row_id)
def test_orders_are_shown_as_the_contract_says(world: World, rows: Row | Story) -> None:
    run_rows(world, rows)

"""Section 5 of the contract: symbols, watch lists and candles."""

from typing import Any

import pytest

from tests.contract import conditions, scenes
from tests.contract.conditions import group, symbol
from tests.contract.shapes import Each, Either, fields, table
from tests.contract.table import Row, Story, row_id, run_rows
from tests.contract.world import World

OPENING = fields("open_hour:int open_min:int close_hour:int close_min:int")
DAY = fields("trade_overnight:int", trade=[OPENING] * 3)
ASSET = fields(
    "symbol:str description:str currency:str margin_currency:str quote_currency:str group:str"
    " digits:int trade:int spread:int swap_enable:int swap_type:int swap_long:num swap_short:num"
    " swap_rollover3days:int margin_divider:num margin_mode:int profit_mode:int exemode:int"
    " contract_size:num stops_level:int freeze_level:int long_only:int ask:num bid:num point:num"
    " tick_value:num tick_size:num market_state:int market_reason:int lot_min:int lot_max:int"
    " lot_step:int comm_base:num comm_type:int comm_lots:int",
    sessions=[DAY] * 7,
)
PERCENT = Either((float, None))
SYMBOL = ASSET | fields(
    "spread_balance:int exchange:str category:str industry:str sector:str shareholders:int"
    " market_cap:int icon:str seasons:int gtc_pendings:int instant_max_volume:int max_volume:int"
    " comm_agent:num margin_initial:num margin_maintenance:num margin_hedged:num swap_daily:int",
    performance=dict.fromkeys(("1W", "1M", "3M", "6M", "YTD", "1Y"), PERCENT),
)
SHORT = (
    "symbol:str description:str currency:str margin_currency:str quote_currency:str group:str"
    " digits:int trade:int spread:int spread_balance:num swap_enable:int margin_divider:num"
    " margin_mode:int stops_level:int contract_size:num long_only:int ask:num bid:num point:num"
    " tick_value:num tick_size:num market_state:int market_reason:int lot_min:int lot_max:int"
    " lot_step:int comm_base:num comm_type:int exchange:str category:str industry:str sector:str"
    " shareholders:int market_cap:num price1d:num icon:str"
)
ADDED = fields("symbol:str price1d:num high:num low:num", prices=Each(float))
WATCHED = ADDED | fields("sort_index:int color:str market_state:int market_reason:int")
BARS = {"s": "ok", **dict.fromkeys("tohlcv", Each(float)), "t": Each(int), "v": Each(int)}
QUIET = {"price1d": 0, "high": 0, "low": 0, "prices": []}
EVENT = {"AccountEvent": 1, "Account": 0}
OK = {"data": "OK"}
CANDLES = conditions.two_days_of_candles
HIDDEN = group(hidden_symbols="EUR*")
NOTHING: dict[str, Any] = {"assets": {}, "groups": []}


def refuses(who: str, call: str, body: Any, status: int, code: str, *given: Any) -> Row:
    """Return a row of a refusal that changes nothing."""
    return Row(who, call, body, status, code, given)


def market(asset: dict[str, Any]) -> dict[str, Any]:
    """Return the answer of `GET /market` while EURUSD is the only symbol."""
    return {"assets": {"EURUSD": ASSET | asset}, "groups": ["Forex"]}


ALL: list[Row | Story] = [
    # --- GET /market ---
    Row("alice", "GET /market", None, 200,
        market({"bid": 1.1, "ask": 1.1001, "spread": 10, "market_state": 1, "market_reason": 0})),
    Row("alice", "GET /market", None, 200, market({"market_state": 0, "market_reason": 3}),
        (conditions.a_closed_market,)),
    Row("alice", "GET /market", None, 200, market({"market_state": 0, "market_reason": 4}),
        (symbol(trade=0),)),
    Row("alice", "GET /market", None, 200, market({"bid": 0, "ask": 0}), (conditions.no_quote,)),
    Row("alice", "GET /market", None, 200, NOTHING, (HIDDEN,)),
    Row("dan", "GET /market?login=100001", None, 200, NOTHING, (HIDDEN,)),
    Row("dan", "GET /market", None, 200, market({}), (HIDDEN,)),
    *(
        refuses("dan", f"GET /market{route}login=5", None, 403, "USER_NOT_FOUND_OR_INCORRECT")
        for route in ("?", "/short/list?", "/symbol?symbol=EURUSD&",
                      "/history?symbol=EURUSD&resolution=60&countback=1&")
    ),
    refuses("bob", "GET /market?login=100001", None, 403, "PERMISSION_DENIED"),
    refuses("anonymous", "GET /market", None, 401, "PERMISSION_DENIED"),
    # --- GET /market/short/list ---
    Row("alice", "GET /market/short/list", None, 200,
        {"assets": table(SHORT), "groups": ["Forex"]}, (CANDLES,)),
    Row("alice", "GET /market/short/list", None, 200,
        {"assets": table(SHORT, []), "groups": []}, (HIDDEN,)),
    refuses("bob", "GET /market/short/list?login=100001", None, 403, "PERMISSION_DENIED"),
    refuses("anonymous", "GET /market/short/list", None, 401, "PERMISSION_DENIED"),
    # --- GET /market/symbol ---
    Row("alice", "GET /market/symbol?symbol=EURUSD", None, 200, SYMBOL | {"symbol": "EURUSD"}),
    Row("alice", "GET /market/symbol?symbol=eurusd", None, 200, SYMBOL, (CANDLES,)),
    Row("bob", "GET /market/symbol?symbol=EURUSD", None, 200, SYMBOL, (HIDDEN,)),
    refuses("alice", "GET /market/symbol", None, 400, "INVALID_DATA"),
    refuses("alice", "GET /market/symbol?symbol=EURUSD", None, 403, "SYMBOL_NOT_ALLOWED", HIDDEN),
    refuses("alice", "GET /market/symbol?symbol=NOPE", None, 404, "RET_SYMBOL_NOT_FOUND"),
    refuses("anonymous", "GET /market/symbol?symbol=EURUSD", None, 401, "PERMISSION_DENIED"),
]  # fmt: skip
WATCHING: list[Row | Story] = [
    # --- GET /market/watch/list ---
    Row("alice", "GET /market/watch/list?prefix=web", None, 200,
        {"assets": {"EURUSD": WATCHED | {
            "sort_index": 7, "color": "#00ff00", "market_state": 1, "market_reason": 0,
            "high": 1.2, "low": 1, "price1d": 10, "prices": [1] * 24,
        }}}, (scenes.a_watched_symbol, CANDLES)),
    Row("alice", "GET /market/watch/list?prefix=web", None, 200,
        {"assets": {"EURUSD": WATCHED | QUIET}}, (scenes.a_watched_symbol,)),
    Row("alice", "GET /market/watch/list?prefix=web", None, 200, {"assets": {}},
        (scenes.a_watched_symbol, HIDDEN)),
    Row("carol", "GET /market/watch/list?prefix=web&login=100001", None, 200,
        {"assets": {"EURUSD": WATCHED | QUIET}}, (scenes.a_watched_symbol,)),
    refuses("alice", "GET /market/watch/list", None, 400, "INVALID_DATA"),
    refuses("carol", "GET /market/watch/list?prefix=web", None, 400, "INVALID_LOGIN"),
    refuses("carol", "GET /market/watch/list?prefix=web&login=5", None, 403,
            "USER_NOT_FOUND_OR_INCORRECT"),
    refuses("bob", "GET /market/watch/list?prefix=web&login=100001", None, 403,
            "PERMISSION_DENIED"),
    refuses("anonymous", "GET /market/watch/list?prefix=web", None, 401, "PERMISSION_DENIED"),
    # --- POST /market/watch: adds, updates, or does nothing; PUT updates ---
    Row("alice", "POST /market/watch", {"symbol": "EURUSD", "prefix": "web", "color": "#AABBCC"},
        200, OK, (scenes.a_watched_symbol,), {"WatchItem": 0, **EVENT}),
    Row("alice", "POST /market/watch", {"symbol": "EURUSD"}, 200, {"EURUSD": ADDED},
        (CANDLES,), {"WatchItem": 1, **EVENT}),
    Row("alice", "POST /market/watch", {"symbol": "EURUSD"}, 200,
        {"EURUSD": ADDED | QUIET}, changes={"WatchItem": 1, **EVENT}),
    Row("alice", "POST /market/watch", {"symbol": "EURUSD", "prefix": "mobile", "sort_index": 1,
        "color": "#AABBCC"}, 200, {"EURUSD": ADDED | QUIET}, changes={"WatchItem": 1, **EVENT}),
    Row("alice", "PUT /market/watch", {"symbol": "EURUSD", "sort_index": 1}, 200, OK,
        (scenes.a_watched_symbol,), {"WatchItem": 1, **EVENT}),
    Row("alice", "POST /market/watch", {"symbol": "EURUSD", "prefix": "web"}, 200,
        {"EURUSD": ADDED | QUIET}, (scenes.a_watched_symbol,)),
    *(
        refuses("alice", "PUT /market/watch", {"symbol": "EURUSD"} | change, 400, "INVALID_DATA",
                *given)
        for change in ({}, {"prefix": "web"}) for given in ((), (scenes.a_watched_symbol,))
    ),
    *(
        refuses("alice", "PUT /market/watch", {"symbol": "EURUSD"} | change, 404,
                "MARKET_WATCH_SYMBOL_NOT_FOUND")
        for change in ({"sort_index": 1}, {"color": "#AABBCC"})
    ),
    refuses("alice", "POST /market/watch", {"symbol": "NOPE"}, 404, "RET_SYMBOL_NOT_FOUND"),
    refuses("alice", "POST /market/watch", {"symbol": "EURUSD"}, 404, "RET_SYMBOL_NOT_FOUND",
            HIDDEN),
    refuses("alice", "POST /market/watch", {}, 400, "INVALID_DATA"),
    *(
        refuses("alice", "POST /market/watch", {"symbol": "EURUSD"} | change, 400, "INVALID_DATA")
        for change in ({"color": "red"}, {"color": "#12345"}, {"sort_index": "1"}, {"prefix": ""})
    ),
    refuses("alice", "POST /market/watch", {"symbol": "EURUSD", "login": 100002}, 403,
            "PERMISSION_DENIED"),
    refuses("dan", "POST /market/watch", {"symbol": "EURUSD"}, 403, "PERMISSION_DENIED"),
    refuses("anonymous", "POST /market/watch", {"symbol": "EURUSD"}, 401, "PERMISSION_DENIED"),
    # --- DELETE /market/watch ---
    Row("alice", "DELETE /market/watch", {"symbol": "EURUSD"}, 200, OK,
        (scenes.a_watched_symbol,), {"WatchItem": -1, **EVENT}),
    Row("bob", "DELETE /market/watch", {"symbol": "EURUSD"}, 200, OK, (scenes.a_watched_symbol,)),
    Row("alice", "DELETE /market/watch", {"symbol": "EURUSD"}, 200, OK),
    refuses("alice", "DELETE /market/watch", {}, 400, "INVALID_DATA"),
    refuses("dan", "DELETE /market/watch", {"symbol": "EURUSD"}, 403, "PERMISSION_DENIED"),
    refuses("anonymous", "DELETE /market/watch", {"symbol": "EURUSD"}, 401, "PERMISSION_DENIED"),
]  # fmt: skip
HISTORY = "GET /market/history?symbol=EURUSD"
CHARTS: list[Row | Story] = [
    *(
        Row("alice", f"{HISTORY}&resolution={resolution}&countback=5&to={{to}}", None, 200, BARS,
            (CANDLES,))
        for resolution in ("60", "240")
    ),
    *(
        Row("alice", f"{HISTORY}&resolution={resolution}&from=0", None, 200,
            {"s": "no_data", "nextTime": None}, (CANDLES,))
        for resolution in ("1", "5", "15", "30", "1D", "1W")
    ),
    Row("alice", f"{HISTORY}&resolution=60&from=0&to={{to}}", None, 200, BARS, (CANDLES,)),
    Row("alice", f"{HISTORY}&resolution=60&from={{to}}", None, 200,
        {"s": "no_data", "nextTime": int}, (CANDLES,)),
    refuses("alice", "GET /market/history?resolution=60&from=0", None, 400, "INVALID_DATA"),
    refuses("alice", f"{HISTORY}&from=0", None, 400, "INVALID_DATA"),
    refuses("alice", f"{HISTORY}&resolution=60", None, 400, "INVALID_DATA"),
    refuses("alice", f"{HISTORY}&resolution=7&from=0", None, 400, "INVALID_DATA"),
    refuses("alice", f"{HISTORY}&resolution=60&from=2&to=1", None, 400, "INVALID_DATA"),
    refuses("alice", f"{HISTORY}&resolution=60&countback=0", None, 400, "INVALID_DATA"),
    refuses("alice", f"{HISTORY}&resolution=60&from=0", None, 403, "SYMBOL_NOT_ALLOWED", HIDDEN),
    refuses("alice", "GET /market/history?symbol=NOPE&resolution=60&from=0", None, 404,
            "RET_SYMBOL_NOT_FOUND"),
    refuses("anonymous", f"{HISTORY}&resolution=60&from=0", None, 401, "PERMISSION_DENIED"),
]  # fmt: skip
ICONS: list[Row | Story] = [
    Row("anonymous", "GET /icons/EUR-USD.svg", None, 200, b"<svg ",
        shows={"Content-Type": r"image/svg\+xml", "Cache-Control": "public, max-age=604800, .*",
               "X-Content-Type-Options": "nosniff"}),
    Row("anonymous", "GET /icons/indices.svg", None, 200, b"<svg "),
    *(
        refuses("anonymous", f"GET /icons/{name}", None, 404, "NOT_FOUND")
        for name in ("EUR-USD", "EUR.svg", "EURUSD.png", "_.svg", "x" * 33 + ".svg")
    ),
    refuses("anonymous", "GET /icons/EUR-USD.svg?size=5", None, 400, "INVALID_DATA"),
]  # fmt: skip

ROWS = [*ALL, *WATCHING, *CHARTS, *ICONS]


@pytest.mark.parametrize("rows", ROWS, ids=row_id)
def test_the_market_is_as_the_contract_says(world: World, rows: Row | Story) -> None:
    run_rows(world, rows)

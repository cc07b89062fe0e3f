"""Section 5 of the contract: candles, and the feed for charting libraries."""

from typing import Any

import pytest

from tests.contract import conditions
from tests.contract.conditions import group, setting
from tests.contract.shapes import Each, Either, fields
from tests.contract.table import Row, Story, row_id, run_rows
from tests.contract.world import World

CANDLES = conditions.two_days_of_candles
PUBLIC = setting(CANDLES_PUBLIC=True)
HIDDEN = group(hidden_symbols="EUR*")
STRUCTURE = ["open", "high", "low", "close", "volume", "time"]
TABLE = {"structure": STRUCTURE, "data": Each([float, float, float, float, int, int])}
NO_CANDLES = {"structure": STRUCTURE, "data": []}
ALL_TIMES = "GET /quotes/candles?symbol=EURUSD&from=0&to=4000000000&frame="
CONFIG = fields(
    "supports_search:any supports_group_request:any supports_marks:any"
    " supports_timescale_marks:any supports_time:any",
    supported_resolutions=["1", "5", "15", "30", "60", "240", "1D", "1W", "1M"],
    exchanges=Each(fields("value:str name:str desc:str")),
    symbols_types=Each(fields("name:str value:str")),
)
TEXTS = [
    "name",
    "ticker",
    "full_name",
    "description",
    "type",
    "exchange",
    "listed_exchange",
    "session",
    "timezone",
]
SYMBOL: dict[str, Any] = {
    **dict.fromkeys([*TEXTS, "visible_plots_set", "currency_code", "data_status", "format"], str),
    **dict.fromkeys(("minmov", "minmove2", "pricescale", "volume_precision"), int),
    **dict.fromkeys(("fractional", "has_intraday", "has_daily", "has_weekly_and_monthly"), bool),
    **dict.fromkeys(
        ("intraday_multipliers", "daily_multipliers", "weekly_multipliers", "monthly_multipliers",
         "supported_resolutions"),
        Each(str),
    ),
}  # fmt: skip
FLAG = object  # the shapes know no booleans
SYMBOL |= {name: FLAG for name, kind in SYMBOL.items() if kind is bool}
FOUND = fields("symbol:str full_name:str ticker:str description:str exchange:str type:str")
BARS = fields("t:list o:list h:list l:list c:list v:list", s="ok")
NO_BARS = {"s": "no_data"}
QUOTED = fields(
    "lp:num bid:num ask:num spread:num short_name:str original_name:str exchange:str"
    " description:str"
)
UDF = (
    "GET /udf/config", "GET /udf/symbols?symbol=EURUSD", "GET /udf/symbol_info",
    "GET /udf/search?query=EUR", "GET /udf/history?symbol=EURUSD&resolution=60&countback=9",
    "GET /udf/time", "GET /udf/quotes?symbols=EURUSD",
)  # fmt: skip
HISTORY = "GET /udf/history?symbol=EURUSD"


def refuses(call: str, status: int, code: str, who: str = "alice") -> Row:
    """Return a row of a refused request."""
    return Row(who, call, None, status, code)


def only_own(call: str) -> list[Row | Story]:
    """Return rows about whose market it is, and whether a session is needed."""
    more = "&" if "?" in call else "?"
    return [
        refuses(f"{call}{more}login=100001", 403, "PERMISSION_DENIED", "bob"),
        refuses(f"{call}{more}login=5", 403, "USER_NOT_FOUND_OR_INCORRECT", "carol"),
        refuses(call, 401, "PERMISSION_DENIED", "anonymous"),
        refuses(call, 403, "RET_ACCOUNT_DISABLED", "eve"),
        Row("carol", f"{call}{more}login=100001", None, 200, object),
        Row("carol", call, None, 200, object),
        Row("anonymous", call, None, 200, object, (PUBLIC,)),
        Row("anonymous", call, None, 200, object, (PUBLIC,), sends={"authorization": "ended"}),
    ]


OF_CANDLES: list[Row | Story] = [
    *(Row("alice", f"{ALL_TIMES}{frame}", None, 200, TABLE, (CANDLES,)) for frame in ("1H", "4H")),
    *(
        Row("alice", f"{ALL_TIMES}{frame}", None, 200, NO_CANDLES, (CANDLES,))
        for frame in ("1M", "5M", "15M", "30M", "1D", "1W")
    ),
    Row("alice", f"{ALL_TIMES}1H&count=1", None, 200,
        TABLE | {"data": [[float, float, float, float, int, int]]}, (CANDLES,)),
    refuses(f"{ALL_TIMES}2H", 400, "INVALID_DATA"),
    refuses(f"{ALL_TIMES}1H&count=0", 400, "INVALID_DATA"),
    refuses(f"{ALL_TIMES}1H&count=5001", 400, "INVALID_DATA"),
    refuses(f"{ALL_TIMES}1H&unknown=1", 400, "INVALID_DATA"),
    refuses("GET /quotes/candles?symbol=EURUSD&from=0&to=1", 400, "INVALID_DATA"),
    refuses("GET /quotes/candles?symbol=EURUSD&from=0&frame=1H", 400, "INVALID_DATA"),
    refuses("GET /quotes/candles?symbol=EURUSD&to=1&frame=1H", 400, "INVALID_DATA"),
    refuses("GET /quotes/candles?symbol=EURUSD&from=2&to=1&frame=1H", 400, "INVALID_DATA"),
    refuses("GET /quotes/candles?from=0&to=1&frame=1H", 400, "INVALID_DATA"),
    refuses("GET /quotes/candles?symbol=NOPE&from=0&to=1&frame=1H", 404, "RET_SYMBOL_NOT_FOUND"),
    Row("alice", f"{ALL_TIMES}1H", None, 403, "SYMBOL_NOT_ALLOWED", (HIDDEN,)),
    *only_own(f"{ALL_TIMES}1H"),
]  # fmt: skip
OF_FEED: list[Row | Story] = [
    Row("alice", "GET /udf/config?unknown=1", None, 200, CONFIG),
    Row("alice", "GET /udf/symbols?symbol=eurusd&currencyCode=USD", None, 200,
        SYMBOL | {"name": "EURUSD", "pricescale": 100_000}),
    Row("alice", "GET /udf/symbols?symbol=FX:EURUSD", None, 200, SYMBOL),
    refuses("GET /udf/symbols", 400, "INVALID_DATA"),
    refuses("GET /udf/symbols?symbol=NOPE", 404, "RET_SYMBOL_NOT_FOUND"),
    Row("alice", "GET /udf/symbols?symbol=EURUSD", None, 403, "SYMBOL_NOT_ALLOWED", (HIDDEN,)),
    Row("alice", "GET /udf/symbol_info?group=elsewhere", None, 200, object),
    Row("alice", "GET /udf/search?query=eur&type=&exchange=&limit=30", None, 200, [FOUND]),
    Row("alice", "GET /udf/search?query=gbp&limit=1", None, 200, []),
    Row("alice", "GET /udf/search?type=Metals", None, 200, []),
    refuses("GET /udf/search?limit=x", 400, "INVALID_DATA"),
    Row("alice", f"{HISTORY}&resolution=60&countback=2&firstDataRequest=true", None, 200, BARS,
        (CANDLES,)),
    Row("alice", f"{HISTORY}&resolution=60&from=-5.5&to=4000000000.5", None, 200, BARS,
        (CANDLES,)),
    Row("alice", f"{HISTORY}&resolution=60&from=0&to=1&countback=5", None, 200, NO_BARS,
        (CANDLES,)),
    Row("alice", f"{HISTORY}&resolution=60&from=3900000000&to=4000000000", None, 200,
        {"s": "no_data", "nextTime": int}, (CANDLES,)),
    *(
        Row("alice", f"{HISTORY}&resolution={name}&countback=5", None, 200,
            Either((NO_BARS, BARS)))
        for name in ("1", "240", "D", "1D", "W", "1W", "M", "1M")
    ),
    *(
        refuses(f"{HISTORY}&{rest}", 400, "INVALID_DATA")
        for rest in ("", "resolution=7&from=0&to=1", "resolution=1&from=x", "resolution=1&to=NaN")
    ),
    refuses("GET /udf/history?symbol=NOPE&resolution=1", 404, "RET_SYMBOL_NOT_FOUND"),
    Row("alice", "GET /udf/quotes?symbols=EURUSD,NOPE", None, 200,
        {"s": "ok", "d": [{"s": "ok", "n": "EURUSD", "v": QUOTED},
                          {"s": "error", "n": "NOPE", "v": {}}]}),
    Row("alice", "GET /udf/quotes?symbols=EURUSD", None, 200,
        {"s": "ok", "d": [{"s": "error", "n": "EURUSD", "v": {}}]}, (HIDDEN,)),
    Row("alice", "GET /udf/quotes?symbols=EURUSD", None, 200,
        {"s": "ok", "d": [{"s": "error", "n": "EURUSD", "v": {}}]}, (conditions.no_quote,)),
    refuses("GET /udf/quotes", 400, "INVALID_DATA"),
    refuses("GET /udf/quotes?symbols=" + "A," * 501, 400, "INVALID_DATA"),
    refuses("POST /udf/config", 405, "METHOD_NOT_ALLOWED"),
    *(row for call in UDF for row in only_own(call)),
]  # fmt: skip
ROWS = [*OF_CANDLES, *OF_FEED]


@pytest.mark.parametrize("rows", ROWS, ids=row_id)
def test_charts_get_what_the_contract_says(world: World, rows: Row | Story) -> None:
    run_rows(world, rows)

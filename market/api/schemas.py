"""JSON schemas of the market routes' answers."""

from collections.abc import Mapping

from api.schema.operation import object_schema
from market.quotes.performance import PERIODS

TEXT_FIELDS = ("symbol", "description", "currency", "margin_currency", "quote_currency", "group")
INTEGER_FIELDS = (
    "digits", "trade", "spread", "swap_enable", "swap_type", "swap_rollover3days", "margin_mode",
    "profit_mode", "exemode", "stops_level", "freeze_level", "long_only", "market_state",
    "market_reason", "lot_min", "lot_max", "lot_step", "comm_type", "comm_lots",
)  # fmt: skip
NUMBER_FIELDS = (
    "swap_long", "swap_short", "margin_divider", "contract_size", "ask", "bid", "point",
    "tick_value", "tick_size", "comm_base",
)  # fmt: skip
DESCRIPTION_TEXTS = ("exchange", "category", "industry", "sector", "icon")
FURTHER_INTEGERS = (
    "spread_balance", "shareholders", "market_cap", "seasons", "gtc_pendings",
    "instant_max_volume", "max_volume", "swap_daily",
)  # fmt: skip
FURTHER_NUMBERS = ("comm_agent", "margin_initial", "margin_maintenance", "margin_hedged")

SESSION_SCHEMA = object_schema(
    **dict.fromkeys(("open_hour", "open_min", "close_hour", "close_min"), "integer")
)
SESSIONS_SCHEMA: dict[str, object] = {
    "type": "array",
    "minItems": 7,
    "maxItems": 7,
    "items": object_schema(
        trade_overnight="integer",
        trade={"type": "array", "minItems": 3, "maxItems": 3, "items": SESSION_SCHEMA},
    ),
}
ASSET_FIELDS: dict[str, str | Mapping[str, object]] = {
    **dict.fromkeys(TEXT_FIELDS, "string"),
    **dict.fromkeys(INTEGER_FIELDS, "integer"),
    **dict.fromkeys(NUMBER_FIELDS, "number"),
    "sessions": SESSIONS_SCHEMA,
}
NAMES_SCHEMA: dict[str, object] = {"type": "array", "items": {"type": "string"}}
MARKET_SCHEMA = object_schema(
    assets={"type": "object", "additionalProperties": object_schema(**ASSET_FIELDS)},
    groups=NAMES_SCHEMA,
)
SYMBOL_SCHEMA = object_schema(
    **ASSET_FIELDS,
    **dict.fromkeys(DESCRIPTION_TEXTS, "string"),
    **dict.fromkeys(FURTHER_INTEGERS, "integer"),
    **dict.fromkeys(FURTHER_NUMBERS, "number"),
    performance=object_schema(**{name: {"type": ["number", "null"]} for name in PERIODS}),
)


def bar_column(kind: str) -> dict[str, object]:
    """Return the schema of a list with one value a bar."""
    return {"type": "array", "items": {"type": kind}}


BARS_SCHEMA = object_schema(
    s={"type": "string", "const": "ok"},
    t=bar_column("integer"),
    **{name: bar_column("number") for name in ("o", "h", "l", "c")},
    v=bar_column("integer"),
)
NO_BARS_SCHEMA = object_schema(
    s={"type": "string", "const": "no_data"}, nextTime={"type": ["integer", "null"]}
)
HISTORY_SCHEMA = {"oneOf": [BARS_SCHEMA, NO_BARS_SCHEMA]}

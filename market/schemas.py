"""JSON schemas of the market routes' answers."""

from typing import Any

from api.operation import obj
from market.performance import PERIODS

TEXTS = ("symbol", "description", "currency", "margin_currency", "quote_currency", "group")
WHOLE = (
    "digits", "trade", "spread", "swap_enable", "swap_type", "swap_rollover3days", "margin_mode",
    "profit_mode", "exemode", "stops_level", "freeze_level", "long_only", "market_state",
    "market_reason", "lot_min", "lot_max", "lot_step", "comm_type", "comm_lots",
)  # fmt: skip
NUMBERS = (
    "swap_long", "swap_short", "margin_divider", "contract_size", "ask", "bid", "point",
    "tick_value", "tick_size", "comm_base",
)  # fmt: skip
SHARE_TEXTS = ("exchange", "category", "industry", "sector")

OPENING = obj(**dict.fromkeys(("open_hour", "open_min", "close_hour", "close_min"), "integer"))
SESSIONS: dict[str, Any] = {
    "type": "array",
    "minItems": 7,
    "maxItems": 7,
    "items": obj(
        trade_overnight="integer",
        trade={"type": "array", "minItems": 3, "maxItems": 3, "items": OPENING},
    ),
}
FIELDS: dict[str, Any] = {
    **dict.fromkeys(TEXTS, "string"),
    **dict.fromkeys(WHOLE, "integer"),
    **dict.fromkeys(NUMBERS, "number"),
    "sessions": SESSIONS,
}
NAMES: dict[str, Any] = {"type": "array", "items": {"type": "string"}}
MARKET = obj(assets={"type": "object", "additionalProperties": obj(**FIELDS)}, groups=NAMES)
SYMBOL = obj(
    **FIELDS,
    spread_balance="number",
    **dict.fromkeys(SHARE_TEXTS, "string"),
    market_cap="number",
    performance=obj(**{name: {"type": ["number", "null"]} for name in PERIODS}),
)


def column(kind: str) -> dict[str, Any]:
    """Return the schema of a list with one value a bar."""
    return {"type": "array", "items": {"type": kind}}


BARS = obj(
    s={"type": "string", "const": "ok"},
    t=column("integer"),
    **{name: column("number") for name in ("o", "h", "l", "c")},
    v=column("integer"),
)
NO_BARS = obj(s={"type": "string", "const": "no_data"}, nextTime={"type": ["integer", "null"]})
HISTORY = {"oneOf": [BARS, NO_BARS]}

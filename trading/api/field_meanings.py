"""What the fields of the trading routes mean."""

from accounts.api import field_meanings as accounts
from accounts.enums import LevelUnit
from api.schema.meanings import (
    FieldMeanings,
    enum_value,
    integer,
    nullable,
    number,
    text,
    unix_time,
)
from trading.enums import Activation, Cmd, LevelType, Reason, State, TradeType

LOTS = "in minimal lots: 100 = 1.00 lot"
FIGURE = "in the account's currency"
CONDITION = "JSON text of a list: [[field, {}], …]; the fields are those of the table"
CONDITION_PATTERN = r"^\s*\[[\s\S]*\]\s*$"


def condition(form: str) -> dict[str, object]:
    """Return the schema of a filter in the query."""
    description = CONDITION.format(form)
    return {"type": "string", "pattern": CONDITION_PATTERN, "description": description}


FIELD_MEANINGS: FieldMeanings = {
    "order": integer("the order's number"),
    "orders": {"type": "array", "items": {"type": "integer"}, "description": "numbers of orders"},
    "cmd": enum_value(Cmd),
    "state": enum_value(State),
    "reason": enum_value(Reason, "who asked for it"),
    "activation": enum_value(Activation, "what opened or closed it without a request"),
    "tradeType": enum_value(TradeType, "which trades"),
    "type": integer("which positions: 0 all, 1 profitable ones, -1 losing ones"),
    "symbol": text("the symbol's name, sent in either case"),
    "digits": integer("decimals of the symbol's prices"),
    "volume": integer(LOTS),
    "close_volume": integer(f"what was closed, {LOTS}"),
    "closed_volume": integer(f"what partial closes have taken off, {LOTS}"),
    "total_volume": number(f"sum of all matches, {LOTS}"),
    "open_time": unix_time("the open, or the placing of a pending order"),
    "close_time": unix_time("the close, 0 before it"),
    "open_price": number("price of the open, or at which a pending order is activated"),
    "close_price": number("price of the close, 0 before it"),
    "price": number("price in the symbol's digits"),
    "sl": number("stop loss: the price at which the position is closed, 0 for none"),
    "tp": number("take profit: the price at which the position is closed, 0 for none"),
    "expiration": unix_time("the end of a pending order, 0 for none"),
    "profit": number(f"without commission and swap, {FIGURE}; of an open trade it floats"),
    "net_profit": number(f"profit with commission and swap, {FIGURE}"),
    "commission": number(f"negative where it was paid, {FIGURE}"),
    "storage": number(f"swaps of all nights, {FIGURE}"),
    "total_profit": number(f"sum of all matches, {FIGURE}"),
    "total_net_profit": number(f"sum of all matches, {FIGURE}"),
    "total_storage": number(f"sum of all matches, {FIGURE}"),
    "total_commission": number(f"sum of all matches, {FIGURE}"),
    "parent_order": nullable(integer("the order of which this is a closed part")),
    "accepted": {"type": "boolean", "description": "it passed every check and took effect"},
    "where": condition("one of = == != > < >= <= like, value"),
    "whereNot": condition("value"),
    "whereIn": condition("[value, …]"),
    "whereNotIn": condition("[value, …]"),
    "whereBetween": condition("[from, to]"),
    "whereNotBetween": condition("[from, to]"),
    "orderBy": condition('"asc" or "desc"'),
    "from": unix_time("begin of the period, inclusive"),
    "to": unix_time("end of the period, inclusive"),
    "balance": number(f"what the ledger says, {FIGURE}"),
    "credit": number(f"lent by the broker, {FIGURE}"),
    "equity": number(f"balance, credit and floating result, {FIGURE}"),
    "margin": number(f"used by open positions, {FIGURE}"),
    "margin_free": number(f"what is left for new orders, {FIGURE}"),
    "margin_level": number("margin base against used margin in percent, 0 without used margin"),
    "margin_free_after": number(f"free margin with the order, {FIGURE}"),
    "margin_level_after": number("margin level with the order, in percent"),
    "level": number("margin level in percent, null without used margin"),
    "level_type": enum_value(LevelType, "which of the group's levels is reached"),
    "margin_rate": number("rate of the margin's currency to the account's at the open"),
    "prevbalance": number(f"balance at the end of the day before, {FIGURE}"),
    "prevmonthbalance": number(f"balance at the end of the month before, {FIGURE}"),
    "margin_type": enum_value(LevelUnit, "unit of the group's levels"),
}
# Of routes about accounts, with their profile.
ACCOUNT_MEANINGS: FieldMeanings = {**FIELD_MEANINGS, **accounts.FIELD_MEANINGS}

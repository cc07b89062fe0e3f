"""`GET /trades` over a list of dicts: the filter grammar once more, in plain Python."""

import operator
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tests.api.filter_rows import Row
from trading.api.trades_table import STRUCTURE

TOTALS = ("profit", "net_profit", "storage", "commission", "volume")
LIVE, MARKET, PENDING, FINANCE = 0, (0, 1), (2, 3, 4, 5), (6, 7, 8, 9)


def matches_like(value: str, pattern: str) -> bool:
    """Return whether the value matches: `%` is any text, `_` one character, in either case."""
    parts = {"%": ".*", "_": "."}
    regex = "".join(parts.get(letter, re.escape(letter)) for letter in fold_case(pattern))
    return re.fullmatch(regex, fold_case(value), re.DOTALL) is not None


def fold_case(text: str) -> str:
    """Return the text in lower case letter by letter, as the database does it."""
    return "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in text)


OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "==": operator.eq, "!=": operator.ne, ">": operator.gt, "<": operator.lt,
    ">=": operator.ge, "<=": operator.le, "like": matches_like,
}  # fmt: skip
TYPES: list[Callable[[Row], bool]] = [
    lambda row: True,
    lambda row: row["state"] == LIVE and row["cmd"] in MARKET,
    lambda row: row["state"] in (3, 4, 6) and row["cmd"] not in FINANCE,
    lambda row: row["state"] == LIVE and row["cmd"] in PENDING,
    lambda row: row["cmd"] in FINANCE,
]


def read_number(value: Any) -> Any:
    """Return a number of the request as exactly what was written."""
    return Decimal(repr(value)) if isinstance(value, float) else value


def is_within(value: Any, bounds: list[Any]) -> bool:
    """Return whether the value is within the bounds, both included."""
    return bool(read_number(bounds[0]) <= value <= read_number(bounds[1]))


def is_chosen(row: Row, asked: dict[str, Any]) -> bool:
    """Return whether the row meets every condition."""
    return (
        all(OPERATORS[op](row[f], read_number(v)) for f, op, v in asked.get("where", ()))
        and all(row[f] != read_number(v) for f, v in asked.get("whereNot", ()))
        and all(row[f] in [read_number(v) for v in vs] for f, vs in asked.get("whereIn", ()))
        and all(row[f] not in [read_number(v) for v in vs] for f, vs in asked.get("whereNotIn", ()))
        and all(is_within(row[f], b) for f, b in asked.get("whereBetween", ()))
        and not any(is_within(row[f], b) for f, b in asked.get("whereNotBetween", ()))
    )


def expected_answer(rows: list[Row], asked: dict[str, Any]) -> dict[str, Any]:
    """Return rows, count and totals as the route must answer them."""
    found = [row for row in rows if TYPES[asked["tradeType"]](row) and is_chosen(row, asked)]
    totals = {f"total_{name}": sum(row[name] for row in found) for name in TOTALS}
    found.sort(key=lambda row: -row["order"])
    for field, direction in reversed(asked.get("orderBy") or [["open_time", "desc"]]):
        found.sort(key=lambda row, field=field: row[field], reverse=direction == "desc")  # type: ignore[misc]  # mypy infers no lambda with a default
    page = found[asked["offset"] :][: asked["limit"]]
    return {
        "rows": [[row[name] for name in STRUCTURE] for row in page],
        "count": len(found),
        **totals,
    }

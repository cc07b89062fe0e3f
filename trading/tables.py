"""The table of trades: rows, totals and count of the same matches, with floating profit."""

from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import closing
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import DecimalField, F, Q, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce
from orjson import Fragment

from accounts.models import Account
from api.filters import Column, Columns, compiled, ordering
from api.long_table import Ready, written
from api.table import Table
from core.money import cents
from core.postgresql import prepared, streamed
from market.catalog import converter
from market.quotes import LatestQuotes
from trading.enums import TradeType
from trading.models import Trade
from trading.positions import snapshot
from trading.valuation import Valuation

COLUMNS: Columns = {
    "order": Column("order", int),
    "login": Column("account_id", int),
    "cmd": Column("cmd", int),
    "state": Column("state", int),
    "symbol": Column("symbol_name", str),
    "reason": Column("reason", int),
    "volume": Column("volume", int),
    "open_time": Column("open_time", int),
    "close_time": Column("close_time", int),
    "open_price": Column("open_price", Decimal),
    "close_price": Column("close_price", Decimal),
    "sl": Column("sl", Decimal),
    "tp": Column("tp", Decimal),
    "profit": Column("profit_now", Decimal),
    "net_profit": Column("net_profit", Decimal),
    "commission": Column("commission", Decimal),
    "storage": Column("storage", Decimal),
    "comment": Column("comment", str),
    "digits": Column("digits", int),
    "expiration": Column("expiration", int),
}
STRUCTURE = tuple(COLUMNS)
TOTALS = ("profit", "net_profit", "storage", "commission", "volume")
AMOUNT = DecimalField(max_digits=20, decimal_places=4)
# Placeholders in a compiled statement for the values of one request.
ORDERS, PROFITS, LOGIN = object(), object(), object()
# Rows, totals and count of the same matches in one statement; PostgreSQL builds the JSON.
STATEMENT = """
WITH matches AS ({matches})
SELECT count(*), {sums},
    (SELECT coalesce(json_agg(json_build_array({columns})), '[]')::text
     FROM (SELECT * FROM matches ORDER BY {order} LIMIT %s OFFSET %s) AS page)
FROM matches
"""
# The same for a page of many rows: its JSON comes in chunks, each with count and sums.
LONG_STATEMENT = """
WITH matches AS ({matches}),
figures AS (SELECT count(*) AS number, {sums} FROM matches),
page AS (
    SELECT *, row_number() OVER (ORDER BY {order}) AS place
    FROM (SELECT * FROM matches ORDER BY {order} LIMIT %s OFFSET %s) AS cut
)
SELECT figures.*, piece.rows FROM figures LEFT JOIN (
    SELECT place / {piece} AS number,
        string_agg(json_build_array({columns})::text, ',' ORDER BY place) AS rows
    FROM page GROUP BY 1
) AS piece ON true ORDER BY piece.number
"""
SHORT = 1000  # a page of up to so many rows is read at once
PIECE = 500  # of a longer page
FLOATING = """
CASE WHEN state = 0 AND cmd IN (0, 1)
THEN coalesce((%s::numeric[])[array_position(%s::bigint[], "order")], profit)
ELSE profit END
"""


def trades_table(account: Account, data: Mapping[str, Any]) -> Table | Ready:
    """Build the answer of `GET /trades` for validated parameters.

    A page of more than SHORT_PAGE_ROWS rows is streamed from the database as ready JSON.
    Raises TooLarge.
    """
    kind, conditions = TradeType(data["tradeType"]), compiled(COLUMNS, data)
    order_by = (*(ordering(COLUMNS, data.get("orderBy")) or ["-open_time"]), "-order")
    # Without conditions, the usual request of terminals, the statement is always the same.
    short = data["limit"] <= SHORT
    make = plain_statement if short and not conditions else statement
    sql, slots = make(kind, conditions, order_by, STATEMENT if short else LONG_STATEMENT)
    orders, profits = (array(values) for values in floating_profits(account))
    own: dict[Any, Any] = {ORDERS: orders, PROFITS: profits, LOGIN: account.login}
    values = [*(own.get(slot, slot) for slot in slots), data["limit"], data["offset"]]
    if not short:
        beside: dict[str, Any] = {}
        with closing(_pieces(sql, values, beside)) as pieces:
            return written(STRUCTURE, pieces, beside)
    with connection.cursor() if conditions else prepared() as cursor:
        cursor.execute(sql, values)
        *figures, page = cursor.fetchone()
    return Table(STRUCTURE, Fragment(page), _beside(figures))


def _pieces(sql: str, values: list[Any], beside: dict[str, Any]) -> Generator[bytes]:
    """Yield the rows of a LONG_STATEMENT as JSON; count and sums are put into `totals`."""
    with streamed(1) as cursor:
        cursor.execute(sql, values)
        while found := cursor.fetchmany(1):
            *figures, rows = found[0]
            beside.update(_beside(figures))
            yield (rows or "").encode()


def _beside(figures: Sequence[Any]) -> dict[str, Any]:
    count, *sums = figures
    totals = {f"total_{name}": total or 0 for name, total in zip(TOTALS, sums, strict=True)}
    return {"count": count, **totals}


def floating_profits(account: Account) -> tuple[list[int], list[Decimal]]:
    """Return the account's open orders and their present profits, rounded for clients."""
    positions = snapshot(account.login).positions
    valuation = Valuation(account, converter(), LatestQuotes())
    valuation.load_quotes(positions)
    currency = account.group.currency
    profits = [cents(valuation.floating(position), currency) for position in positions]
    return [position.order for position in positions], profits


def statement(
    kind: TradeType, conditions: Q, order_by: tuple[str, ...], form: str
) -> tuple[str, list[Any]]:
    """Return the SQL and its parameters, some of which are slots.

    A request replaces ORDERS_SLOT, PROFITS_SLOT and LOGIN_SLOT by its own values.

    The floating figures go into the query, so that filters, order, rows and totals agree.
    """
    rows: Any = Trade.objects.of_type(kind).annotate(
        symbol_name=Coalesce("symbol_id", Value("")),  # finance operations have none
        profit_now=RawSQL(FLOATING, [PROFITS, ORDERS], AMOUNT),  # noqa: S611 - a constant
        net_profit=F("profit_now") + F("commission") + F("storage"),
    )
    rows = rows.filter(conditions, account=RawSQL("%s", [LOGIN]))
    names = [column.name for column in COLUMNS.values()]
    query = rows.order_by().values(*names).query
    # Conditions that no row can match are answered like any others, with empty totals.
    matches, slots = query.get_compiler(DEFAULT_DB_ALIAS, elide_empty=False).as_sql()
    sql = form.format(
        matches=matches,
        sums=", ".join(f"trim_scale(sum({COLUMNS[name].name}))" for name in TOTALS),
        columns=", ".join(_json(column) for column in COLUMNS.values()),
        order=", ".join(_direction(name) for name in order_by),
        piece=PIECE,
    )
    return sql, list(slots)


def array(values: Iterable[object]) -> str:
    """Format a PostgreSQL array literal: psycopg examines each value of a list several times."""
    return f"{{{','.join(map(str, values))}}}"


@lru_cache(maxsize=256)
def plain_statement(
    kind: TradeType, _: Q, order_by: tuple[str, ...], form: str
) -> tuple[str, list[Any]]:
    """Return `compile_statement` without conditions, compiled once for each kind and order."""
    return statement(kind, Q(), order_by, form)


def _json(column: Column) -> str:
    """Return the SQL for the column's JSON value: text, or a number without trailing zeros."""
    return f'trim_scale("{column.name}")' if column.kind is Decimal else f'"{column.name}"'


def _direction(name: str) -> str:
    return f'"{name[1:]}" DESC' if name.startswith("-") else f'"{name}"'

"""The table of trades: rows, totals and count of the same matches, with floating profit."""

from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import closing
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Case, DecimalField, F, Q, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce, Greatest
from orjson import Fragment

from accounts.models import Account
from api.filters import FilterColumn, FilterColumns, compile_conditions, compile_ordering
from api.long_table import ReadyJSON, write_table
from api.table import ApiTable
from core.money import round_to_currency
from core.postgresql import prepared_cursor, streamed_cursor
from core.postgresql.statement import Statement
from market.quotes.quote import LatestQuotes
from trading.api.open_trades import ROWS_STATEMENT, find_open_trades
from trading.api.portfolio import find_portfolio
from trading.enums import State, TradeType
from trading.models import Trade

COLUMNS: FilterColumns = {
    "order": FilterColumn("order", int),
    "login": FilterColumn("account_id", int),
    "cmd": FilterColumn("cmd", int),
    "state": FilterColumn("state", int),
    "symbol": FilterColumn("symbol_name", str),
    "reason": FilterColumn("reason", int),
    "volume": FilterColumn("volume", int),
    "open_time": FilterColumn("open_time", int),
    "close_time": FilterColumn("close_time", int),
    "open_price": FilterColumn("open_price", Decimal),
    "close_price": FilterColumn("close_price", Decimal),
    "sl": FilterColumn("sl", Decimal),
    "tp": FilterColumn("tp", Decimal),
    "profit": FilterColumn("profit_now", Decimal),
    "net_profit": FilterColumn("net_profit", Decimal),
    "commission": FilterColumn("commission", Decimal),
    "storage": FilterColumn("storage", Decimal),
    "comment": FilterColumn("comment", str),
    "digits": FilterColumn("digits", int),
    "expiration": FilterColumn("expiration", int),
}
STRUCTURE = tuple(COLUMNS)
# What can be sorted and filtered by beside the structure; `compile_statement` defines them.
ORDER_COLUMNS: FilterColumns = {
    **COLUMNS,
    "update_time": FilterColumn("update_time", int),
    "parent_order": FilterColumn("parent_order", int),
    "closed_volume": FilterColumn("closed_volume", int),
    "partial_close_volume": FilterColumn("partial_close_volume", int),
}
FILTER_COLUMNS: FilterColumns = {
    **ORDER_COLUMNS,
    "group": FilterColumn("account__group__name", str),
}
TOTAL_FIELDS = ("profit", "net_profit", "storage", "commission", "volume")
AMOUNT = DecimalField(max_digits=20, decimal_places=4)
# Placeholders in a compiled statement for the values of one request.
ORDERS_SLOT, PROFITS_SLOT, LOGIN_SLOT = object(), object(), object()
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
USUAL_ORDER = ("-open_time", "-order")
SHORT_PAGE_ROWS = 1000  # a page of up to so many rows is read at once
CHUNK_ROWS = 500  # of a longer page
FLOATING_SQL = """
CASE WHEN state = 0 AND cmd IN (0, 1)
THEN coalesce((%s::numeric[])[array_position(%s::bigint[], "order")], profit)
ELSE profit END
"""


def trades_table(account: Account, data: Mapping[str, Any]) -> ApiTable | ReadyJSON:
    """Build the answer of `GET /trades` for validated parameters.

    A page of more than SHORT_PAGE_ROWS rows is streamed from the database as ready JSON.
    Raises TableTooLarge.
    """
    kind, conditions = TradeType(data["tradeType"]), compile_conditions(FILTER_COLUMNS, data)
    order_by = (*(compile_ordering(ORDER_COLUMNS, data.get("orderBy")) or ["-open_time"]), "-order")
    # Without conditions, the usual request of terminals, the statement is always the same.
    short = data["limit"] <= SHORT_PAGE_ROWS
    if short and kind == TradeType.OPEN and not conditions and order_by == USUAL_ORDER:
        statement, slots = open_rows_statement()
        stored = {ORDERS_SLOT: "{}", PROFITS_SLOT: "{}", LOGIN_SLOT: account.login}
        params = [stored.get(slot, slot) for slot in slots]
        found = find_open_trades(account, statement, [*params, account.login], data)
        if found is not None:
            return ApiTable(STRUCTURE, found.rows, _totals_as_json([found.number, *found.totals]))
    compile_sql = cached_statement if short and not conditions else compile_statement
    sql, slots = compile_sql(kind, conditions, order_by, STATEMENT if short else LONG_STATEMENT)
    orders, profits = (format_array(values) for values in floating_profits(account))
    slot_values: dict[Any, Any] = {
        ORDERS_SLOT: orders,
        PROFITS_SLOT: profits,
        LOGIN_SLOT: account.login,
    }
    values = [*(slot_values.get(slot, slot) for slot in slots), data["limit"], data["offset"]]
    if not short:
        totals: dict[str, object] = {}
        with closing(_row_chunks(sql, values, totals)) as chunks:
            return write_table(STRUCTURE, chunks, totals)
    with connection.cursor() if conditions else prepared_cursor() as cursor:
        cursor.execute(sql, values)
        *figures, page = cursor.fetchone()
    return ApiTable(STRUCTURE, Fragment(page), _totals_as_json(figures))


def _row_chunks(sql: str, values: list[Any], totals: dict[str, object]) -> Generator[bytes]:
    """Yield the rows of a LONG_STATEMENT as JSON; count and sums are put into `totals`."""
    with streamed_cursor(1) as cursor:
        cursor.execute(sql, values)
        while found := cursor.fetchmany(1):
            *figures, rows = found[0]
            totals.update(_totals_as_json(figures))
            yield (rows or "").encode()


def _totals_as_json(figures: Sequence[object]) -> dict[str, object]:
    count, *sums = figures
    totals = {f"total_{name}": total or 0 for name, total in zip(TOTAL_FIELDS, sums, strict=True)}
    return {"count": count, **totals}


def floating_profits(account: Account) -> tuple[list[int], list[Decimal]]:
    """Return the account's open orders and their present profits, rounded for clients."""
    portfolio = find_portfolio(account)
    valuation = portfolio.valuation(account, LatestQuotes())
    profits = [
        round_to_currency(profit, valuation.currency)
        for profit in valuation.floating_profits(portfolio.terms)
    ]
    return [position.order for position in portfolio.positions], profits


def compile_statement(
    kind: TradeType, conditions: Q, order_by: tuple[str, ...], form: str
) -> tuple[str, list[object]]:
    """Return the SQL and its parameters, some of which are slots.

    A request replaces ORDERS_SLOT, PROFITS_SLOT and LOGIN_SLOT by its own values.

    The floating figures go into the query, so that filters, order, rows and totals agree.
    """
    rows = Trade.objects.of_type(kind).annotate(
        symbol_name=Coalesce("symbol_id", Value("")),  # finance operations have none
        profit_now=RawSQL(FLOATING_SQL, [PROFITS_SLOT, ORDERS_SLOT], AMOUNT),  # noqa: S611 - a constant
        net_profit=F("profit_now") + F("commission") + F("storage"),
        update_time=Greatest("open_time", "close_time"),
        parent_order=Coalesce("parent_id", Value(0)),
        partial_close_volume=Case(When(state=State.CLOSED_PART, then=F("volume")), default=0),
    )
    rows = rows.filter(conditions, account=RawSQL("%s", [LOGIN_SLOT]))
    sorted_by = (name.removeprefix("-") for name in order_by)
    names = dict.fromkeys([*(column.name for column in COLUMNS.values()), *sorted_by])
    query = rows.order_by().values(*names).query
    # Conditions that no row can match are answered like any others, with empty totals.
    matches, slots = query.get_compiler(DEFAULT_DB_ALIAS, elide_empty=False).as_sql()
    columns = [_json_expression(column) for column in COLUMNS.values()]
    moving = STRUCTURE.index("profit")  # `net_profit` is next to it
    sql = form.format(
        matches=matches,
        sums=", ".join(f"trim_scale(sum({COLUMNS[name].name}))" for name in TOTAL_FIELDS),
        columns=", ".join(columns),
        head=", ".join(columns[:moving]),
        tail=", ".join(columns[moving + 2 :]),
        order=", ".join(_order_term(name) for name in order_by),
        piece=CHUNK_ROWS,
    )
    return sql, list(slots)


def format_array(values: Iterable[object]) -> str:
    """Format a PostgreSQL array literal: psycopg examines each value of a list several times."""
    return f"{{{','.join(map(str, values))}}}"


@lru_cache(maxsize=256)
def cached_statement(
    kind: TradeType, _: Q, order_by: tuple[str, ...], form: str
) -> tuple[str, list[object]]:
    """Return `compile_statement` without conditions, compiled once for each kind and order."""
    return compile_statement(kind, Q(), order_by, form)


@cache
def open_rows_statement() -> tuple[Statement, list[object]]:
    """Return the statement of `find_open_trades`, and its parameters but the last."""
    sql, slots = compile_statement(TradeType.OPEN, Q(), USUAL_ORDER, ROWS_STATEMENT)
    return Statement(sql), slots


def _json_expression(column: FilterColumn) -> str:
    """Return the SQL for the column's JSON value: text, or a number without trailing zeros."""
    return f'trim_scale("{column.name}")' if column.kind is Decimal else f'"{column.name}"'


def _order_term(name: str) -> str:
    return f'"{name[1:]}" DESC' if name.startswith("-") else f'"{name}"'

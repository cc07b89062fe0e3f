"""Totals by currency over the selection of a list of trades, where they are cheap to compute."""

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Model, QuerySet

from accounts.models import Group
from backoffice.columns import format_amount
from backoffice.widgets.content import Table
from core.money import ZERO
from market.catalog import find_instrument
from market.models import format_lots
from trading.backoffice.floating_profit import FloatingProfits
from trading.backoffice.order_words import type_word
from trading.enums import DIRECTIONS, TradeType
from trading.valuation.positions import Position

MAX_POSITIONS = 5_000  # positions that are valued for one page
MAX_ROWS = 20_000  # rows that the database adds up for one page
TRADE_HEADERS = (
    "Currency", "#Trades", "#Lots", "#Profit", "#Commission", "#Swap", "#Net profit",
)  # fmt: skip
PENDING_HEADERS = ("Currency", "#Orders", "#Lots")
OPERATION_HEADERS = ("Currency", "Kind", "#Operations", "#Amount")
CURRENCY = "account__group__currency"
COLUMNS = (
    "account__group", "order", "symbol", "cmd", "volume", "open_price", "commission", "storage",
    "margin_rate",
)  # fmt: skip
NARROW_NOTE = "For totals search for a login, or choose a time of at most seven days."
TOO_MANY_NOTE = "More than {:,} rows: narrow the filter for totals."
UNKNOWN_NOTE = "{} positions have no price: their profit is not in the totals."
Rows = QuerySet[Model]
Sums = Mapping[str, Any]  # by column, with the number of `trades`


def totals_table(rows: Rows, kind: TradeType, *, is_narrow: bool) -> Table | None:
    """Return the totals of a list of one kind, None where it has none.

    `is_narrow`: an index finds what is selected, and it is not much.
    """
    match kind:
        case TradeType.OPEN:
            return _open_totals(rows)
        case TradeType.PENDING:
            return _pending_totals(rows)
        case TradeType.CLOSED | TradeType.FINANCE if not is_narrow:
            return Table((), (), note=NARROW_NOTE)
        case TradeType.CLOSED:
            return _closed_totals(rows)
        case TradeType.FINANCE:
            return _finance_totals(rows)
    return None


def _open_totals(rows: Rows) -> Table:
    """Return totals with the present floating profits, each rounded as in the list."""
    found = list(rows.order_by().values_list(*COLUMNS)[: MAX_POSITIONS + 1])
    if len(found) > MAX_POSITIONS:
        return Table((), (), note=TOO_MANY_NOTE.format(MAX_POSITIONS))
    groups = Group.objects.in_bulk({row[0] for row in found})
    positions = [(groups[row[0]], position_of_columns(*row)) for row in found]
    floating = FloatingProfits()
    floating.load(positions)
    sums: dict[str, Counter[str]] = {}
    unknown = 0
    for group, open_position in positions:
        profit = floating.profit_of(group, open_position)
        unknown += profit is None
        total: Any = sums.setdefault(group.currency, Counter())
        total["trades"] += 1
        for name, value in (
            ("volume", open_position.volume),
            ("profit", profit or ZERO),
            ("commission", open_position.commission),
            ("storage", open_position.storage),
        ):
            total[name] += value
    note = UNKNOWN_NOTE.format(unknown) if unknown else ""
    rows_by_currency = [_trade_totals(currency, sums[currency]) for currency in sorted(sums)]
    return Table(TRADE_HEADERS, rows_by_currency, note=note)


def position_of_columns(group: int, order: int, symbol: str, cmd: int, *figures: Any) -> Position:
    """Return a position made of its columns, with the symbol as its group trades it."""
    return Position(order, find_instrument(group, symbol), DIRECTIONS[cmd], *figures)


def _closed_totals(rows: Rows) -> Table:
    found = _group_sums(rows, CURRENCY, sums=("profit", "commission", "storage", "volume"))
    return _table_unless_too_many(
        TRADE_HEADERS, found, [_trade_totals(row[CURRENCY], row) for row in found]
    )


def _pending_totals(rows: Rows) -> Table:
    found = _group_sums(rows, CURRENCY, sums=("volume",))
    totals = [
        (row[CURRENCY], row["trades"], format_lots(row["volume"], thousands=True)) for row in found
    ]
    return _table_unless_too_many(PENDING_HEADERS, found, totals)


def _finance_totals(rows: Rows) -> Table:
    found = _group_sums(rows, CURRENCY, "cmd", sums=("profit",))
    totals = [
        (
            row[CURRENCY],
            type_word(row["cmd"]),
            row["trades"],
            format_amount(row["profit"], row[CURRENCY]),
        )
        for row in found
    ]
    return _table_unless_too_many(OPERATION_HEADERS, found, totals)


def _group_sums(rows: Rows, *fields: str, sums: Sequence[str]) -> list[Sums]:
    """Return sums over at most MAX_ROWS + 1 rows: what is beyond is not even read."""
    names = (*fields, *sums)
    chosen = rows.order_by().values_list(*names)[: MAX_ROWS + 1]
    try:
        selected, parameters = chosen.query.sql_with_params()
    except EmptyResultSet:  # the filters exclude one another
        return []
    columns, keys = ", ".join(names), ", ".join(fields)
    added = ", ".join(f"sum({name})" for name in sums)
    statement = (
        f"SELECT {keys}, count(*), {added} FROM ({selected}) AS selected ({columns}) "  # noqa: S608
        f"GROUP BY {keys} ORDER BY {keys}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        found = cursor.fetchall()
    return [dict(zip((*fields, "trades", *sums), row, strict=True)) for row in found]


def _table_unless_too_many(
    headers: tuple[str, ...], found: list[Sums], totals: Sequence[Sequence[object]]
) -> Table:
    if sum(row["trades"] for row in found) > MAX_ROWS:
        return Table((), (), note=TOO_MANY_NOTE.format(MAX_ROWS))
    return Table(headers, totals)


def _trade_totals(currency: str, row: Sums) -> tuple[object, ...]:
    parts: list[Decimal] = [row["profit"], row["commission"], row["storage"]]
    net = sum(parts, ZERO)
    money = (format_amount(value, currency) for value in (*parts, net))
    return (currency, row["trades"], format_lots(row["volume"], thousands=True), *money)

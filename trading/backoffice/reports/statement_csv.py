"""A client's statement as one table for a spreadsheet: every row with the balance after it."""

from collections.abc import Iterator
from decimal import Decimal

from backoffice.columns import exact_amount, exact_price
from backoffice.exports.cells import ExportCell
from core.clock import utc_text
from core.spreadsheets import escape_formula
from market.models import LOT
from trading.backoffice.reports.statement_tables import kind_label
from trading.reports.account_statement import (
    AccountStatement,
    Holdings,
    PositionAtEnd,
    StatementRow,
)

TITLES = [
    "Time (UTC)", "Type", "Order", "Symbol", "Lots", "Opened (UTC)", "Open price", "Close price",
    "Profit", "Commission", "Swap", "Amount", "Balance", "Credit", "Currency", "Comment",
]  # fmt: skip


def statement_rows(statement: AccountStatement) -> Iterator[list[ExportCell]]:
    """Yield the opening balance, the posted rows, the closing balance and the open positions."""
    begin, end = statement.period.begin, statement.period.end
    yield _balance_row("Opening balance", begin, statement.opening, statement.currency)
    for row in statement.rows:
        yield _posted_row(row, statement.currency)
    yield _balance_row("Closing balance", end - 1, statement.closing, statement.currency)
    for position in statement.positions:
        yield _position_row(position, end - 1, statement.currency)


def _balance_row(label: str, time: int, holdings: Holdings, currency: str) -> list[ExportCell]:
    after = [exact_amount(amount, currency) for amount in (holdings.balance, holdings.credit)]
    return [utc_text(time), label, *[None] * 10, *after, currency, None]


def _posted_row(row: StatementRow, currency: str) -> list[ExportCell]:
    """Return the cells of a posted row; what only trades have is empty in others."""
    trade, is_trade = row.trade, row.kind == "trade"
    after = (row.after.balance, row.after.credit)
    order: list[ExportCell] = (
        [
            trade.symbol_id,
            Decimal(trade.volume) / LOT,
            utc_text(trade.open_time),
            exact_price(trade.open_price, trade.digits),
            exact_price(trade.close_price, trade.digits),
            *(exact_amount(x, currency) for x in (trade.profit, trade.commission, trade.storage)),
        ]
        if is_trade
        else [None] * 8
    )
    return [
        utc_text(trade.close_time),
        kind_label(row),
        trade.order,
        *order,
        *(exact_amount(amount, currency) for amount in (row.amount, *after)),
        currency,
        escape_formula(trade.comment),
    ]


def _position_row(position: PositionAtEnd, time: int, currency: str) -> list[ExportCell]:
    """Return the cells of an open position: its amounts are not in the balance yet."""
    trade, floating = position.trade, position.floating
    return [
        utc_text(time),
        f"Open {trade.kind.label}",
        trade.order,
        trade.symbol_id,
        Decimal(position.volume) / LOT,
        utc_text(trade.open_time),
        exact_price(trade.open_price, trade.digits),
        None,
        None if floating is None else exact_amount(floating, currency),
        *(exact_amount(amount, currency) for amount in (position.commission, position.swap)),
        *[None] * 3,
        currency,
        escape_formula(trade.comment),
    ]

"""A client's statement as texts: what its PDF, its CSV and its page have in common."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from backoffice.columns import NO_VALUE, format_amount, format_price
from core.clock import utc_text
from core.money import ZERO
from market.models import format_lots
from trading.backoffice.order_words import type_word
from trading.reports.account_statement import AccountStatement, PositionAtEnd, StatementRow

KIND_LABELS = {
    "deposit": "Deposit",
    "withdrawal": "Withdrawal",
    "credit": "Credit",
    "swap": "Swap",
    "compensation": "Negative balance protection",
    "correction": "Correction",
}
TOTALS = {
    "deposit": "Deposits",
    "withdrawal": "Withdrawals",
    "profit": "Profit of closed trades",
    "commission": "Commission",
    "swap": "Swap",
    "correction": "Corrections",
    "compensation": "Negative balance protection",
}


@dataclass(frozen=True, slots=True)
class StatementTable:
    """A titled table of texts; a heading that begins with `#` is that of figures.

    `shares` are the widths of the columns, as parts of their sum.
    """

    title: str
    headers: tuple[str, ...]
    shares: tuple[float, ...]
    rows: Sequence[tuple[str, ...]]


def kind_label(row: StatementRow) -> str:
    """Return what a row is, in the client's words."""
    if row.kind == "trade":
        return type_word(row.trade.cmd).capitalize()
    label = KIND_LABELS[row.kind]
    corrects = row.trade.corrects_id is not None and row.kind not in ("swap", "correction")
    return f"{label}, corrected" if corrects else label


def summary_figures(statement: AccountStatement) -> Iterator[tuple[str, str]]:
    """Yield the figures that lead from the opening to the closing balance, and what is now."""
    unit = statement.currency
    yield "Opening balance", _money(statement.opening.balance, unit)
    for kind, title in TOTALS.items():
        if kind in statement.totals:
            yield title, _money(statement.totals[kind], unit)
    yield "Closing balance", _money(statement.closing.balance, unit)
    held = statement.opening.credit, statement.closing.credit
    if any(held) or "credit" in statement.totals:
        yield "Opening credit", _money(held[0], unit)
        yield "Closing credit", _money(held[1], unit)
    if statement.equity is not None:
        yield "Equity now", _money(statement.equity, unit)


def statement_tables(statement: AccountStatement) -> list[StatementTable]:
    """Return the payments, the closed trades and the open positions."""
    return [_payments(statement), _closed_trades(statement), _open_positions(statement)]


def _payments(statement: AccountStatement) -> StatementTable:
    unit = statement.currency
    rows = [
        (
            utc_text(row.trade.close_time),
            str(row.trade.order),
            kind_label(row),
            row.trade.comment,
            _money(row.amount, unit),
            _money(row.after.balance, unit),
        )
        for row in statement.rows
        if row.kind != "trade"
    ]
    headers = ("Time (UTC)", "Order", "Type", "Comment", "#Amount", "#Balance after")
    return StatementTable("Payments and corrections", headers, (3, 1.6, 4, 6, 2.4, 2.6), rows)


def _closed_trades(statement: AccountStatement) -> StatementTable:
    unit = statement.currency
    rows = [
        (
            *_order_cells(row, row.trade.volume),
            utc_text(row.trade.close_time),
            format_price(row.trade.close_price, row.trade.digits),
            _money(row.trade.commission, unit),
            _money(row.trade.storage, unit),
            _money(row.trade.profit, unit),
            _money(row.amount, unit),
        )
        for row in statement.rows
        if row.kind == "trade"
    ]
    headers = (
        "Order", "Symbol", "Type", "#Lots", "Opened (UTC)", "#Open price", "Closed (UTC)",
        "#Close price", "#Commission", "#Swap", "#Profit", "#Net",
    )  # fmt: skip
    shares = (1.6, 1.8, 1, 1.2, 2.9, 1.9, 2.9, 1.9, 2, 1.7, 2, 2)
    return StatementTable("Closed trades", headers, shares, rows)


def _open_positions(statement: AccountStatement) -> StatementTable:
    unit = statement.currency
    rows = [
        (
            *_order_cells(position, position.volume),
            _money(position.commission, unit),
            _money(position.swap, unit),
            NO_VALUE if position.floating is None else _money(position.floating, unit),
        )
        for position in statement.positions
    ]
    headers = (
        "Order", "Symbol", "Type", "#Lots", "Opened (UTC)", "#Open price", "#Commission", "#Swap",
        "#Profit now",
    )  # fmt: skip
    title = "Open positions at the end"
    return StatementTable(title, headers, (1.6, 1.8, 1, 1.2, 2.9, 1.9, 2, 1.7, 2), rows)


def _order_cells(row: StatementRow | PositionAtEnd, volume: int) -> tuple[str, ...]:
    trade = row.trade
    return (
        str(trade.order),
        trade.symbol_id or "",
        trade.kind.label.capitalize(),
        format_lots(volume),
        utc_text(trade.open_time),
        format_price(trade.open_price, trade.digits),
    )


def _money(amount: Decimal, currency: str) -> str:
    return format_amount(amount + ZERO, currency)

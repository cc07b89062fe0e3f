"""The usual table of trades: an account's open positions, of which only the profits move.

The JSON of a row is kept with the account's portfolio, in front of its two moving figures and
after them.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from orjson import Fragment

from accounts.models import Account
from core.json import plain_digits
from core.money import ZERO, round_to_currency
from core.postgresql.statement import Row, Statement
from market.quotes.quote import LatestQuotes
from trading.api.portfolio import Portfolio, find_portfolio

# Of `compile_statement`. The JSON of a row without `profit` and `net_profit`, in two parts; `seq`
# is that of the same snapshot.
ROWS_STATEMENT = """
WITH matches AS ({matches})
SELECT (SELECT seq FROM accounts_account AS own WHERE own.login = %s),
    "order", volume, commission, storage,
    json_build_array({head})::text, json_build_array({tail})::text
FROM matches ORDER BY {order}
"""


class OpenRow(NamedTuple):
    """A row but for its moving figures."""

    order: int
    volume: int
    costs: Decimal  # commission and storage
    head: str
    tail: str


class OpenTrades(NamedTuple):
    """A page of open trades as JSON, with the number and totals of all of them."""

    rows: Fragment
    number: int
    totals: list[object]  # profit, net profit, storage, commission, volume


def find_open_trades(
    account: Account, statement: Statement, params: Sequence[object], data: Mapping[str, Any]
) -> OpenTrades | None:
    """Return the page of `data`; None where the account changes between two statements.

    `statement` is a compiled ROWS_STATEMENT.
    """
    portfolio = find_portfolio(account)
    rows = portfolio.rows
    if rows is None:
        rows = _load_rows(portfolio, statement.fetch(params))
        if rows is None:
            return None
        portfolio.rows = rows
    valuation = portfolio.valuation(account, LatestQuotes())
    profits = {
        position.order: round_to_currency(profit, valuation.currency)
        for position, profit in zip(
            portfolio.positions, valuation.floating_profits(portfolio.terms), strict=True
        )
    }
    total = sum(profits.values(), ZERO)
    costs = portfolio.storage + portfolio.commission
    volume = sum(row.volume for row in rows)
    page = rows[data["offset"] : data["offset"] + data["limit"]]
    text = ",".join(_row_text(row, profits[row.order]) for row in page)
    totals = [total, total + costs, portfolio.storage, portfolio.commission, volume]
    return OpenTrades(Fragment(f"[{text}]"), len(rows), totals)


def _row_text(row: OpenRow, profit: Decimal) -> str:
    moving = f"{plain_digits(profit)}, {plain_digits(profit + row.costs)}"
    return f"{row.head}, {moving}, {row.tail}"


def _load_rows(portfolio: Portfolio, found: list[Row]) -> list[OpenRow] | None:
    """Return the rows if they are those of the portfolio's positions."""
    rows = []
    for columns in found:
        seq, order, volume, commission, storage, head, tail = ((c or b"").decode() for c in columns)
        if int(seq) != portfolio.seq:
            return None
        costs = Decimal(commission) + Decimal(storage)
        rows.append(OpenRow(int(order), int(volume), costs, head[:-1], tail[1:]))
    if {row.order for row in rows} != {position.order for position in portfolio.positions}:
        return None
    return rows

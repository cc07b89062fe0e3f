"""An account's figures and open positions at one time, read for every request and every event.

One plain statement, which is one database snapshot, and tuples: as model instances with
their symbols the positions cost ten times as much.
"""

from decimal import Decimal
from typing import NamedTuple

from core.postgresql import prepared
from market.catalog import named
from market.models import Symbol
from trading.enums import DIRECTIONS

SQL = """
SELECT account.balance, account.credit, account.seq,
    trade."order", symbol, cmd, volume, open_price, commission, storage, margin_rate
FROM accounts_account AS account
LEFT JOIN trading_trade AS trade
    ON trade.login = account.login AND trade.state = 0 AND trade.cmd IN (0, 1)
WHERE account.login = %s
"""


class Position(NamedTuple):
    """An open position with what its valuation needs; a `Trade` has the same attributes."""

    order: int
    instrument: Symbol
    direction: int
    volume: int
    open_price: Decimal
    commission: Decimal
    storage: Decimal
    margin_rate: Decimal


class Snapshot(NamedTuple):
    """An account's ledger figures, seq and open positions at one time."""

    balance: Decimal
    credit: Decimal
    seq: int
    positions: list[Position]


def snapshot(login: int) -> Snapshot:
    """Read the account's ledger figures, seq and open positions in one statement."""
    with prepared() as cursor:
        cursor.execute(SQL, [login])
        rows = cursor.fetchall()
    positions = [
        Position(order, named(symbol), DIRECTIONS[cmd], *figures)
        for order, symbol, cmd, *figures in (row[3:] for row in rows)
        if order is not None
    ]
    balance, credit, seq = rows[0][:3]
    return Snapshot(balance, credit, seq, positions)

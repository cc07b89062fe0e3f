"""Accounts' figures and open positions at one time, read for every request and every event.

One plain statement, which is one database snapshot, and tuples: as model instances with
their symbols the positions cost ten times as much.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from accounts.models import Account
from core.postgresql import prepared_cursor
from market.catalog import find_instrument
from market.models import Symbol
from trading.enums import DIRECTIONS

SNAPSHOT_SQL = """
SELECT account.balance, account.credit, account.seq,
    trade."order", symbol, cmd, volume, open_price, commission, storage, margin_rate
FROM accounts_account AS account
LEFT JOIN trading_trade AS trade
    ON trade.login = account.login AND trade.state = 0 AND trade.cmd IN (0, 1)
WHERE account.login = %s
"""
SNAPSHOTS_SQL = SNAPSHOT_SQL.replace("= %s", "= ANY(%s::bigint[])").replace(
    "SELECT", "SELECT account.login,", 1
)

Row = Sequence[Any]  # of either statement, without the login


class Position(NamedTuple):
    """An open position with what its valuation needs; a `Trade` has the same attributes.

    `instrument` is the symbol as the account's group trades it (`TermsTable.instrument`).
    """

    order: int
    instrument: Symbol
    direction: int
    volume: int
    open_price: Decimal
    commission: Decimal
    storage: Decimal
    margin_rate: Decimal


class AccountSnapshot(NamedTuple):
    """An account's ledger figures, seq and open positions at one time."""

    balance: Decimal
    credit: Decimal
    seq: int
    positions: list[Position]


def load_account_snapshot(account: Account) -> AccountSnapshot:
    """Read the account's ledger figures, seq and open positions in one statement.

    The positions' instruments are by the terms of the group that `account` is given with.
    """
    with prepared_cursor() as cursor:
        cursor.execute(SNAPSHOT_SQL, [account.login])
        rows = cursor.fetchall()
    return _snapshot_of(rows, account.group_id)


def load_account_snapshots(accounts: Iterable[Account]) -> dict[int, AccountSnapshot]:
    """Read the same of many accounts, by login; those that do not exist are left out."""
    groups = {account.login: account.group_id for account in accounts}
    rows_by_login: dict[int, list[Row]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(SNAPSHOTS_SQL, [list(groups)])
        for login, *row in cursor:
            rows_by_login[login].append(row)
    return {login: _snapshot_of(rows, groups[login]) for login, rows in rows_by_login.items()}


def _snapshot_of(rows: Sequence[Row], group: int) -> AccountSnapshot:
    """Return the snapshot of one account's rows; without positions it is one row."""
    positions = [
        Position(order, find_instrument(group, symbol), DIRECTIONS[cmd], *figures)
        for order, symbol, cmd, *figures in (row[3:] for row in rows)
        if order is not None
    ]
    balance, credit, seq = rows[0][:3]
    return AccountSnapshot(balance, credit, seq, positions)

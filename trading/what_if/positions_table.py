"""Open positions with their accounts as one numpy table, read by COPY in its binary form.

200,000 of them take a third of a second so; as tuples of Python several seconds.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from trading.enums import MARKET_CMDS

SQL = """
COPY (
    SELECT account.login::bigint, account.group_id::bigint, account.leverage::float8,
        (account.balance + account.credit)::float8, named.place::bigint,
        trade.cmd::float8, trade.volume::float8, trade.open_price::float8,
        (trade.commission + trade.storage)::float8, trade.margin_rate::float8,
        account.margin_called::int::float8
    FROM trading_trade AS trade
    JOIN accounts_account AS account ON account.login = trade.login
    JOIN unnest(%(symbols)s::text[]) WITH ORDINALITY AS named (name, place)
        ON named.name = trade.symbol
    WHERE trade.state = 0 AND trade.cmd IN (0, 1) {whose}
) TO STDOUT (FORMAT binary)
"""
OF_GROUPS = "AND account.group_id = ANY(%(groups)s)"
OF_SYMBOLS = """AND EXISTS (
    SELECT FROM trading_trade AS held WHERE held.login = account.login
    AND held.state = 0 AND held.cmd IN (0, 1) AND held.symbol = ANY(%(held)s)
)"""
NUMBERS = ("login", "group", "symbol")
COLUMNS = (
    "login", "group", "leverage", "own", "symbol", "cmd", "volume", "open", "costs", "rate",
    "called",
)  # fmt: skip
DIRECTION = np.array([float(cmd.direction) for cmd in MARKET_CMDS])  # by cmd
HEADER, TRAILER = 19, 2  # bytes before the first row and after the last one
ROW = np.dtype(
    [("fields", ">i2")]
    + [
        part
        for name in COLUMNS
        for part in ((f"size_{name}", ">i4"), (name, ">i8" if name in NUMBERS else ">f8"))
    ]
)


@dataclass(frozen=True, slots=True)
class AccountSelection:
    """Accounts of these groups, or with positions in these symbols; without either, all."""

    groups: tuple[int, ...] = ()
    symbols: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PositionsTable:
    """Open positions, an entry each; `account` is an index in `logins`, `symbol` in `symbols`."""

    symbols: list[str]
    logins: NDArray[np.int64]
    groups: NDArray[np.int64]  # of each login, like the two that follow
    leverage: NDArray[np.float64]
    own: NDArray[np.float64]  # balance + credit
    called: NDArray[np.bool_]  # whether a margin call has been made and has not ended
    account: NDArray[np.intp]
    symbol: NDArray[np.int64]
    direction: NDArray[np.float64]
    volume: NDArray[np.float64]  # minimal lots
    open: NDArray[np.float64]
    costs: NDArray[np.float64]  # commission + storage
    rate: NDArray[np.float64]  # of the margin, at the open


def read_positions(symbols: list[str], selection: AccountSelection) -> PositionsTable:
    """Read the open positions of these accounts, in one snapshot; `symbols` are all there are."""
    rows = copy_columns(symbols, selection)
    logins, first, account = np.unique(rows["login"], return_index=True, return_inverse=True)
    return PositionsTable(
        symbols,
        logins,
        rows["group"][first],
        rows["leverage"][first],
        rows["own"][first],
        rows["called"][first] > 0,
        account,
        rows["symbol"] - 1,
        DIRECTION[rows["cmd"].astype(np.intp)],
        rows["volume"],
        rows["open"],
        rows["costs"],
        rows["rate"],
    )


def copy_columns(symbols: list[str], selection: AccountSelection) -> dict[str, NDArray[Any]]:
    """Read the columns from the database, in the byte order of this machine."""
    parts = [OF_GROUPS] if selection.groups else []
    parts += [OF_SYMBOLS] if selection.symbols else []
    parameters = {
        "symbols": symbols,
        "groups": list(selection.groups),
        "held": list(selection.symbols),
    }
    with (
        connection.cursor() as cursor,
        cursor.copy(SQL.format(whose=" ".join(parts)), parameters) as out,
    ):
        sent = b"".join(out)
    count = (len(sent) - HEADER - TRAILER) // ROW.itemsize
    table = np.frombuffer(sent, ROW, count, HEADER)
    return {name: table[name].astype(table.dtype[name].newbyteorder("=")) for name in COLUMNS}

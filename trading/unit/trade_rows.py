"""Rows of the trade table as tuples of its columns, and the models and positions made of them.

Decisions work on instances that nobody else has; only a row that was written back counts.
"""

from collections.abc import Sequence
from decimal import Decimal
from operator import itemgetter
from typing import Any

from django.db import DEFAULT_DB_ALIAS
from django.db.models import DecimalField

from accounts.models import Account
from core.money import round_amount, smallest_step
from core.postgresql.prepared_models import make_stored
from market.catalog import find_instrument
from market.models import Symbol
from trading.enums import DIRECTIONS, MARKET_CMDS, State
from trading.models import Trade
from trading.valuation.positions import Position

FIELDS = Trade._meta.concrete_fields
NAMES = [field.attname for field in FIELDS]
COLUMNS = ", ".join(f'"{field.column}"' for field in FIELDS)
STEPS = [  # of the decimal columns: where, at how many places, and 1 at the last of these
    (index, field.decimal_places, smallest_step(field.decimal_places))
    for index, field in enumerate(FIELDS)
    if isinstance(field, DecimalField)
]
values_of = itemgetter(*NAMES)
(
    ORDER, LOGIN, SYMBOL, CMD, STATE, VOLUME, OPEN_PRICE, COMMISSION, STORAGE, MARGIN_RATE,
    OPEN_TIME, CLOSE_TIME, SEEN,
) = map(NAMES.index, (
    "order", "account_id", "symbol_id", "cmd", "state", "volume", "open_price", "commission",
    "storage", "margin_rate", "open_time", "close_time", "seen",
))  # fmt: skip
TradeRow = Sequence[Any]


def row_of(trade: Trade) -> TradeRow:
    """Return the trade's row as the database stores it, decimals rounded like its columns."""
    row = list(values_of(trade.__dict__))
    for index, places, step in STEPS:
        number = row[index]
        if type(number) is not Decimal or not number.same_quantum(step):  # else as rows have it
            row[index] = stored_decimal(number, places)
    return row


def stored_decimal(value: Decimal | int, places: int) -> Decimal:
    """Return the number as a column with this many decimals stores it."""
    number = value if isinstance(value, Decimal) else Decimal(value)
    exponent = number.as_tuple().exponent
    is_longer = isinstance(exponent, int) and exponent < -places
    return round_amount(number, places) if is_longer else number


def trade_of(row: TradeRow, account: Account, symbol: Symbol | None = None) -> Trade:
    """Return a new instance of the row.

    Its symbol is the given one as it is, else the catalog's as the account's group trades it.
    """
    trade = make_stored(Trade, dict(zip(NAMES, row, strict=True)), DEFAULT_DB_ALIAS)
    related = trade._state.fields_cache  # noqa: SLF001 - where Django keeps them
    related["account"], name = account, row[SYMBOL]
    if name is not None:
        related["symbol"] = symbol or find_instrument(account.group_id, name)
    return trade


def copy_trade(trade: Trade) -> Trade:
    """Return another instance with the same values and symbol."""
    return trade_of(values_of(trade.__dict__), trade.account, trade.symbol)


def is_position(row: TradeRow) -> bool:
    """Return whether the row is an open market trade."""
    return row[STATE] == State.OPEN and row[CMD] in MARKET_CMDS


def is_older_position(row: TradeRow, trade: Trade) -> bool:
    """Return whether the row is a position of the same symbol and side, opened before `trade`."""
    same = (row[SYMBOL], row[CMD]) == (trade.symbol_id, trade.cmd) and is_position(row)
    return same and opening_of(row) < (trade.open_time, trade.order)


def opening_of(row: TradeRow) -> tuple[int, int]:
    """Return by what the oldest comes first: the time of the opening, then the order."""
    return row[OPEN_TIME], row[ORDER]


def is_opposite(row: TradeRow, trade: Trade) -> bool:
    """Return whether the row is an order of the same symbol and the other side."""
    return row[SYMBOL] == trade.symbol_id and DIRECTIONS[row[CMD]] != trade.direction


def position_of(row: TradeRow, group: int) -> Position:
    """Return the row as a position.

    Its symbol is the catalog's as the group (its id) trades it, which every valuation uses.
    """
    return Position(
        row[ORDER],
        find_instrument(group, row[SYMBOL]),
        DIRECTIONS[row[CMD]],
        row[VOLUME],
        row[OPEN_PRICE],
        row[COMMISSION],
        row[STORAGE],
        row[MARGIN_RATE],
    )

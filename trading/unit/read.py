"""What a unit of work reads: all of it after the lock, mostly in the round trip that locks.

The live trades are read by a statement after the locking one: within it they would be those from
before the wait for the lock. `docs/locks.md` has the order of locks.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar, cast

from django.db.backends.utils import CursorWrapper

from accounts.models import Account, Group
from core.postgresql import pipeline, prepared_cursor
from core.postgresql.prepared_models import PreparedModels
from market.models import Symbol
from trading.unit.trade_rows import COLUMNS, LOGIN, ORDER, TradeRow

LOCK = "SELECT {{columns}} FROM accounts_account AS account {} FOR NO KEY UPDATE OF account{}"
MANY = "login = ANY(%s::bigint[])"
WITH_GROUP = (
    "JOIN accounts_group AS conditions ON conditions.id = account.group_id WHERE login = %s"
)
LOCK_ONE = PreparedModels(
    LOCK.format(WITH_GROUP, ""), lambda: {"account": Account, "conditions": Group}
)
LOCK_MANY = PreparedModels(
    LOCK.format(f"WHERE {MANY} ORDER BY login", ""), lambda: {"account": Account}
)
LOCK_FREE = PreparedModels(
    LOCK.format(f"WHERE {MANY} ORDER BY login", " SKIP LOCKED"), lambda: {"account": Account}
)
GROUPS = PreparedModels(
    """
SELECT {columns} FROM accounts_group AS conditions
WHERE id IN (SELECT group_id FROM accounts_account WHERE login = ANY(%s::bigint[]))
""",
    lambda: {"conditions": Group},
)
SYMBOLS = PreparedModels(
    """
SELECT {columns} FROM market_symbol AS symbol
WHERE name IN (SELECT trade.symbol FROM trading_trade AS trade WHERE "order" = ANY(%s::bigint[]))
""",
    lambda: {"symbol": Symbol},
)
LIVE_OF_ONE = f"SELECT {COLUMNS} FROM trading_trade WHERE login = %s AND state = 0"  # noqa: S608
LIVE_OF_MANY = f"SELECT {COLUMNS} FROM trading_trade WHERE {MANY} AND state = 0"  # noqa: S608
TRADE = f'SELECT {COLUMNS} FROM trading_trade WHERE "order" = %s'  # noqa: S608
TRADES = f'SELECT {COLUMNS} FROM trading_trade WHERE "order" = ANY(%s::bigint[])'  # noqa: S608
ENDED_SEEN = f"""
SELECT login, max(seen) FROM trading_trade
WHERE {MANY} AND close_time >= %s AND cmd NOT IN (2, 3, 4, 5) GROUP BY login
"""  # noqa: S608
NEXT_ORDERS = """
SELECT nextval(pg_get_serial_sequence('trading_trade', 'order')) FROM generate_series(1, %s::int)
"""
Argument = TypeVar("Argument", bound=Hashable)
Answer = TypeVar("Answer")
SentReads = tuple[
    Callable[[], list[Account]], CursorWrapper
]  # builds the accounts; cursor of live trades


@dataclass(slots=True)
class LockedRows:
    """What the locking round trip has read."""

    accounts: list[Account]
    live: dict[int, list[TradeRow]]  # by login


@dataclass(slots=True)
class UnitReads:
    """The reads of one unit; what was read once is the same until its end, as it is locked."""

    logins: Sequence[int]
    _orders: list[int] = field(default_factory=list)
    _symbols: dict[str, Symbol] = field(default_factory=dict)
    _ended_seen: dict[int, dict[int, int]] = field(default_factory=dict)
    _rows: dict[int, TradeRow] = field(default_factory=dict)  # of `load_trade_rows`
    _answers: dict[Hashable, object] = field(default_factory=dict)

    def lock(self, orders: Sequence[int], new_orders: int, *, skip_locked: bool) -> LockedRows:
        """Lock the accounts in ascending login, then read; all in one round trip.

        With `skip_locked` accounts that somebody else holds are left out. The symbols of `orders`
        are read too, and `new_orders` numbers are taken for new trades.
        """
        if len(self.logins) > 1 or skip_locked:
            lock = LOCK_FREE if skip_locked else LOCK_MANY
            return self._read(partial(read_many, lock=lock), orders, new_orders)
        found = self._read(read_one, orders, new_orders)
        if not found.accounts:  # its group may have been changed while its lock was awaited
            return self._read(partial(read_many, lock=LOCK_MANY), orders, new_orders)
        return found

    def _read(
        self, read_locked: Callable[[list[int]], SentReads], orders: Sequence[int], new_orders: int
    ) -> LockedRows:
        with pipeline():
            accounts, live = read_locked(list(self.logins))
            symbols = SYMBOLS.send([list(orders)]) if orders else None
            numbers = send(NEXT_ORDERS, [new_orders]) if new_orders else None
        rows_by_login: dict[int, list[TradeRow]] = defaultdict(list)
        for row in fetch(live):
            rows_by_login[row[LOGIN]].append(row)
        if symbols is not None:
            self._symbols.update((symbol.name, symbol) for (symbol,) in SYMBOLS.build(symbols))
        if numbers is not None:
            self._orders = [number for (number,) in fetch(numbers)]
        return LockedRows(accounts(), rows_by_login)

    def trade_row(self, order: int) -> TradeRow | None:
        """Return the row of an order that is not live, or another account's; None without one."""
        if order not in self._rows:
            self._rows.update((row[ORDER], row) for row in fetch(send(TRADE, [order])))
        return self._rows.get(order)

    def load_trade_rows(self, orders: Sequence[int]) -> None:
        """Read the rows of these orders, for `trade_row`, in one statement."""
        if orders:
            found = fetch(send(TRADES, [list(orders)]))
            self._rows.update((row[ORDER], row) for row in found)

    def read_once(self, read: "Callable[[UnitReads, Argument], Answer]", about: Argument) -> Answer:
        """Return what `read` finds about something, for all accounts of the unit at once."""
        key = (read, about)
        if key not in self._answers:
            self._answers[key] = read(self, about)
        return cast("Answer", self._answers[key])

    def symbols(self, names: Iterable[str]) -> dict[str, Symbol]:
        """Return the symbols by name, as their rows are and not as they were cached."""
        missing = {name for name in names if name not in self._symbols}
        if missing:
            self._symbols.update((row.name, row) for row in Symbol.objects.filter(pk__in=missing))
        return self._symbols

    def next_order(self) -> int:
        """Return a new order number."""
        if not self._orders:
            self._orders = [number for (number,) in fetch(send(NEXT_ORDERS, [1]))]
        return self._orders.pop(0)

    def last_ended_seq_no(self, login: int, since: int) -> int:
        """Return the highest `seen` of the account's rows that ended from `since` on, else 0.

        Rows of pendings do not count. One statement reads it for all accounts of the unit.
        """
        if since not in self._ended_seen:
            rows = fetch(send(ENDED_SEEN, [list(self.logins), since]))
            self._ended_seen[since] = {row[0]: row[1] for row in rows}
        return self._ended_seen[since].get(login, 0)


def read_one(logins: list[int]) -> SentReads:
    """Send the statements that lock one account with its group, and read its live trades."""
    locking = LOCK_ONE.send(logins)
    live = send(LIVE_OF_ONE, logins)

    def build() -> list[Account]:
        rows = LOCK_ONE.build(locking)
        for account, group in rows:
            account.group = group
        return [account for account, _ in rows]

    return build, live


def read_many(logins: list[int], lock: PreparedModels) -> SentReads:
    """Send the statements that lock the accounts, and read their live trades and groups."""
    locking = lock.send([logins])
    live = send(LIVE_OF_MANY, [logins])
    groups = GROUPS.send([logins])

    def build() -> list[Account]:
        by_id = {group.pk: group for (group,) in GROUPS.build(groups)}
        accounts = [account for (account,) in lock.build(locking)]
        for account in accounts:
            account.group = by_id[account.group_id]
        return accounts

    return build, live


def send(sql: str, params: Sequence[int | list[int]]) -> CursorWrapper:
    """Execute a prepared statement; in a pipeline it is only sent. Returns the cursor."""
    cursor = prepared_cursor()
    cursor.execute(sql, params)
    return cursor


def fetch(cursor: CursorWrapper) -> list[TradeRow]:
    """Return all rows of the cursor, and close it."""
    with cursor:
        found: list[TradeRow] = cursor.fetchall()
    return found

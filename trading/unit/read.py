"""What a unit of work reads: all of it after the lock, mostly in the round trip that locks.

The live trades are read by a statement after the locking one: within it they would be those from
before the wait for the lock. `docs/locks.md` has the order of locks.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple, TypeVar, cast

from accounts.models import Account, Group
from core.postgresql.batch import BatchedStatement, StatementBatch
from core.postgresql.prepared_models import PreparedModels
from market.catalog import instrument_of
from market.models import Symbol
from market.visibility import SYMBOL_BY_NAME
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
SYMBOLS_OF = PreparedModels(
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
# What builds the accounts, and the statement of their live trades.
AddedReads = tuple[Callable[[], list[Account]], BatchedStatement]
AddLocking = Callable[[StatementBatch, list[int]], AddedReads]


class Wanted(NamedTuple):
    """What is read along with the accounts, in the same round trip.

    The symbols of `orders`, the one of the name `symbol`, and `new_orders` numbers for new trades.
    """

    orders: Sequence[int] = ()
    symbol: str = ""
    new_orders: int = 0


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
    _taken_orders: int = 0
    _symbols: dict[str, Symbol] = field(default_factory=dict)
    _ended_seen: dict[int, dict[int, int]] = field(default_factory=dict)
    _rows: dict[int, TradeRow] = field(default_factory=dict)  # of `load_trade_rows`
    _answers: dict[Hashable, object] = field(default_factory=dict)

    def lock(self, wanted: Wanted, *, skip_locked: bool) -> LockedRows:
        """Lock the accounts in ascending login, then read; all in one round trip.

        With `skip_locked` accounts that somebody else holds are left out.
        """
        if len(self.logins) > 1 or skip_locked:
            lock = LOCK_FREE if skip_locked else LOCK_MANY
            return self._read(partial(read_many, lock=lock), wanted)
        found = self._read(read_one, wanted)
        if not found.accounts:  # its group may have been changed while its lock was awaited
            return self._read(partial(read_many, lock=LOCK_MANY), wanted)
        return found

    def _read(self, add_locking: AddLocking, wanted: Wanted) -> LockedRows:
        batch = StatementBatch()
        accounts, live = add_locking(batch, list(self.logins))
        symbols = [
            SYMBOLS_OF.add_to(batch, [list(wanted.orders)]) if wanted.orders else None,
            SYMBOL_BY_NAME.add_to(batch, [wanted.symbol]) if wanted.symbol else None,
        ]
        numbers = batch.add(NEXT_ORDERS, [wanted.new_orders]) if wanted.new_orders else None
        batch.run()
        rows_by_login: dict[int, list[TradeRow]] = defaultdict(list)
        for row in rows_of(live):
            rows_by_login[row[LOGIN]].append(row)
        for statement in symbols:
            found = SYMBOLS_OF.build(statement.rows) if statement else ()
            self._symbols.update((symbol.name, symbol) for (symbol,) in found)
        if numbers is not None:
            self._orders = [number for (number,) in rows_of(numbers)]
        return LockedRows(accounts(), rows_by_login)

    def trade_row(self, order: int) -> TradeRow | None:
        """Return the row of an order that is not live, or another account's; None without one."""
        if order not in self._rows:
            self._rows.update((row[ORDER], row) for row in fetch(TRADE, [order]))
        return self._rows.get(order)

    def load_trade_rows(self, orders: Sequence[int]) -> None:
        """Read the rows of these orders, for `trade_row`, in one statement."""
        if orders:
            found = fetch(TRADES, [list(orders)])
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

    def instruments(self, group: int, names: Sequence[str]) -> dict[str, Symbol]:
        """Return those of `symbols` that exist, as accounts of the group (its id) trade them."""
        symbols = self.symbols(names)
        return {name: instrument_of(group, symbols[name]) for name in names if name in symbols}

    def next_order(self) -> int:
        """Return a new order number; as many as were taken before are read at once."""
        if not self._orders:
            count = max(1, self._taken_orders)
            self._orders = [number for (number,) in fetch(NEXT_ORDERS, [count])]
        self._taken_orders += 1
        return self._orders.pop(0)

    def last_ended_seq_no(self, login: int, since: int) -> int:
        """Return the highest `seen` of the account's rows that ended from `since` on, else 0.

        Rows of pendings do not count. One statement reads it for all accounts of the unit.
        """
        if since not in self._ended_seen:
            rows = fetch(ENDED_SEEN, [list(self.logins), since])
            self._ended_seen[since] = {row[0]: row[1] for row in rows}
        return self._ended_seen[since].get(login, 0)


def read_one(batch: StatementBatch, logins: list[int]) -> AddedReads:
    """Add the statements that lock one account with its group, and read its live trades."""
    locking = LOCK_ONE.add_to(batch, logins)
    live = batch.add(LIVE_OF_ONE, logins)

    def build() -> list[Account]:
        rows = LOCK_ONE.build(locking.rows)
        for account, group in rows:
            account.group = group
        return [account for account, _ in rows]

    return build, live


def read_many(batch: StatementBatch, logins: list[int], lock: PreparedModels) -> AddedReads:
    """Add the statements that lock the accounts, and read their live trades and groups."""
    locking = lock.add_to(batch, [logins])
    live = batch.add(LIVE_OF_MANY, [logins])
    groups = GROUPS.add_to(batch, [logins])

    def build() -> list[Account]:
        by_id = {group.pk: group for (group,) in GROUPS.build(groups.rows)}
        accounts = [account for (account,) in lock.build(locking.rows)]
        for account in accounts:
            account.group = by_id[account.group_id]
        return accounts

    return build, live


def fetch(sql: str, params: Sequence[int | list[int]]) -> list[TradeRow]:
    """Execute one statement; return its rows."""
    batch = StatementBatch()
    statement = batch.add(sql, params)
    batch.run()
    return rows_of(statement)


def rows_of(statement: BatchedStatement) -> list[TradeRow]:
    """Return the rows of a statement that was executed."""
    return cast("list[TradeRow]", statement.rows)

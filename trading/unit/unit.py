"""The unit of work of a service or of a portion of the engine: one lock, one write.

Inside an outer transaction it takes part: it writes at the end of its block, and what it wrote is
announced after the outer commit.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection, transaction

from accounts.models import Account
from trading.unit.locked_account import LockedAccount
from trading.unit.publish_changes import publish_changes
from trading.unit.read import UnitReads, Wanted
from trading.unit.write import flush


class Unit:
    """The locked accounts by login, in ascending order.

    `published` are the ids of the book updates, known after the commit.
    """

    def __init__(self, accounts: dict[int, LockedAccount]) -> None:
        self.accounts = accounts
        self.published: list[str] = []

    def discard(self, login: int) -> None:
        """Drop what was decided about the account: nothing of it is written."""
        del self.accounts[login]

    def write(self) -> None:
        """Write all changes, and have them announced after the commit."""
        changed = [locked for locked in self.accounts.values() if locked.changes.count]
        if changed:
            flush(changed)
            transaction.on_commit(lambda: self._publish(changed), robust=True)

    def _publish(self, changed: list[LockedAccount]) -> None:
        self.published = publish_changes(changed)


@contextmanager
def lock_account(
    login: int, *, order: int = 0, symbol: str = "", new_orders: int = 0
) -> Iterator[LockedAccount]:
    """Lock the account in the running transaction; what is put into it is written at the end.

    `order` is the trade that it is about, or `symbol` the name of a symbol, and `new_orders` how
    many new ones there will surely be. An exception writes nothing.

    Raises:
        Account.DoesNotExist: there is no such account.
    """
    wanted = Wanted([order] if order else [], symbol, new_orders)
    with _locked([login], wanted, skip_locked=False) as unit:
        if login not in unit.accounts:
            raise Account.DoesNotExist(f"there is no account {login}")
        yield unit.accounts[login]


@contextmanager
def lock_accounts(
    logins: Sequence[int], orders: Sequence[int] = (), *, skip_locked: bool = False
) -> Iterator[Unit]:
    """Lock several accounts as `lock_account` does; those that do not exist are left out.

    With `skip_locked` those that somebody else holds just now are left out too.

    Raises:
        TransactionManagementError: no transaction is running, so nothing would stay locked.
    """
    with _locked(logins, Wanted(orders), skip_locked=skip_locked) as unit:
        yield unit


@contextmanager
def _locked(logins: Sequence[int], wanted: Wanted, *, skip_locked: bool) -> Iterator[Unit]:
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("accounts are locked in a transaction")
    reads = UnitReads(sorted(logins))
    rows = reads.lock(wanted, skip_locked=skip_locked)
    unit = Unit(
        {
            account.login: LockedAccount(account, rows.live.get(account.login, ()), reads)
            for account in rows.accounts
        }
    )
    yield unit
    unit.write()

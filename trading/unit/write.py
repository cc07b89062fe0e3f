"""The only writer of trading: any number of change sets in a handful of statements, one round trip.

It runs in the transaction that holds the locks; what it wrote is announced after the commit.
"""

from collections.abc import Iterable
from itertools import chain
from operator import attrgetter, itemgetter

from django.db.models import Model

from accounts.models import Account
from core.clock import now
from core.postgresql.batch import StatementBatch
from core.postgresql.row_statements import Row, RowInsert, RowUpdate
from core.request_seq import set_appended_seq
from realtime.events.notifications import INSERT_NOTIFICATIONS
from realtime.models import AccountEvent
from trading import metrics
from trading.models import Fill, MarginAction, SwapCharge, Trade
from trading.unit.change_set import ChangeSet
from trading.unit.locked_account import LockedAccount
from trading.unit.trade_rows import NAMES

FINAL_FIELDS = ("account", "symbol", "reason", "digits", "parent", "corrects")  # of a trade
CHANGED_FIELDS = [
    field.name
    for field in Trade._meta.concrete_fields
    if field.name not in FINAL_FIELDS and not field.primary_key
]
INSERT_TRADES = RowInsert(Trade)
UPDATE_TRADES = RowUpdate(Trade, "order", *CHANGED_FIELDS)
FIGURES = ("balance", "credit", "seq", "margin_called", "margin_seen")  # of an account
UPDATE_ACCOUNTS = RowUpdate(Account, "user", *FIGURES)
INSERT_FILLS = RowInsert(Fill)
INSERT_MARGIN_ACTIONS = RowInsert(MarginAction)
INSERT_SWAP_CHARGES = RowInsert(SwapCharge)
INSERT_EVENTS = RowInsert(AccountEvent, "login", "seq", "time", "event")
updated_values = itemgetter(*(NAMES.index(field.attname) for field in UPDATE_TRADES.fields))


def flush(accounts: Iterable[LockedAccount]) -> None:
    """Write the change sets of these accounts, in the round trip of the next statement or commit.

    A row that is not there to be updated is an error.
    """
    changed = [locked for locked in accounts if locked.changes.count]
    if not changed:
        return
    changes = [locked.changes for locked in changed]
    batch = StatementBatch()
    INSERT_TRADES.add_to(batch, [row for one in changes for row in one.inserted.values()])
    UPDATE_TRADES.add_to(batch, updated_rows(changes))
    for statement, parts in (
        (INSERT_FILLS, [one.fills for one in changes]),
        (INSERT_MARGIN_ACTIONS, [one.margin_actions for one in changes]),
        (INSERT_SWAP_CHARGES, [one.swap_charges for one in changes]),
    ):
        statement.add_to(batch, model_rows(statement, parts))
    INSERT_EVENTS.add_to(batch, event_rows(changed))
    INSERT_NOTIFICATIONS.add_to(batch, [row for one in changes for row in one.notifications])
    UPDATE_ACCOUNTS.add_to(
        batch, [account_row(locked.account) for locked in changed if locked.changes.figures]
    )
    batch.defer()
    metrics.count_fills(chain.from_iterable(one.fills for one in changes))
    for locked in changed:
        if locked.changes.events:
            set_appended_seq(locked.login, locked.account.seq)


def updated_rows(changes: Iterable[ChangeSet]) -> list[Row]:
    """Return the updated trades: of each the order, and the values that can change."""
    return [updated_values(row) for one in changes for row in one.updated.values()]


def model_rows(statement: RowInsert, parts: Iterable[Iterable[Model]]) -> list[Row]:
    """Return the rows of these instances."""
    values_of = attrgetter(*(field.attname for field in statement.fields))
    return [values_of(one) for part in parts for one in part]


def event_rows(changed: Iterable[LockedAccount]) -> list[Row]:
    """Return the rows of the events, numbered without a gap."""
    time = now()
    return [
        [locked.login, seq, time, wire]
        for locked in changed
        for seq, wire in enumerate(locked.changes.events, locked.changes.first_seq)
    ]


def account_row(account: Account) -> Row:
    """Return the login and the figures that trading changes."""
    return [account.login, *(getattr(account, name) for name in FIGURES)]

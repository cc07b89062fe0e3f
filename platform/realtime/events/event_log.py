"""Append to an account's event log, inside the transaction that makes the change."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Protocol

import orjson
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import OuterRef, Subquery

from core.clock import now
from core.postgresql import prepared_cursor
from core.request_seq import set_appended_seq
from realtime.events import publish
from realtime.events.notifications import notification_rows, store_notifications
from realtime.events.types import FIGURES, StreamEvent, WireArray, number_events
from realtime.models import AccountEvent

LOOK_BACK = 100  # events
INSERT = """
    INSERT INTO realtime_accountevent (time, login, seq, event)
    SELECT %s, login, seq, event::jsonb
    FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS row (login, seq, event)
"""
UPDATE = """
    UPDATE {table} AS account SET seq = new.seq
    FROM unnest(%s::bigint[], %s::bigint[]) AS new (login, seq) WHERE account.login = new.login
"""


class SequencedAccount(Protocol):
    """An account whose row is locked by this transaction; its `seq` is written here."""

    seq: int

    @property
    def login(self) -> int: ...

    def save(self, *, update_fields: Iterable[str]) -> None: ...


def append_events(account: SequencedAccount, *events: StreamEvent) -> None:
    """Give each event the account's next seq, store all, and announce them after commit.

    The caller holds the lock of the account's row, so seq has no gap and grows in commit
    order.
    """
    first = account.seq + 1
    numbered = number_events(events, first)
    wires: list[WireArray] = [event.as_wire() for event in numbered]
    AccountEvent.objects.bulk_create(
        AccountEvent(login=account.login, seq=seq, time=now(), event=wire)
        for seq, wire in enumerate(wires, first)
    )
    store_notifications(notification_rows(account.login, numbered))
    account.seq += len(wires)
    account.save(update_fields=["seq"])
    set_appended_seq(account.login, account.seq)
    transaction.on_commit(lambda: publish.publish_events(account.login, first, wires), robust=True)


def append_many(entries: Sequence[tuple[SequencedAccount, Sequence[StreamEvent]]]) -> None:
    """Append the events of many accounts at once, in a statement a table for all.

    The caller holds the locks of all their rows, which it took in ascending login.
    """
    if not entries:
        return
    firsts = [account.seq + 1 for account, _ in entries]
    numbered = [number_events(events, account.seq + 1) for account, events in entries]
    wires = [[event.as_wire() for event in events] for events in numbered]
    rows: list[tuple[int, int, str]] = []
    for (account, _), first, own in zip(entries, firsts, wires, strict=True):
        texts = (orjson.dumps(wire).decode() for wire in own)
        rows += [(account.login, seq, text) for seq, text in enumerate(texts, first)]
        account.seq += len(own)
    table: Any = type(entries[0][0])
    with prepared_cursor() as cursor:
        cursor.execute(INSERT, [now(), *map(list, zip(*rows, strict=True))])
        cursor.execute(
            UPDATE.format(table=table._meta.db_table),
            [[account.login for account, _ in entries], [account.seq for account, _ in entries]],
        )
    logins = [account.login for account, _ in entries]
    stored = [notification_rows(login, own) for login, own in zip(logins, numbered, strict=True)]
    store_notifications([row for rows in stored for row in rows])
    found = list(zip(logins, firsts, wires, strict=True))
    transaction.on_commit(lambda: publish.publish_events_of_many(found), robust=True)


def events_since(login: int, seq: int, limit: int) -> list[AccountEvent]:
    """Return the account's events after `seq`, in order, at most `limit`."""
    return list(AccountEvent.objects.filter(login=login, seq__gt=seq).order_by("seq")[:limit])


def newest_figures_seq(login: int, seq: int) -> int:
    """Return the newest seq up to this one of orders or money, 0 where none of the last is."""
    rows = AccountEvent.objects.filter(login=login, seq__lte=seq).order_by("-seq")
    newest = rows.values_list("seq", "event__0")[:LOOK_BACK]
    return next((number for number, letter in newest if letter in FIGURES), 0)


def newest_seqs(logins: Collection[int]) -> dict[int, int]:
    """Return the last seq in the log of each login, 0 where it is empty.

    One query with one probe of the index a login, however long the logs are.
    """
    last = AccountEvent.objects.filter(login=OuterRef("pk")).order_by("-seq").values("seq")[:1]
    users = get_user_model()
    rows = users.objects.filter(pk__in=logins).values_list("pk", Subquery(last))
    return {login: seq or 0 for login, seq in rows}

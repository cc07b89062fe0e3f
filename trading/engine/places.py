"""Checkpoints of the engines in the tick log, and what they mean when the shard count changes.

A row of `EngineCheckpoint` is a fact about its accounts, whoever wrote it and whether that engine
still runs. So an engine begins at the oldest of all rows that cover any of its accounts, and a row
of another shard count can go once rows of the engine's own count cover all its accounts. At any
time the rows together cover all accounts: a kill leaves no account without a checkpoint.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from math import gcd, lcm
from typing import NamedTuple

from django.db import transaction

from trading.models import EnginePlace

MOST = 256  # `covers_shard` goes through the least common multiple of two such numbers
OVERLAP = 61_000  # ms processed again after a start: book updates of a minute may be lost
UNKNOWN = 0  # the shard count in rows of a release that did not store it


class Begin(NamedTuple):
    """Where a shard begins: batches up to `checkpoint` are done, those after `after` repeated."""

    place: int
    after: int


def take_over(shard: int, shards: int, first: Callable[[], int]) -> Begin:
    """Write the shard's own checkpoint as the oldest that its accounts have; return the start.

    `read_last_batch` returns the batch up to which all its orders have seen the quotes; it is
    called where there are accounts that no checkpoint covers.
    """
    found = [row for row in EnginePlace.objects.all() if _meets(row, shard, shards)]
    batches = [row.batch for row in found]
    after = [batch - OVERLAP for batch in batches]
    if not covers(found, shard, shards):
        seen = first()
        batches.append(seen)
        after.append(seen)
    begin = Begin(min(batches), min(after))
    save(shard, shards, begin.place)
    return begin


def save(shard: int, shards: int, batch: int) -> None:
    """Store that everything up to the batch is done, and delete the rows that this one replaces."""
    EnginePlace.objects.bulk_create(
        [EnginePlace(shard=shard, shards=shards, batch=batch)],
        update_conflicts=True,
        unique_fields=["shards", "shard"],
        update_fields=["batch"],
    )
    _retire(shard, shards)


def covers(rows: Iterable[EnginePlace], shard: int, shards: int) -> bool:
    """Return whether the rows together cover every account with login mod `shards` = `shard`."""
    known: dict[int, set[int]] = defaultdict(set)
    for row in rows:
        known[row.shards].add(row.shard)
    if UNKNOWN in known:
        return True  # a row without a shard count covers all accounts
    return all(
        any(login % number in parts for number, parts in known.items())
        for login in range(shard, lcm(shards, *known), shards)
    )


def _retire(shard: int, shards: int) -> None:
    """Delete the rows of other shard counts whose accounts are covered by rows of this count.

    Both are locked, so that engines of two counts cannot delete each other's rows; rows that
    are locked elsewhere stay until the next time. An engine of another count that still runs
    writes its row again: it has gone on, and the row goes for good when the engine does.
    """
    others = EnginePlace.objects.exclude(shards=shards)
    if not any(_meets(row, shard, shards) for row in others):
        return
    with transaction.atomic():
        rows = list(EnginePlace.objects.select_for_update(skip_locked=True))
        own = [row for row in rows if row.shards == shards]
        gone = [row.pk for row in rows if row.shards != shards and covers(own, *_accounts(row))]
        EnginePlace.objects.filter(pk__in=gone).delete()


def _accounts(row: EnginePlace) -> tuple[int, int]:
    """Return shard and shard count of the accounts that the row may cover."""
    return (0, 1) if row.shards == UNKNOWN else (row.shard, row.shards)


def _meets(row: EnginePlace, shard: int, shards: int) -> bool:
    """Return whether the row covers any account of the shard."""
    part, number = _accounts(row)
    return (part - shard) % gcd(number, shards) == 0

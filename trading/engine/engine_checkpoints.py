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

from trading.models import EngineCheckpoint

MAX_SHARDS = 256  # `covers_shard` goes through the least common multiple of two such numbers
OVERLAP = 61_000  # ms processed again after a start: book updates of a minute may be lost
UNKNOWN_SHARDS = 0  # the shard count in rows of a release that did not store it


class StartPoint(NamedTuple):
    """Where a shard begins: batches up to `checkpoint` are done, those after `after` repeated."""

    checkpoint: int
    after: int


def take_over_accounts(shard: int, shards: int, read_last_batch: Callable[[], int]) -> StartPoint:
    """Write the shard's own checkpoint as the oldest that its accounts have; return the start.

    `read_last_batch` returns the batch up to which all its orders have seen the quotes; it is
    called where there are accounts that no checkpoint covers.
    """
    found = [row for row in EngineCheckpoint.objects.all() if _overlaps(row, shard, shards)]
    batches = [row.batch for row in found]
    after = [batch - OVERLAP for batch in batches]
    if not covers_shard(found, shard, shards):
        last_batch = read_last_batch()
        batches.append(last_batch)
        after.append(last_batch)
    start = StartPoint(min(batches), min(after))
    save_checkpoint(shard, shards, start.checkpoint)
    return start


def save_checkpoint(shard: int, shards: int, batch: int) -> None:
    """Store that everything up to the batch is done, and delete the rows that this one replaces."""
    EngineCheckpoint.objects.bulk_create(
        [EngineCheckpoint(shard=shard, shards=shards, batch=batch)],
        update_conflicts=True,
        unique_fields=["shards", "shard"],
        update_fields=["batch"],
    )
    _delete_replaced(shard, shards)


def covers_shard(rows: Iterable[EngineCheckpoint], shard: int, shards: int) -> bool:
    """Return whether the rows together cover every account with login mod `shards` = `shard`."""
    parts_by_count: dict[int, set[int]] = defaultdict(set)
    for row in rows:
        parts_by_count[row.shards].add(row.shard)
    if UNKNOWN_SHARDS in parts_by_count:
        return True  # a row without a shard count covers all accounts
    return all(
        any(login % number in parts for number, parts in parts_by_count.items())
        for login in range(shard, lcm(shards, *parts_by_count), shards)
    )


def _delete_replaced(shard: int, shards: int) -> None:
    """Delete the rows of other shard counts whose accounts are covered by rows of this count.

    Both are locked, so that engines of two counts cannot delete each other's rows; rows that
    are locked elsewhere stay until the next time. An engine of another count that still runs
    writes its row again: it has gone on, and the row goes for good when the engine does.
    """
    others = EngineCheckpoint.objects.exclude(shards=shards)
    if not any(_overlaps(row, shard, shards) for row in others):
        return
    with transaction.atomic():
        rows = list(EngineCheckpoint.objects.select_for_update(skip_locked=True))
        own = [row for row in rows if row.shards == shards]
        replaced = [
            row.pk for row in rows if row.shards != shards and covers_shard(own, *_shard_of(row))
        ]
        EngineCheckpoint.objects.filter(pk__in=replaced).delete()


def _shard_of(row: EngineCheckpoint) -> tuple[int, int]:
    """Return shard and shard count of the accounts that the row may cover."""
    return (0, 1) if row.shards == UNKNOWN_SHARDS else (row.shard, row.shards)


def _overlaps(row: EngineCheckpoint, shard: int, shards: int) -> bool:
    """Return whether the row covers any account of the shard."""
    part, number = _shard_of(row)
    return (part - shard) % gcd(number, shards) == 0

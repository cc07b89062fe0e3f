"""How far the engines have walked the path, and what stands of it when their number changes.

A row of `EnginePlace` is a fact about its accounts, whoever wrote it and whether that engine still
runs. So an engine begins at the oldest of all rows that speak of any of its accounts, and a row of
another number of shards can go once rows of the engine's own number speak of all its accounts.
At every moment the rows together speak of all accounts: a kill leaves nobody without a place.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from math import gcd, lcm
from typing import NamedTuple

from django.db import transaction

from trading.models import EnginePlace

MOST = 256  # shards: `covers` goes through the least common multiple of two such numbers
OVERLAP = 61_000  # ms of path walked again after a start: a minute, in which news may be lost
UNKNOWN = 0  # the number of shards in rows of a release that did not tell it


class Begin(NamedTuple):
    """Where a shard begins: all up to batch `place` is carried out, `after` is walked again."""

    place: int
    after: int


def take_over(shard: int, shards: int, first: Callable[[], int]) -> Begin:
    """Write the shard's own place as the oldest that its accounts have.

    `first` answers up to which batch all its orders have seen the quotes; it is asked where there
    are accounts that no place speaks of.
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
    """Write that everything up to the batch is carried out, and remove what this row replaces."""
    EnginePlace.objects.bulk_create(
        [EnginePlace(shard=shard, shards=shards, batch=batch)],
        update_conflicts=True,
        unique_fields=["shards", "shard"],
        update_fields=["batch"],
    )
    _retire(shard, shards)


def covers(rows: Iterable[EnginePlace], shard: int, shards: int) -> bool:
    """Whether the rows together speak of every account with login mod `shards` = `shard`."""
    known: dict[int, set[int]] = defaultdict(set)
    for row in rows:
        known[row.shards].add(row.shard)
    if UNKNOWN in known:
        return True  # so that release took it
    return all(
        any(login % number in parts for number, parts in known.items())
        for login in range(shard, lcm(shards, *known), shards)
    )


def _retire(shard: int, shards: int) -> None:
    """Remove the rows of other numbers of shards whose accounts this number's rows speak of.

    Both are locked, so that engines of two numbers cannot remove each other's rows; what somebody
    else holds is left for the next time. An engine of another number that still runs writes its row
    again: it has walked on, and the row goes for good when the engine does.
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
    """Shard and number of shards of the accounts that the row may speak of."""
    return (0, 1) if row.shards == UNKNOWN else (row.shard, row.shards)


def _meets(row: EnginePlace, shard: int, shards: int) -> bool:
    """Whether the row speaks of any account of the shard."""
    part, number = _accounts(row)
    return (part - shard) % gcd(number, shards) == 0

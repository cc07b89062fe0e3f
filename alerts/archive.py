"""Moves old alert logs into CSV files: a file is on the disk before its rows are deleted.

A file holds one portion and is named by its first row's id. A run that died between the file and
the deletion is repeated by the next one, which writes the same portion, or a longer one, under the
same name: nothing is lost and nothing is in two files.
"""

import csv
import os
from collections.abc import Iterable
from pathlib import Path

import orjson
from django.db.models import Exists, OuterRef

from alerts.deliveries.enums import Channel, DeliveryState
from alerts.deliveries.models import Delivery
from alerts.errors import ArchiveRefused
from alerts.models import AlertLog
from alerts.querysets import AlertLogQuerySet
from core.locks import transactional, try_lock
from core.spreadsheets import escape_formula

AT_ONCE = 10_000  # logs of one file and transaction
COLUMNS = tuple(field.attname for field in AlertLog._meta.concrete_fields)


def count(before: int) -> int:
    """How many logs were written before then (unix seconds) and can go."""
    return _old(before).count()


def archive(before: int, folder: Path) -> Iterable[Path]:
    """Move the logs that were written before then (unix seconds); yields each file.

    Raises:
        ArchiveRefused: another run is at it, or a file of that name holds other logs.
    """
    folder.mkdir(parents=True, exist_ok=True)
    while (written := _portion(before, folder)) is not None:
        yield written


def discard(before: int) -> None:
    """Delete the logs that were written before then (unix seconds), without a file.

    Raises:
        ArchiveRefused: another run is at it.
    """
    while _discard_portion(before):
        pass


@transactional
def _discard_portion(before: int) -> int:
    _take_turn()
    ids = [log.pk for log in _chosen(before)]
    AlertLog.objects.filter(pk__in=ids).delete()
    return len(ids)


def _take_turn() -> None:
    if not try_lock("archive_alert_logs"):
        raise ArchiveRefused("another run is at it")


@transactional
def _portion(before: int, folder: Path) -> Path | None:
    _take_turn()
    logs = _chosen(before)
    if not logs:
        return None
    target = folder / f"alert-logs-{logs[0].pk}.csv"
    if not _holds(target, [log.pk for log in logs]):
        _write(target, logs)
    AlertLog.objects.filter(pk__in=[log.pk for log in logs]).delete()
    return target


def _chosen(before: int) -> list[AlertLog]:
    """The next portion; none of its deliveries can be sent again until it is gone."""
    ids = list(_old(before).order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    list(Delivery.objects.filter(log__in=ids).order_by("pk").select_for_update(of=("self",)))
    logs = _old(before).filter(pk__in=ids).order_by("pk")
    return list(logs.prefetch_related("deliveries__address"))


def _old(before: int) -> AlertLogQuerySet:
    """Those with a delivery that still waits stay."""
    waiting = Delivery.objects.filter(log=OuterRef("pk"), state=DeliveryState.WAITING)
    return AlertLog.objects.filter(~Exists(waiting), evaluated_at__lt=before * 1000)


def _holds(target: Path, ids: list[int]) -> bool:
    """Whether a file that is there has all these logs; it must not have any others."""
    if not target.exists():
        return False
    with target.open(newline="", encoding="utf-8") as file:
        known = {int(row["id"]) for row in csv.DictReader(file)}
    if not (known <= set(ids) or known >= set(ids)):
        raise ArchiveRefused(f"{target} holds other logs; name another folder")
    return known >= set(ids)


def _write(target: Path, logs: list[AlertLog]) -> None:
    """All or nothing: the name is given once the content is on the disk."""
    part = target.with_suffix(".part")
    with open(part, "w", newline="", encoding="utf-8", opener=_private) as file:
        writer = csv.writer(file)
        writer.writerow((*COLUMNS, "deliveries"))
        writer.writerows(_row(log) for log in logs)
        file.flush()
        os.fsync(file.fileno())
    part.replace(target)
    _sync(target.parent)


def _private(path: str, flags: int) -> int:
    """Clients' addresses are in it: for its owner alone, whatever the umask says."""
    descriptor = os.open(path, flags, mode=0o600)
    os.fchmod(descriptor, 0o600)  # a file that a crash has left may have been more open
    return descriptor


def _row(log: AlertLog) -> tuple[object, ...]:
    """The client's words are kept from being formulas by an apostrophe before them."""
    values = (getattr(log, name) for name in COLUMNS)
    return (
        *(escape_formula(v) if isinstance(v, str) else v for v in values),
        _sent(log),
    )


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sent(log: AlertLog) -> str:
    """The log's deliveries as JSON: [[channel, address, state, attempts, answer, done], …]."""
    rows = [
        (
            Channel(delivery.address.channel).label,
            delivery.address.address,
            DeliveryState(delivery.state).label,
            delivery.attempts,
            delivery.answer,
            delivery.done_at,
        )
        for delivery in log.deliveries.all()
    ]
    return orjson.dumps(rows).decode()

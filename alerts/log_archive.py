"""Archive old alert logs as CSV files: a file is on the disk before its rows are deleted.

A file holds one portion and is named after the id of its first row. If a run dies between
writing the file and deleting the rows, the next run writes the same portion, or a longer
one, under the same name: no row is lost and none is in two files.
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

LOGS_PER_FILE = 10_000  # and per transaction
COLUMNS = tuple(field.attname for field in AlertLog._meta.concrete_fields)


def count_archivable(before: int) -> int:
    """Count the archivable logs that were evaluated before `before` (unix seconds)."""
    return _archivable_logs(before).count()


def archive_logs(before: int, folder: Path) -> Iterable[Path]:
    """Move the logs evaluated before `before` (unix seconds) to CSV files; yield each file.

    Raises:
        ArchiveRefused: another run holds the lock, or a file of that name has other logs.
    """
    folder.mkdir(parents=True, exist_ok=True)
    while (target := _archive_portion(before, folder)) is not None:
        yield target


def discard_logs(before: int) -> None:
    """Delete the logs evaluated before `before` (unix seconds) without archiving them.

    Raises:
        ArchiveRefused: another run holds the lock.
    """
    while _discard_portion(before):
        pass


@transactional
def _discard_portion(before: int) -> int:
    """Delete up to LOGS_PER_FILE logs; return how many."""
    _lock_archive()
    ids = [log.pk for log in _lock_next_portion(before)]
    AlertLog.objects.filter(pk__in=ids).delete()
    return len(ids)


def _lock_archive() -> None:
    """Take the archive lock until the transaction ends.

    Raises:
        ArchiveRefused: another run holds it.
    """
    if not try_lock("archive_alert_logs"):
        raise ArchiveRefused("another run is at it")


@transactional
def _archive_portion(before: int, folder: Path) -> Path | None:
    """Archive up to LOGS_PER_FILE logs; return the file, or None if none are left."""
    _lock_archive()
    logs = _lock_next_portion(before)
    if not logs:
        return None
    target = folder / f"alert-logs-{logs[0].pk}.csv"
    if not _has_all_logs(target, [log.pk for log in logs]):
        _write_file(target, logs)
    AlertLog.objects.filter(pk__in=[log.pk for log in logs]).delete()
    return target


def _lock_next_portion(before: int) -> list[AlertLog]:
    """Return the oldest archivable logs; lock their deliveries, so that none is resent."""
    ids = list(_archivable_logs(before).order_by("pk").values_list("pk", flat=True)[:LOGS_PER_FILE])
    list(Delivery.objects.filter(log__in=ids).order_by("pk").select_for_update(of=("self",)))
    logs = _archivable_logs(before).filter(pk__in=ids).order_by("pk")
    return list(logs.prefetch_related("deliveries__address"))


def _archivable_logs(before: int) -> AlertLogQuerySet:
    """Return the logs before `before` (unix seconds) that no waiting delivery still needs."""
    waiting = Delivery.objects.filter(log=OuterRef("pk"), state=DeliveryState.WAITING)
    return AlertLog.objects.filter(~Exists(waiting), evaluated_at__lt=before * 1000)


def _has_all_logs(target: Path, ids: list[int]) -> bool:
    """Check whether `target` exists and has all these logs.

    Raises:
        ArchiveRefused: it has other logs and lacks some of these.
    """
    if not target.exists():
        return False
    with target.open(newline="", encoding="utf-8") as file:
        found = {int(row["id"]) for row in csv.DictReader(file)}
    if not (found <= set(ids) or found >= set(ids)):
        raise ArchiveRefused(f"{target} holds other logs; name another folder")
    return found >= set(ids)


def _write_file(target: Path, logs: list[AlertLog]) -> None:
    """Write the logs to a temporary file and rename it to `target` once it is on the disk."""
    temporary = target.with_suffix(".part")
    with open(temporary, "w", newline="", encoding="utf-8", opener=_open_private) as file:
        writer = csv.writer(file)
        writer.writerow((*COLUMNS, "deliveries"))
        writer.writerows(_csv_row(log) for log in logs)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(target)
    _sync_folder(target.parent)


def _open_private(path: str, flags: int) -> int:
    """Open the file for its owner alone, whatever the umask: it has clients' addresses."""
    descriptor = os.open(path, flags, mode=0o600)
    os.fchmod(descriptor, 0o600)  # a file that a crash has left may have been more open
    return descriptor


def _csv_row(log: AlertLog) -> tuple[object, ...]:
    """Return the log's CSV row; an apostrophe keeps client text from being a formula."""
    values = (getattr(log, name) for name in COLUMNS)
    return (
        *(escape_formula(v) if isinstance(v, str) else v for v in values),
        _deliveries_json(log),
    )


def _sync_folder(folder: Path) -> None:
    """Flush the folder, so that a rename in it survives a crash."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _deliveries_json(log: AlertLog) -> str:
    """Return the log's deliveries as JSON.

    One list each: channel, address, state, attempts, last answer, time of completion (unix
    ms).
    """
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

"""The statements of the evaluation, and the checkpoint that its worker locks."""

from collections.abc import Iterable, Sequence

from django.db import DEFAULT_DB_ALIAS

from alerts.evaluation import sql
from alerts.evaluation.wake_levels import NearestLevels
from alerts.models import Alert, AlertCheckpoint
from core.postgresql import prepared_cursor
from market.quotes import tick_log
from market.quotes.quote_ranges import PriceRange

CHECKPOINT_COLUMNS = ("shard", "batch", "quiet", "markups")
SHARD = 0  # one checkpoint for all alerts


def lock_checkpoint() -> AlertCheckpoint | None:
    """Lock and return the checkpoint; None while another worker holds it.

    The very first call creates it at the newest batch.
    """
    with prepared_cursor() as cursor:
        cursor.execute(sql.CHECKPOINT, [SHARD])
        row = cursor.fetchone()
    if row:
        return AlertCheckpoint.from_db(DEFAULT_DB_ALIAS, CHECKPOINT_COLUMNS, row)
    rows = AlertCheckpoint.objects
    if rows.filter(shard=SHARD).exists():
        return None
    found, created = rows.get_or_create(
        shard=SHARD, defaults={"batch": tick_log.newest_batch_number()}
    )
    return found if created else None


def last_evaluated_seq_no() -> int:
    """Return the last sequence number that every evaluated alert has processed."""
    batch = AlertCheckpoint.objects.filter(shard=SHARD).values_list("batch", flat=True).first()
    return tick_log.last_seq_no(tick_log.newest_batch_number() if batch is None else batch)


def load_unevaluated_alerts() -> list[Alert]:
    """Load the active alerts that no window has processed since they were written."""
    return _load_alerts(sql.UNEVALUATED)


def load_alerts_seen_otherwise(changed: Sequence[tuple[int, str]]) -> list[Alert]:
    """Load the evaluated active alerts of these groups' accounts (ids) on these symbols."""
    return _load_alerts(sql.SEEN_OTHERWISE, *_columns(changed)) if changed else []


def load_due_alerts(ranges: Sequence[PriceRange]) -> list[Alert]:
    """Load the evaluated active alerts that these price ranges may affect; some come twice."""
    return _load_alerts(sql.DUE, *_columns(ranges)) if ranges else []


def load_nearest_levels(ranges: Sequence[PriceRange]) -> list[NearestLevels]:
    """Load the wake levels and times that the alerts of these sides reach first."""
    if not ranges:
        return []
    with prepared_cursor() as cursor:
        cursor.execute(sql.NEAREST_LEVELS, _columns([hull[:2] for hull in ranges]))
        found: list[NearestLevels] = cursor.fetchall()
    return found


def save_unedited_alerts(alerts: Iterable[Alert]) -> set[int]:
    """Write the evaluated state of active alerts that nobody edited; return their ids."""
    rows = [(alert.pk, alert.revision, *alert.evaluated_state()) for alert in alerts]
    if not rows:
        return set()
    with prepared_cursor() as cursor:
        cursor.execute(sql.CLAIM, _columns(rows))
        return {pk for (pk,) in cursor.fetchall()}


def _load_alerts(statement: str, *arrays: list[object]) -> list[Alert]:
    """Execute a prepared statement; return its rows as alerts."""
    fields = Alert._meta.concrete_fields
    columns = ", ".join(f"a.{field.column}" for field in fields)
    names = [field.attname for field in fields]
    with prepared_cursor() as cursor:
        cursor.execute(statement.format(columns=columns), arrays)
        return [Alert.from_db(DEFAULT_DB_ALIAS, names, row) for row in cursor.fetchall()]


def _columns(rows: Iterable[Sequence[object]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]

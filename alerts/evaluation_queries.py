"""The statements of the evaluation, and the checkpoint that its worker locks."""

from collections.abc import Iterable, Sequence

from django.db import DEFAULT_DB_ALIAS

from alerts import sql
from alerts.models import Alert, AlertPlace
from alerts.quiet import Nearest
from alerts.window import Hull
from core.postgresql import prepared
from market import path

SHARD = 0  # one checkpoint for all alerts


def lock_checkpoint() -> AlertPlace | None:
    """Lock and return the checkpoint; None while another worker holds it.

    The very first call creates it at the newest batch.
    """
    with prepared() as cursor:
        cursor.execute(sql.PLACE, [SHARD])
        row = cursor.fetchone()
    if row:
        return AlertPlace.from_db(DEFAULT_DB_ALIAS, ("shard", "batch", "quiet"), row)
    rows = AlertPlace.objects
    if rows.filter(shard=SHARD).exists():
        return None
    found, created = rows.get_or_create(shard=SHARD, defaults={"batch": path.newest()})
    return found if created else None


def last_evaluated_seq_no() -> int:
    """Return the last sequence number that every evaluated alert has processed."""
    batch = AlertPlace.objects.filter(shard=SHARD).values_list("batch", flat=True).first()
    return path.last_seq_no(path.newest() if batch is None else batch)


def load_fresh_alerts() -> list[Alert]:
    """Load the active alerts that no window has processed since they were written."""
    return _load(sql.FRESH)


def load_woken_alerts(hulls: Sequence[Hull]) -> list[Alert]:
    """Load the evaluated active alerts that these price ranges may affect; some come twice."""
    return _load(sql.WOKEN, *_columns(hulls)) if hulls else []


def load_nearest_levels(hulls: Sequence[Hull]) -> list[Nearest]:
    """Load the wake levels and times that the alerts of these sides reach first."""
    if not hulls:
        return []
    with prepared() as cursor:
        cursor.execute(sql.NEAREST, _columns([hull[:2] for hull in hulls]))
        found: list[Nearest] = cursor.fetchall()
    return found


def save_unedited_alerts(alerts: Iterable[Alert]) -> set[int]:
    """Write the evaluated state of active alerts that nobody edited; return their ids."""
    rows = [(alert.pk, alert.revision, *alert.state()) for alert in alerts]
    if not rows:
        return set()
    with prepared() as cursor:
        cursor.execute(sql.CLAIM, _columns(rows))
        return {pk for (pk,) in cursor.fetchall()}


def _load(statement: str, *arrays: list[object]) -> list[Alert]:
    """Execute a prepared statement; return its rows as alerts."""
    fields = Alert._meta.concrete_fields
    columns = ", ".join(f"a.{field.column}" for field in fields)
    names = [field.attname for field in fields]
    with prepared() as cursor:
        cursor.execute(statement.format(columns=columns), arrays)
        return [Alert.from_db(DEFAULT_DB_ALIAS, names, row) for row in cursor.fetchall()]


def _columns(rows: Iterable[Sequence[object]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]

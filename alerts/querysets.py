"""Reads of alerts and their logs, and the two statements that the evaluation stands on."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.db import models

from alerts import sql
from alerts.enums import Status
from alerts.quiet import Nearest
from alerts.window import Hull, end_of
from core.postgresql import prepared
from market import path

if TYPE_CHECKING:
    from alerts.models import Alert, AlertLog, AlertPlace  # noqa: F401 - named in a base class

SHARD = 0  # one sequence of windows for all alerts


def _columns(rows: Iterable[Sequence[object]]) -> list[list[object]]:
    return [list(column) for column in zip(*rows, strict=True)]


class AlertQuerySet(models.QuerySet["Alert"]):
    """Alerts."""

    def listed(self, login: int) -> "AlertQuerySet":
        """What the client sees: everything that is not deleted."""
        return self.filter(account=login).exclude(status=Status.DELETED)

    def active(self) -> "AlertQuerySet":
        """The alerts that are being watched."""
        return self.filter(status=Status.ACTIVE)

    def fresh(self) -> "list[Alert]":
        """The active alerts that no window has seen since they were written."""
        return self._read(sql.FRESH)

    def woken(self, hulls: Sequence[Hull]) -> "list[Alert]":
        """The other active alerts to which these quotes may do something; some come twice."""
        return self._read(sql.WOKEN, *_columns(hulls)) if hulls else []

    def nearest(self, hulls: Sequence[Hull]) -> list[Nearest]:
        """At what the alerts of these sides wake first."""
        if not hulls:
            return []
        with prepared(self.db) as cursor:
            cursor.execute(sql.NEAREST, _columns([hull[:2] for hull in hulls]))
            found: list[Nearest] = cursor.fetchall()
        return found

    def _read(self, statement: str, *arrays: list[object]) -> "list[Alert]":
        fields = self.model._meta.concrete_fields
        columns = ", ".join(f"a.{field.column}" for field in fields)
        names = [field.attname for field in fields]
        with prepared(self.db) as cursor:
            cursor.execute(statement.format(columns=columns), arrays)
            return [self.model.from_db(self.db, names, row) for row in cursor.fetchall()]

    def claim(self, alerts: "Iterable[Alert]") -> set[int]:
        """Write the evaluated state of those that nobody edited meanwhile; answers their ids."""
        rows = [(alert.pk, alert.revision, *alert.state()) for alert in alerts]
        if not rows:
            return set()
        with prepared(self.db) as cursor:
            cursor.execute(sql.CLAIM, _columns(rows))
            return {pk for (pk,) in cursor.fetchall()}


class AlertLogQuerySet(models.QuerySet["AlertLog"]):
    """Logs."""

    def listed(self, login: int) -> "AlertLogQuerySet":
        """What the client sees: its own logs that it has not deleted, newest first."""
        return self.filter(login=login, hidden=False).order_by("-id")


class PlaceQuerySet(models.QuerySet["AlertPlace"]):
    """How far the path has been evaluated."""

    def taken(self) -> "AlertPlace | None":
        """The place under lock, or None while another worker has it.

        The very first start begins at the newest batch.
        """
        with prepared(self.db) as cursor:
            cursor.execute(sql.PLACE, [SHARD])
            row = cursor.fetchone()
        place = self.model.from_db(self.db, ("shard", "batch", "quiet"), row) if row else None
        if place is None and not self.filter(shard=SHARD).exists():
            found, created = self.get_or_create(shard=SHARD, defaults={"batch": path.newest()})
            place = found if created else None
        return place

    def seen(self) -> int:
        """The number of the last quote that every alert which is not fresh has seen."""
        batch = self.filter(shard=SHARD).values_list("batch", flat=True).first()
        return end_of(path.newest() if batch is None else batch)

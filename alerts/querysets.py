"""Reads of alerts and their logs, and the two statements that the evaluation stands on."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.db import connection, models
from django.db.models.query import RawQuerySet

from alerts import sql
from alerts.enums import Status
from alerts.window import Hull, end_of
from market import path

if TYPE_CHECKING:
    from alerts.models import Alert, AlertLog, AlertPlace  # noqa: F401 - named in a base class

SHARD = 0  # one sequence of windows for all alerts


class AlertQuerySet(models.QuerySet["Alert"]):
    """Alerts."""

    def listed(self, login: int) -> "AlertQuerySet":
        """What the client sees: everything that is not deleted."""
        return self.filter(account=login).exclude(status=Status.DELETED)

    def active(self) -> "AlertQuerySet":
        """The alerts that are being watched."""
        return self.filter(status=Status.ACTIVE)

    def fresh(self) -> "AlertQuerySet":
        """The active alerts that no window has seen since they were written."""
        return self.active().filter(fresh=True)

    def woken(self, hulls: Sequence[Hull]) -> "RawQuerySet[Alert]":
        """The other active alerts to which these quotes may do something; some come twice."""
        return self.raw(sql.WOKEN, [list(column) for column in zip(*hulls, strict=True)])

    def claim(self, alerts: "Iterable[Alert]") -> set[int]:
        """Write the evaluated state of those that nobody edited meanwhile; answers their ids."""
        rows = [(alert.pk, alert.revision, *alert.state()) for alert in alerts]
        if not rows:
            return set()
        with connection.cursor() as cursor:
            cursor.execute(sql.CLAIM, [list(column) for column in zip(*rows, strict=True)])
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
        place = self.select_for_update(skip_locked=True).filter(shard=SHARD).first()
        if place is None and not self.filter(shard=SHARD).exists():
            found, created = self.get_or_create(shard=SHARD, defaults={"batch": path.newest()})
            place = found if created else None
        return place

    def seen(self) -> int:
        """The number of the last quote that every alert which is not fresh has seen."""
        place = self.filter(shard=SHARD).first()
        return end_of(place.batch if place else path.newest())

"""Reads of alerts and their logs; those of the evaluation are in `alerts.evaluation_queries`."""

from typing import TYPE_CHECKING

from django.db import models

from alerts.enums import Status

if TYPE_CHECKING:
    from alerts.models import Alert, AlertLog  # noqa: F401 - named in a base class


class AlertQuerySet(models.QuerySet["Alert"]):
    """Alerts."""

    def listed(self, login: int) -> "AlertQuerySet":
        """Return what the client sees: everything that is not deleted."""
        return self.filter(account=login).exclude(status=Status.DELETED)

    def active(self) -> "AlertQuerySet":
        """Return the alerts that are being watched."""
        return self.filter(status=Status.ACTIVE)


class AlertLogQuerySet(models.QuerySet["AlertLog"]):
    """Logs."""

    def listed(self, login: int) -> "AlertLogQuerySet":
        """Return what the client sees: its logs that it has not deleted, newest first."""
        return self.filter(login=login, hidden=False).order_by("-id")

"""Queries of alerts and their logs; those of the evaluation are in `alerts.evaluation.queries`."""

from typing import TYPE_CHECKING

from django.db import models

from alerts.enums import AlertStatus

if TYPE_CHECKING:
    from alerts.models import Alert, AlertLog  # noqa: F401 - named in a base class


class AlertQuerySet(models.QuerySet["Alert"]):
    """Queries of price alerts."""

    def listed(self, login: int) -> "AlertQuerySet":
        """Return the login's alerts that are not deleted."""
        return self.filter(account=login).exclude(status=AlertStatus.DELETED)

    def active(self) -> "AlertQuerySet":
        """Return the active alerts."""
        return self.filter(status=AlertStatus.ACTIVE)


class AlertLogQuerySet(models.QuerySet["AlertLog"]):
    """Queries of alert logs."""

    def listed(self, login: int) -> "AlertLogQuerySet":
        """Return the login's logs that it has not deleted, newest first."""
        return self.filter(login=login, hidden=False).order_by("-id")

"""The tables of the alert routes: columns in order, each with its model field."""

from typing import Any

from alerts.models import Alert, AlertLog
from api.inputs import part_of
from api.long_table import Ready, long_table
from api.table import Table

ALERT = (
    "id", "login", "symbol", "indicator_name", "message", "side", "condition", "target_price",
    "channel_low", "channel_high", "move_threshold", "status", "repeat_mode", "created_at",
    "updated_at", "expires_at", "triggered_at", "triggered_price", "reference_price",
    "reference_time", "comment", "cooldown",
)  # fmt: skip
LOG = (
    "id", "alert_id", "login", "symbol", "indicator_name", "message", "side", "condition",
    "target_price", "triggered_price", "triggered_at", "comment",
)  # fmt: skip
ALERT_FIELDS = tuple({"login": "account_id"}.get(name, name) for name in ALERT)


def alerts_table(login: int, part: dict[str, Any]) -> Ready:
    """Return the login's alerts, newest first, or a part of them."""
    rows = Alert.objects.listed(login).values_list(*ALERT_FIELDS)
    return long_table(ALERT, part_of(rows, part))


def logs_table(login: int, part: dict[str, Any]) -> Ready:
    """Return a part of the login's logs, newest first."""
    return long_table(LOG, part_of(AlertLog.objects.listed(login).values_list(*LOG), part))


def id_table(alert: Alert) -> Table:
    """Return the response to a write: the alert's id."""
    return Table(("id",), [(alert.pk,)])

"""The tables of the alert routes: columns in order, each with its model field."""

from alerts.models import Alert, AlertLog
from api.input import page_of
from api.long_table import ReadyJSON, write_long_table
from api.table import ApiTable

ALERT_COLUMNS = (
    "id", "login", "symbol", "indicator_name", "message", "side", "condition", "target_price",
    "channel_low", "channel_high", "move_threshold", "status", "repeat_mode", "created_at",
    "updated_at", "expires_at", "triggered_at", "triggered_price", "reference_price",
    "reference_time", "comment", "cooldown",
)  # fmt: skip
LOG_COLUMNS = (
    "id", "alert_id", "login", "symbol", "indicator_name", "message", "side", "condition",
    "target_price", "triggered_price", "triggered_at", "comment",
)  # fmt: skip
ALERT_FIELDS = tuple({"login": "account_id"}.get(name, name) for name in ALERT_COLUMNS)


def alerts_table(login: int, part: dict[str, object]) -> ReadyJSON:
    """Return the login's alerts, newest first, or a part of them."""
    rows = Alert.objects.listed(login).values_list(*ALERT_FIELDS)
    return write_long_table(ALERT_COLUMNS, page_of(rows, part))


def logs_table(login: int, part: dict[str, object]) -> ReadyJSON:
    """Return a part of the login's logs, newest first."""
    return write_long_table(
        LOG_COLUMNS, page_of(AlertLog.objects.listed(login).values_list(*LOG_COLUMNS), part)
    )


def id_table(alert: Alert) -> ApiTable:
    """Return the response to a write: the alert's id."""
    return ApiTable(("id",), [(alert.pk,)])

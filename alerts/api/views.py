"""The REST views of price alerts and their log."""

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from alerts import errors, services
from alerts.api import serializers
from alerts.api.tables import ALERT_COLUMNS, LOG_COLUMNS, alerts_table, id_table, logs_table
from api.input import PageInput
from api.long_table import TableTooLarge
from api.schema.operation import OK_SCHEMA, operation, operation_link, table_schema
from api.table import OK
from api.viewsets import ApiViewSet
from core.errors import Denied, InvalidLogin, NotFound
from market.errors import OffQuotes, SymbolNotFound

ID_SCHEMA = table_schema(("id",))
SAVED = "$response.body#/rows/0/0"
SAVED_NEXT = {
    "update": operation_link("post_price_alert", {"id": SAVED}),
    "delete": operation_link("delete_price_alert_id", id=SAVED),
}
WRITE_ERRORS = (
    Denied, NotFound, SymbolNotFound, OffQuotes, errors.InvalidTargetPrice, errors.InvalidChannel,
    errors.InvalidMoveThreshold, errors.InvalidExpiresAt, errors.AlertLimitReached,
)  # fmt: skip


class AlertViewSet(ApiViewSet):
    """The client's alerts."""

    tag = "Price alerts"
    staff_permission = "alerts.view_alert"

    @operation(
        "List the alerts",
        request=PageInput,
        response=table_schema(ALERT_COLUMNS),
        errors=(Denied, InvalidLogin, TableTooLarge),
    )
    def list(self, request: Request) -> Response:
        """All that are not deleted, or with `limit` and `offset` a part of them."""
        part = self.validated()
        return Response(alerts_table(self.target_login(), part))

    @operation(
        "Create or change an alert",
        request=serializers.Save,
        response=ID_SCHEMA,
        errors=WRITE_ERRORS,
        links=SAVED_NEXT,
    )
    def save(self, request: Request) -> Response:
        """With `id` it changes that alert; `status` 0 re-arms it, 2 disables it."""
        account, data = self.require_own_account(), self.validated()
        if alert_id := data.pop("id", None):
            alert = services.update_alert(login=account.login, alert_id=alert_id, **data)
        else:
            alert = services.create_alert(login=account.login, **data)
        return Response(id_table(alert))

    @operation(
        "Delete an alert",
        request=serializers.ChosenAlert,
        response=ID_SCHEMA,
        errors=(Denied, NotFound),
    )
    def delete(self, request: Request, id: str | None = None) -> Response:  # noqa: A002 - route's
        """Its log rows stay."""
        account, data = self.require_own_account(), self.validated()
        alert_id = int(id or data.get("id", 0))
        if not alert_id:
            raise ValidationError({"id": "is required"})
        return Response(id_table(services.delete_alert(login=account.login, alert_id=alert_id)))


class AlertLogViewSet(ApiViewSet):
    """The log of the client's alerts."""

    tag = "Price alerts"
    staff_permission = "alerts.view_alertlog"

    @operation(
        "List the log",
        request=serializers.AlertLogRange,
        response=table_schema(LOG_COLUMNS),
        errors=(Denied, InvalidLogin, TableTooLarge),
    )
    def list(self, request: Request) -> Response:
        """Newest first."""
        part = self.validated()
        return Response(logs_table(self.target_login(), part))

    @operation("Delete a log row", response=OK_SCHEMA, errors=(Denied, NotFound))
    def delete(self, request: Request, id: str) -> Response:  # noqa: A002 - the route's name
        """The client does not see it any more."""
        account, _ = self.require_own_account(), self.validated()
        services.delete_log(login=account.login, log_id=int(id))
        return Response(OK)

    @operation("Delete the log", response=OK_SCHEMA, errors=(Denied,))
    def clear(self, request: Request) -> Response:
        """All rows of the login."""
        account, _ = self.require_own_account(), self.validated()
        services.delete_logs(login=account.login)
        return Response(OK)

"""API routes that close or cancel many orders of a client at once."""

from rest_framework.request import Request
from rest_framework.response import Response

from api.schema.operation import object_schema, operation
from api.viewsets import ApiViewSet
from core.errors import Denied
from trading import errors, services
from trading.api import serializers
from trading.api.views import OPENED_SCHEMA, acknowledge_order
from trading.enums import State
from trading.services.live_orders import BulkResult

FAILURES_SCHEMA: dict[str, object] = {
    "type": "array",
    "items": object_schema(order="integer", error="string", message="string"),
}
CLOSED_GROUP_SCHEMA = object_schema(
    data={"type": "string", "const": "OK"},
    **dict.fromkeys(("matched", "closed", "failed"), "integer"),
    failures=FAILURES_SCHEMA,
)
CANCELLED_GROUP_SCHEMA = object_schema(
    rows={"type": "array", "items": OPENED_SCHEMA},
    **dict.fromkeys(("matched", "cancelled", "failed"), "integer"),
)
PARTLY_CANCELLED_SCHEMA = object_schema(
    **CANCELLED_GROUP_SCHEMA["properties"], failures=FAILURES_SCHEMA
)


class BulkViewSet(ApiViewSet):
    """Routes of a client's orders, many at once."""

    tag = "Trading"
    limits = ("address", "trading")
    acts_in_transaction = True

    @operation(
        "Close many positions",
        request=serializers.CloseGroup,
        response=CLOSED_GROUP_SCHEMA,
        errors=(Denied, errors.ReadOnly),
    )
    def close(self, request: Request) -> Response:
        """All, the profitable or the losing ones, each by the rules of a single close.

        What cannot be closed is left out and listed in `failures`; the status is still 200.
        """
        account, data = self.require_own_account(), self.validated()
        result = services.close_positions(login=account.login, which=data.pop("type"), **data)
        return Response({"data": "OK", **count_result(result, "closed"), **list_failures(result)})

    @operation(
        "Cancel many pending orders",
        request=serializers.CancelGroup,
        response=CANCELLED_GROUP_SCHEMA,
        in_part=PARTLY_CANCELLED_SCHEMA,
        errors=(Denied, errors.ReadOnly, errors.TradeNotFound, errors.OrderLocked),
    )
    def cancel(self, request: Request) -> Response:
        """All, or those of a symbol; 207 where only some could be cancelled."""
        account, data = self.require_own_account(), self.validated()
        result = services.cancel_pendings(login=account.login, **data)
        rows = [acknowledge_order(trade, State.CANCEL_REQUESTED) for trade in result.changed]
        body = {"rows": rows, **count_result(result, "cancelled")}
        if not result.failures:
            return Response(body)
        return Response(body | list_failures(result), status=207)


def count_result(result: BulkResult, done: str) -> dict[str, int]:
    """Return how many orders were meant, changed (under the name `done`) and left as they are."""
    changed, failed = len(result.changed), len(result.failures)
    return {"matched": changed + failed, done: changed, "failed": failed}


def list_failures(result: BulkResult) -> dict[str, list[dict[str, object]]]:
    """Return why each of the others was left as it is."""
    return {
        "failures": [
            {"order": order, "error": error.code, "message": error.message}
            for order, error in result.failures
        ]
    }

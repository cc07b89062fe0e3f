"""API routes of orders that are named."""

from rest_framework.request import Request
from rest_framework.response import Response

from api.schema.operation import object_schema, operation, table_schema
from api.table import ApiTable
from api.viewsets import ApiViewSet
from core.errors import Denied, InvalidLogin, InvalidUser
from core.users import signed_in_user
from trading import errors
from trading.api import serializers
from trading.api.history_table import HISTORY_COLUMNS
from trading.api.order_rows import find_order_rows
from trading.evidence.order_evidence import require_trade
from trading.models import Trade

TEXT_COLUMNS = ("symbol", "comment")
NUMBER_COLUMNS = (
    "open_price", "close_price", "sl", "tp", "profit", "commission", "storage",
)  # fmt: skip
ROW_SCHEMA = object_schema(
    **dict.fromkeys(HISTORY_COLUMNS, "integer")
    | dict.fromkeys(TEXT_COLUMNS, "string")
    | dict.fromkeys(NUMBER_COLUMNS, "number")
)


class OrderViewSet(ApiViewSet):
    """Routes about orders by their numbers; staff need not name the login of a single one."""

    tag = "Trading"
    staff_permission = "trading.view_trade"

    limits = ("address", "trading")

    def require_visible_trade(self, order: int) -> Trade:
        """Return the trade; its login is then the target; call `validated()` first.

        Raises:
            TradeNotFound: there is no such order.
            Denied: the session may not see it.
        """
        user = signed_in_user(self.request)
        if user.is_staff and not self._target_login and not user.has_perm(self.staff_permission):
            raise Denied("this role does not see that of others")
        trade = require_trade(order)
        if trade.account_id != (self._target_login or trade.account_id):
            raise Denied("the order belongs to another login")
        if user.is_staff and not user.may_see(trade.account_id):
            raise Denied("this role does not see that of others")
        self._target_login = trade.account_id
        return trade

    @operation(
        "One order",
        request=serializers.OrderInput,
        response=object_schema(data=ROW_SCHEMA),
        errors=(Denied, errors.TradeNotFound),
    )
    def show(self, request: Request) -> Response:
        """Whatever its state; an open position's profit floats with the quote."""
        trade = self.require_visible_trade(self.validated()["order"])
        (row,) = find_order_rows(self.target_account(), [trade.order])
        return Response({"data": dict(zip(HISTORY_COLUMNS, row, strict=True))})

    @operation(
        "Several orders",
        request=serializers.OrdersInput,
        response=table_schema(HISTORY_COLUMNS),
        errors=(Denied, InvalidLogin, InvalidUser),
    )
    def list(self, request: Request) -> Response:
        """In the order in which they are named; unknown and foreign ones are left out."""
        orders = self.validated()["orders"]
        return Response(ApiTable(HISTORY_COLUMNS, find_order_rows(self.target_account(), orders)))

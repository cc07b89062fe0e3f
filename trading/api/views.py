"""API routes of trading."""

from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from api.schema.operation import object_schema, operation, operation_link, table_schema
from api.viewsets import ApiViewSet
from core.errors import Denied, InvalidLogin, InvalidUser
from market.errors import MarketClosed, OffQuotes, SymbolNotFound
from trading import errors, services
from trading.api import serializers
from trading.api.history_table import HISTORY_COLUMNS, history_table
from trading.api.trades_table import STRUCTURE, TOTAL_FIELDS, trades_table
from trading.enums import Reason, State
from trading.models import Trade
from trading.services.order_request import OrderRequest

ACKNOWLEDGMENT_FIELDS = {
    "accepted": "boolean",
    **dict.fromkeys(("order", "state", "login"), "integer"),
}
OPENED_SCHEMA = object_schema(
    **ACKNOWLEDGMENT_FIELDS, symbol="string", cmd="integer", volume="integer"
)
CLOSED_SCHEMA = object_schema(
    **ACKNOWLEDGMENT_FIELDS, symbol="string", cmd="integer", close_volume="integer"
)
ESTIMATE_FIELDS = ("margin", "margin_free_after", "margin_level_after", "commission", "price")
ESTIMATE_SCHEMA = object_schema(
    **{name: {"type": ["number", "null"]} for name in ESTIMATE_FIELDS},
    error={"type": ["string", "null"]},
)
CANCELLED_SCHEMA = object_schema(accepted="boolean", order="integer", state="integer")
TRADES_SCHEMA = table_schema(
    STRUCTURE, count="integer", **{f"total_{name}": "number" for name in TOTAL_FIELDS}
)
OPENING_ERRORS = (
    Denied, SymbolNotFound, OffQuotes, MarketClosed, errors.BadVolume, errors.BadStops,
    errors.InvalidStops, errors.TradeDisabled, errors.ReadOnly, errors.LongOnly,
    errors.TooManyOrders, errors.HedgeProhibited,
)  # fmt: skip
CHANGE_ERRORS = (
    Denied, errors.TradeNotFound, errors.IncorrectState, errors.IncorrectCmd, errors.OrderLocked,
    errors.ReadOnly, errors.TradeDisabled, MarketClosed, OffQuotes,
)  # fmt: skip
ORDER_IN_RESPONSE = "$response.body#/order"
POSITION_LINKS = {
    "close": operation_link("delete_trade_close", order=ORDER_IN_RESPONSE),
    "modify": operation_link("put_trade_modify", {"order": ORDER_IN_RESPONSE}),
    "explain": operation_link("get_trade_explain_id", id=ORDER_IN_RESPONSE),
}
PENDING_LINKS = {
    "cancel": operation_link("delete_trade_cancel", order=ORDER_IN_RESPONSE),
    "modify": operation_link("put_trade_modify_pending", {"order": ORDER_IN_RESPONSE}),
}
LEVEL_ERRORS = (errors.ModifyForeign, errors.BadStops, errors.InvalidStops)


def acknowledge_order(trade: Trade, state: State) -> dict[str, Any]:
    """Return the acknowledgment of an order that took effect."""
    return {
        "accepted": True,
        "order": trade.order,
        "state": state,
        "login": trade.account_id,
        "symbol": trade.symbol_id,
        "cmd": trade.cmd,
        "volume": trade.volume,
    }


class TradeViewSet(ApiViewSet):
    """Routes of a client's orders."""

    tag = "Trading"
    staff_permission = "trading.view_trade"

    limits = ("address", "trading")
    acts_in_transaction = True

    @operation(
        "Open a market order",
        request=serializers.OpenMarket,
        response=OPENED_SCHEMA,
        errors=(*OPENING_ERRORS, errors.IncorrectCmd, errors.NoMoney, errors.Requote),
        links=POSITION_LINKS,
    )
    def open(self, request: Request) -> Response:
        """Buy at ask or sell at bid; on 200 the position is open."""
        account, data = self.require_own_account(), self.validated()
        data.pop("expiration", None)
        trade = services.open_market(login=account.login, reason=Reason.API, **data)
        return Response(acknowledge_order(trade, State.OPEN_REQUESTED))

    @operation(
        "Place a pending order",
        request=serializers.OpenPending,
        response=OPENED_SCHEMA,
        errors=(
            *OPENING_ERRORS,
            errors.IncorrectPendingCmd,
            errors.BadPrices,
            errors.ExpirationDenied,
        ),
        links=PENDING_LINKS,
    )
    def open_pending(self, request: Request) -> Response:
        """It waits for its price, at most until `expiration`."""
        account, data = self.require_own_account(), self.validated()
        trade = services.open_pending(login=account.login, reason=Reason.API, **data)
        return Response(acknowledge_order(trade, State.OPEN_REQUESTED))

    @operation(
        "Close a position",
        request=serializers.ClosePosition,
        response=CLOSED_SCHEMA,
        errors=(*CHANGE_ERRORS, errors.BadVolume, errors.ProhibitedByFifo),
    )
    def close(self, request: Request) -> Response:
        """The whole, or `volume` of it: then the piece becomes a trade of its own."""
        account, data = self.require_own_account(), self.validated()
        trade = services.close_position(login=account.login, **data)
        whole = trade.state == State.CLOSED
        state = State.CLOSE_REQUESTED if whole else State.PARTIAL_CLOSE_REQUESTED
        answer = acknowledge_order(trade, state) | {
            "order": data["order"],
            "close_volume": trade.volume,
        }
        del answer["volume"]
        return Response(answer)

    @operation(
        "Cancel a pending order",
        request=serializers.OrderInput,
        response=CANCELLED_SCHEMA,
        errors=CHANGE_ERRORS,
    )
    def cancel(self, request: Request) -> Response:
        """Withdraws it."""
        account, data = self.require_own_account(), self.validated()
        trade = services.cancel_pending(login=account.login, **data)
        state = State.CANCEL_REQUESTED
        return Response({"accepted": True, "order": trade.order, "state": state})

    @operation(
        "Change a position's levels",
        request=serializers.ModifyPosition,
        response=OPENED_SCHEMA,
        errors=(*CHANGE_ERRORS, *LEVEL_ERRORS),
        links={"close": POSITION_LINKS["close"]},
    )
    def modify_position(self, request: Request) -> Response:
        """`sl`, `tp` or both; 0 clears."""
        account, data = self.require_own_account(), self.validated_changes("sl", "tp")
        trade = services.modify_position(login=account.login, **data)
        return Response(acknowledge_order(trade, State.OPEN_UPDATE_REQUESTED))

    @operation(
        "Change a pending order",
        request=serializers.ModifyPending,
        response=OPENED_SCHEMA,
        errors=(*CHANGE_ERRORS, *LEVEL_ERRORS, errors.BadPrices, errors.ExpirationDenied),
        links=PENDING_LINKS,
    )
    def modify_pending(self, request: Request) -> Response:
        """Its price, levels or expiration; 0 clears the last three."""
        account, data = (
            self.require_own_account(),
            self.validated_changes("open_price", "sl", "tp", "expiration"),
        )
        trade = services.modify_pending(login=account.login, **data)
        return Response(acknowledge_order(trade, State.PENDING_UPDATE_REQUESTED))

    @operation(
        "Check an order", request=serializers.Check, response=ESTIMATE_SCHEMA, errors=(Denied,)
    )
    def check(self, request: Request) -> Response:
        """What opening it would cost and lead to, or the code that it would be refused with."""
        account, data = self.require_own_account(), self.validated()
        estimate = services.check_order(
            account=account, request=OrderRequest(**data, reason=Reason.API)
        )
        return Response({name: getattr(estimate, name) for name in ESTIMATE_SCHEMA["properties"]})

    @operation(
        "List trades",
        request=serializers.ListTrades,
        response=TRADES_SCHEMA,
        errors=(Denied, InvalidLogin, InvalidUser),
    )
    def list(self, request: Request) -> Response:
        """Rows with totals over all matches; an open trade's profit floats with the quote."""
        data = self.validated()
        return Response(trades_table(self.target_account(), data))

    @operation(
        "Trading history",
        request=serializers.HistoryPeriod,
        response=table_schema(HISTORY_COLUMNS),
        errors=(Denied, InvalidLogin, InvalidUser),
    )
    def history(self, request: Request) -> Response:
        """Closed trades and finance operations by their close time, newest first."""
        data = self.validated()
        return Response(history_table(self.target_account(), data["from"], data["to"]))

    def validated_changes(self, *names: str) -> dict[str, Any]:
        """Return the validated input.

        Raises:
            ValidationError: none of the names is given.
        """
        data = self.validated()
        if not any(name in data for name in names):
            raise ValidationError(f"at least one of {', '.join(names)} is required")
        return data

"""API routes of trading."""

from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from api.operation import link, obj, operation, table
from api.viewsets import ApiViewSet
from core.errors import Denied, InvalidLogin, InvalidUser
from market.errors import MarketClosed, OffQuotes, SymbolNotFound
from trading import errors, serializers, services
from trading.enums import Reason, State
from trading.history import HISTORY, history_table
from trading.models import Trade
from trading.services.drafts import Request as OrderRequest
from trading.tables import STRUCTURE, TOTALS, trades_table

ACK = {"accepted": "boolean", **dict.fromkeys(("order", "state", "login"), "integer")}
OPENED = obj(**ACK, symbol="string", cmd="integer", volume="integer")
CLOSED = obj(**ACK, symbol="string", cmd="integer", close_volume="integer")
FORESEEN = ("margin", "margin_free_after", "margin_level_after", "commission", "price")
CHECKED = obj(
    **{name: {"type": ["number", "null"]} for name in FORESEEN},
    error={"type": ["string", "null"]},
)
CANCELLED = obj(accepted="boolean", order="integer", state="integer")
TRADES = table(STRUCTURE, count="integer", **{f"total_{name}": "number" for name in TOTALS})
ADMISSION = (
    Denied, SymbolNotFound, OffQuotes, MarketClosed, errors.BadVolume, errors.BadStops,
    errors.InvalidStops, errors.TradeDisabled, errors.ReadOnly, errors.LongOnly,
    errors.TooManyOrders, errors.HedgeProhibited,
)  # fmt: skip
CHANGE = (
    Denied, errors.TradeNotFound, errors.IncorrectState, errors.IncorrectCmd, errors.OrderLocked,
    errors.ReadOnly, errors.TradeDisabled, MarketClosed, OffQuotes,
)  # fmt: skip
ORDER = "$response.body#/order"
OPENED_NEXT = {
    "close": link("delete_trade_close", order=ORDER),
    "modify": link("put_trade_modify", {"order": ORDER}),
    "explain": link("get_trade_explain_id", id=ORDER),
}
PENDING_NEXT = {
    "cancel": link("delete_trade_cancel", order=ORDER),
    "modify": link("put_trade_modify_pending", {"order": ORDER}),
}
LEVELS = (errors.ModifyForeign, errors.BadStops, errors.InvalidStops)


def accepted(trade: Trade, state: State) -> dict[str, Any]:
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

    staff_right = "trading.view_trade"

    limits = ("address", "trading")

    @operation(
        "Open a market order",
        takes=serializers.OpenMarket,
        gives=OPENED,
        errors=(*ADMISSION, errors.IncorrectCmd, errors.NoMoney, errors.Requote),
        links=OPENED_NEXT,
    )
    def open(self, request: Request) -> Response:
        """Buy at ask or sell at bid; on 200 the position is open."""
        account, data = self.client(), self.input()
        data.pop("expiration", None)
        trade = services.open_market(login=account.login, reason=Reason.API, **data)
        return Response(accepted(trade, State.OPEN_REQUESTED))

    @operation(
        "Place a pending order",
        takes=serializers.OpenPending,
        gives=OPENED,
        errors=(
            *ADMISSION, errors.IncorrectPendingCmd, errors.BadPrices, errors.ExpirationDenied,
        ),
        links=PENDING_NEXT,
    )  # fmt: skip
    def open_pending(self, request: Request) -> Response:
        """It waits for its price, at most until `expiration`."""
        account, data = self.client(), self.input()
        trade = services.open_pending(login=account.login, reason=Reason.API, **data)
        return Response(accepted(trade, State.OPEN_REQUESTED))

    @operation(
        "Close a position",
        takes=serializers.Close,
        gives=CLOSED,
        errors=(*CHANGE, errors.BadVolume, errors.ProhibitedByFifo),
    )
    def close(self, request: Request) -> Response:
        """The whole, or `volume` of it: then the piece becomes a trade of its own."""
        account, data = self.client(), self.input()
        trade = services.close(login=account.login, **data)
        whole = trade.state == State.CLOSED
        state = State.CLOSE_REQUESTED if whole else State.PARTIAL_CLOSE_REQUESTED
        answer = accepted(trade, state) | {"order": data["order"], "close_volume": trade.volume}
        del answer["volume"]
        return Response(answer)

    @operation("Cancel a pending order", takes=serializers.Order, gives=CANCELLED, errors=CHANGE)
    def cancel(self, request: Request) -> Response:
        """Withdraws it."""
        account, data = self.client(), self.input()
        trade = services.cancel(login=account.login, **data)
        state = State.CANCEL_REQUESTED
        return Response({"accepted": True, "order": trade.order, "state": state})

    @operation(
        "Change a position's levels",
        takes=serializers.ModifyPosition,
        gives=OPENED,
        errors=(*CHANGE, *LEVELS),
        links={"close": OPENED_NEXT["close"]},
    )
    def modify_position(self, request: Request) -> Response:
        """`sl`, `tp` or both; 0 clears."""
        account, data = self.client(), self.changes("sl", "tp")
        trade = services.modify_position(login=account.login, **data)
        return Response(accepted(trade, State.OPEN_UPDATE_REQUESTED))

    @operation(
        "Change a pending order",
        takes=serializers.ModifyPending,
        gives=OPENED,
        errors=(*CHANGE, *LEVELS, errors.BadPrices, errors.ExpirationDenied),
        links=PENDING_NEXT,
    )
    def modify_pending(self, request: Request) -> Response:
        """Its price, levels or expiration; 0 clears the last three."""
        account, data = self.client(), self.changes("open_price", "sl", "tp", "expiration")
        trade = services.modify_pending(login=account.login, **data)
        return Response(accepted(trade, State.PENDING_UPDATE_REQUESTED))

    @operation("Check an order", takes=serializers.Check, gives=CHECKED, errors=(Denied,))
    def check(self, request: Request) -> Response:
        """What opening it would cost and lead to, or the code that it would be refused with."""
        account, data = self.client(), self.input()
        outcome = services.check(account=account, asked=OrderRequest(**data, reason=Reason.API))
        return Response({name: getattr(outcome, name) for name in CHECKED["properties"]})

    @operation(
        "List trades",
        takes=serializers.ListTrades,
        gives=TRADES,
        errors=(Denied, InvalidLogin, InvalidUser),
    )
    def list(self, request: Request) -> Response:
        """Rows with totals over all matches; an open trade's profit floats with the quote."""
        data = self.input()
        return Response(trades_table(self.account(), data))

    @operation(
        "Trading history",
        takes=serializers.History,
        gives=table(HISTORY),
        errors=(Denied, InvalidLogin, InvalidUser),
    )
    def history(self, request: Request) -> Response:
        """Closed trades and finance operations by their close time, newest first."""
        data = self.input()
        return Response(history_table(self.account(), data["from"], data["to"]))

    def changes(self, *names: str) -> dict[str, Any]:
        """Return the validated input.

        Raises:
            ValidationError: none of the names is given.
        """
        data = self.input()
        if not any(name in data for name in names):
            raise ValidationError(f"at least one of {', '.join(names)} is required")
        return data

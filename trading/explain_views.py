"""API route that explains how an order was filled, for its client and for support."""

from typing import Any, cast

from rest_framework.request import Request
from rest_framework.response import Response

from api.operation import obj, operation
from api.viewsets import ApiViewSet
from core.errors import Denied
from trading import errors, explain
from trading.evidence import NAMES

INTEGER: dict[str, Any] = {"type": "integer"}
NUMBER: dict[str, Any] = {"type": "number"}
TEXT: dict[str, Any] = {"type": "string"}
MAYBE: dict[str, Any] = {"type": ["integer", "null"]}
ANYTHING: dict[str, Any] = {"type": "object", "additionalProperties": True}
NUMBERS = (
    "open_price", "close_price", "sl", "tp", "profit", "commission", "storage", "margin_rate",
)  # fmt: skip
ORDER = obj(
    **dict.fromkeys(explain.TOLD, INTEGER)
    | dict.fromkeys(NUMBERS, NUMBER)
    | dict.fromkeys(("symbol", "comment"), TEXT)
    | dict.fromkeys(("parent_order", "corrects_order", "staff"), MAYBE)
)
QUOTE = {
    "type": "array",
    "description": "bid, ask, the source's time, that of receipt (unix ms), number",
    "items": {"type": ["number", "null"]},
    "minItems": 5,
    "maxItems": 5,
}
FIGURES = {
    "type": "object",
    "description": "unrounded; level is null while no margin is used",
    "properties": {name: {"type": ["number", "null"]} for name in NAMES},
}
RATES = {
    "type": "object",
    "additionalProperties": obj(
        rate=NUMBER,
        chain={
            "type": "array",
            "description": "symbol, side and price of each step",
            "items": {"type": "array", "items": TEXT},
        },
    ),
}


def many(of: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON schema of an array of `items`."""
    return {"type": "array", "items": of}


FILL = obj(
    order=INTEGER, kind=TEXT, time=INTEGER, price=NUMBER, volume=INTEGER, quote=QUOTE,
    around=many(QUOTE), rates=RATES, rules=ANYTHING, before=FIGURES, after=FIGURES,
)  # fmt: skip
ACTION = obj(
    kind=TEXT, time=INTEGER, quotes=ANYTHING, rules=ANYTHING, before=FIGURES, after=FIGURES
)
SWAP = obj(night=TEXT, days=INTEGER, amount=NUMBER, terms=ANYTHING)
EXPLAINED = obj(
    order=ORDER,
    fills=many(FILL),
    margin_actions=many(ACTION),
    swaps=many(SWAP),
    pieces=many(ORDER),
    corrections=many(ORDER),
)


class ExplainViewSet(ApiViewSet):
    """The route with an order's evidence; staff need not name the login it belongs to."""

    staff_right = "trading.view_trade"

    limits = ("address", "trading")

    @operation("Explain an order", gives=EXPLAINED, errors=(Denied, errors.TradeNotFound))
    def explain(self, request: Request, id: str) -> Response:  # noqa: A002 - the route's name
        """Its fills with quotes, figures and rules, its swaps, pieces and corrections."""
        self.input()
        user = cast(Any, request.user)
        if user.is_staff and not self._login and not user.has_perm(self.staff_right):
            raise Denied("this role does not see that of others")
        trade = explain.found(int(id))
        if trade.account_id != (self._login or trade.account_id):
            raise Denied("the order belongs to another login")
        if user.is_staff and not user.may_see(trade.account_id):
            raise Denied("this role does not see that of others")
        return Response(explain.explanation(trade, to_staff=user.is_staff))

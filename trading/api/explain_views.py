"""API route that explains how an order was filled, for its client and for support."""

from collections.abc import Mapping

from rest_framework.request import Request
from rest_framework.response import Response

from api.schema.operation import object_schema, operation
from core.errors import Denied
from core.users import signed_in_user
from trading import errors
from trading.api.order_views import OrderViewSet
from trading.evidence import order_evidence
from trading.evidence.figures import FIGURE_NAMES

INTEGER: dict[str, object] = {"type": "integer"}
NUMBER: dict[str, object] = {"type": "number"}
TEXT: dict[str, object] = {"type": "string"}
NULLABLE_INTEGER: dict[str, object] = {"type": ["integer", "null"]}
ANY_OBJECT: dict[str, object] = {"type": "object", "additionalProperties": True}
NUMBER_FIELDS = (
    "open_price", "close_price", "sl", "tp", "profit", "commission", "storage", "margin_rate",
)  # fmt: skip
ORDER_SCHEMA = object_schema(
    **dict.fromkeys(order_evidence.ORDER_FIELDS, INTEGER)
    | dict.fromkeys(NUMBER_FIELDS, NUMBER)
    | dict.fromkeys(("symbol", "comment"), TEXT)
    | dict.fromkeys(("parent_order", "corrects_order", "staff"), NULLABLE_INTEGER)
)
QUOTE_SCHEMA = {
    "type": "array",
    "description": "bid, ask, the source's time, that of receipt (unix ms), number",
    "items": {"type": ["number", "null"]},
    "minItems": 5,
    "maxItems": 5,
}
SEEN_SCHEMA = {
    "type": ["array", "null"],
    "description": "bid and ask with the group's mark-up; null where it has none",
    "items": {"type": "number"},
}
FIGURES_SCHEMA = {
    "type": "object",
    "description": "unrounded; level is null while no margin is used",
    "properties": {name: {"type": ["number", "null"]} for name in FIGURE_NAMES},
}
RATES_SCHEMA = {
    "type": "object",
    "additionalProperties": object_schema(
        rate=NUMBER,
        chain={
            "type": "array",
            "description": "symbol, side and price of each step",
            "items": {"type": "array", "items": TEXT},
        },
    ),
}


def array_schema(items: Mapping[str, object]) -> dict[str, object]:
    """Return the JSON schema of an array of `items`."""
    return {"type": "array", "items": items}


FILL_SCHEMA = object_schema(
    order=INTEGER, kind=TEXT, time=INTEGER, price=NUMBER, volume=INTEGER, quote=QUOTE_SCHEMA,
    seen=SEEN_SCHEMA, around=array_schema(QUOTE_SCHEMA), rates=RATES_SCHEMA, rules=ANY_OBJECT,
    before=FIGURES_SCHEMA, after=FIGURES_SCHEMA,
)  # fmt: skip
ACTION_SCHEMA = object_schema(
    kind=TEXT,
    time=INTEGER,
    quotes=ANY_OBJECT,
    seen=ANY_OBJECT,
    rules=ANY_OBJECT,
    before=FIGURES_SCHEMA,
    after=FIGURES_SCHEMA,
)
SWAP_SCHEMA = object_schema(night=TEXT, days=INTEGER, amount=NUMBER, terms=ANY_OBJECT)
EXPLANATION_SCHEMA = object_schema(
    order=ORDER_SCHEMA,
    fills=array_schema(FILL_SCHEMA),
    margin_actions=array_schema(ACTION_SCHEMA),
    swaps=array_schema(SWAP_SCHEMA),
    pieces=array_schema(ORDER_SCHEMA),
    corrections=array_schema(ORDER_SCHEMA),
)


class ExplainViewSet(OrderViewSet):
    """The route with an order's evidence."""

    @operation(
        "Explain an order", response=EXPLANATION_SCHEMA, errors=(Denied, errors.TradeNotFound)
    )
    def explain(self, request: Request, id: str) -> Response:  # noqa: A002 - the route's name
        """Its fills with quotes, figures and rules, its swaps, pieces and corrections."""
        self.validated()
        trade = self.require_visible_trade(int(id))
        to_staff = signed_in_user(request).is_staff
        return Response(order_evidence.explain_order(trade, to_staff=to_staff))

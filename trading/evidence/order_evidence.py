"""The explanation of an order: everything that was stored as evidence when it was decided."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from core.money import exact_decimal
from trading import errors
from trading.evidence.figures import FIGURE_NAMES
from trading.evidence.quotes_around import quotes_around
from trading.models import Fill, MarginAction, SwapCharge, Trade

# The fields of an order in an explanation: name → attribute of the trade.
ORDER_FIELDS = {
    "order": "order", "login": "account_id", "symbol": "symbol_id", "cmd": "cmd",
    "state": "state", "activation": "activation", "reason": "reason", "volume": "volume",
    "closed_volume": "closed_volume", "open_time": "open_time", "open_price": "open_price",
    "close_time": "close_time", "close_price": "close_price", "expiration": "expiration",
    "sl": "sl", "tp": "tp", "profit": "profit", "commission": "commission",
    "storage": "storage", "margin_rate": "margin_rate", "comment": "comment",
    "parent_order": "parent_id", "corrects_order": "corrects_id", "staff": "staff_id",
}  # fmt: skip
OPENING_KINDS = (Fill.Kind.OPEN, Fill.Kind.ACTIVATE)


def require_trade(order: int) -> Trade:
    """Return the trade with this order number. Raises TradeNotFound."""
    trade = Trade.objects.filter(pk=order).first()
    if trade is None:
        raise errors.TradeNotFound
    return trade


@dataclass(frozen=True, slots=True)
class OrderEvidence:
    """The rows that explain an order, each kind oldest first."""

    trade: Trade
    fills: list[Fill]
    margin_actions: list[MarginAction]
    swaps: list[SwapCharge]
    partial_closes: list[Trade]
    corrections: list[Trade]


def load_evidence(trade: Trade) -> OrderEvidence:
    """Load an order's fills with quotes around them, swaps, partial closes and corrections.

    A partial close is explained together with the opening of the whole position.
    """
    own = Q(trade=trade) | Q(trade=trade.parent_id, kind__in=OPENING_KINDS)
    fills = list(Fill.objects.filter(own).select_related("trade"))
    for fill in fills:
        fill.around = quotes_around(fill)
    related = list(Trade.objects.filter(Q(parent=trade) | Q(corrects=trade)).order_by("order"))
    return OrderEvidence(
        trade,
        fills,
        list(MarginAction.objects.filter(trade=trade)),
        list(SwapCharge.objects.filter(trade=trade)),
        [row for row in related if row.parent_id == trade.order],
        [row for row in related if row.corrects_id == trade.order],
    )


def explain_order(trade: Trade, *, to_staff: bool) -> dict[str, object]:
    """Return the order with its evidence as JSON.

    `to_staff`: include which staff member acted; clients get None there.
    """
    return evidence_as_json(load_evidence(trade), to_staff=to_staff)


def evidence_as_json(order_evidence: OrderEvidence, *, to_staff: bool) -> dict[str, object]:
    """Return the evidence as JSON; `to_staff` as in `explain_order`."""
    return {
        "order": _order_as_json(order_evidence.trade, to_staff),
        "fills": [_fill_as_json(fill) for fill in order_evidence.fills],
        "margin_actions": [
            _margin_action_as_json(action) for action in order_evidence.margin_actions
        ],
        "swaps": [_swap_as_json(swap) for swap in order_evidence.swaps],
        "pieces": [_order_as_json(row, to_staff) for row in order_evidence.partial_closes],
        "corrections": [_order_as_json(row, to_staff) for row in order_evidence.corrections],
    }


def _order_as_json(trade: Trade, to_staff: bool) -> dict[str, object]:
    row = {name: getattr(trade, attribute) for name, attribute in ORDER_FIELDS.items()}
    row["symbol"] = trade.symbol_id or ""  # finance operations have none
    return row if to_staff else row | {"staff": None}


def _fill_as_json(fill: Fill) -> dict[str, object]:
    return {
        "order": fill.trade_id,
        "kind": fill.kind,
        "time": fill.time,
        "price": fill.price,
        "volume": fill.volume,
        "quote": _quote_as_json(fill.quote),
        "seen": _prices_from_json(fill.seen),
        "around": [_quote_as_json(row) for row in fill.around],
        "rates": {
            name: {"rate": Decimal(rate), "chain": chain}
            for name, (rate, chain) in fill.rates.items()
        },
        "rules": fill.rules,
        "before": _figures_from_json(fill.before),
        "after": _figures_from_json(fill.after),
    }


def _margin_action_as_json(action: MarginAction) -> dict[str, object]:
    return {
        "kind": action.kind,
        "time": action.time,
        "quotes": {symbol: _quote_as_json(row) for symbol, row in action.quotes.items()},
        "seen": {symbol: _prices_from_json(row) for symbol, row in (action.seen or {}).items()},
        "rules": action.rules,
        "before": _figures_from_json(action.before),
        "after": _figures_from_json(action.after),
    }


def _swap_as_json(swap: SwapCharge) -> dict[str, object]:
    return {
        "night": str(swap.night_id),
        "days": swap.days,
        "amount": swap.amount,
        "terms": swap.terms,
    }


def _quote_as_json(stored: list[object]) -> list[object]:
    """Return the stored quote with decimal prices: small floats would print with an exponent."""
    return [exact_decimal(number) if isinstance(number, float) else number for number in stored]


def _prices_from_json(stored: list[str] | None) -> list[Decimal] | None:
    """Return bid and ask with the group's mark-up as decimals, None where it had none."""
    return None if stored is None else [Decimal(price) for price in stored]


def _figures_from_json(stored: dict[str, object]) -> dict[str, Decimal | None]:
    """Return stored figures as decimals, unrounded, in the order of FIGURE_NAMES."""
    return {
        name: None if stored[name] is None else Decimal(str(stored[name]))
        for name in FIGURE_NAMES
        if name in stored
    }

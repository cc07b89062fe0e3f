"""The explanation of an order: everything that was stored as evidence when it was decided."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q

from core.money import exact
from trading import around, errors
from trading.evidence import NAMES
from trading.models import Fill, MarginAction, SwapCharge, Trade

# The fields of an order in an explanation: name → attribute of the trade.
TOLD = {
    "order": "order", "login": "account_id", "symbol": "symbol_id", "cmd": "cmd",
    "state": "state", "activation": "activation", "reason": "reason", "volume": "volume",
    "closed_volume": "closed_volume", "open_time": "open_time", "open_price": "open_price",
    "close_time": "close_time", "close_price": "close_price", "expiration": "expiration",
    "sl": "sl", "tp": "tp", "profit": "profit", "commission": "commission",
    "storage": "storage", "margin_rate": "margin_rate", "comment": "comment",
    "parent_order": "parent_id", "corrects_order": "corrects_id", "staff": "staff_id",
}  # fmt: skip
OPENING = (Fill.Kind.OPEN, Fill.Kind.ACTIVATE)


def found(order: int) -> Trade:
    """Return the trade with this order number. Raises TradeNotFound."""
    trade = Trade.objects.filter(pk=order).first()
    if trade is None:
        raise errors.TradeNotFound
    return trade


@dataclass(frozen=True, slots=True)
class Evidence:
    """The rows that explain an order, each kind oldest first."""

    trade: Trade
    fills: list[Fill]
    margin_actions: list[MarginAction]
    swaps: list[SwapCharge]
    pieces: list[Trade]
    corrections: list[Trade]


def evidence(trade: Trade) -> Evidence:
    """Load an order's fills with quotes around them, swaps, partial closes and corrections.

    A partial close is explained together with the opening of the whole position.
    """
    own = Q(trade=trade) | Q(trade=trade.parent_id, kind__in=OPENING)
    fills = list(Fill.objects.filter(own).select_related("trade"))
    for fill in fills:
        fill.around = around.of(fill)
    beside = list(Trade.objects.filter(Q(parent=trade) | Q(corrects=trade)).order_by("order"))
    return Evidence(
        trade,
        fills,
        list(MarginAction.objects.filter(trade=trade)),
        list(SwapCharge.objects.filter(trade=trade)),
        [row for row in beside if row.parent_id == trade.order],
        [row for row in beside if row.corrects_id == trade.order],
    )


def explanation(trade: Trade, *, to_staff: bool) -> dict[str, Any]:
    """Return the order with its evidence as JSON.

    `to_staff`: include which staff member acted; clients get None there.
    """
    return told(evidence(trade), to_staff=to_staff)


def told(found: Evidence, *, to_staff: bool) -> dict[str, Any]:
    """Return the evidence as JSON; `to_staff` as in `explain_order`."""
    return {
        "order": _order(found.trade, to_staff),
        "fills": [_fill(fill) for fill in found.fills],
        "margin_actions": [_action(action) for action in found.margin_actions],
        "swaps": [_swap(swap) for swap in found.swaps],
        "pieces": [_order(row, to_staff) for row in found.pieces],
        "corrections": [_order(row, to_staff) for row in found.corrections],
    }


def _order(trade: Trade, to_staff: bool) -> dict[str, Any]:
    row = {name: getattr(trade, attribute) for name, attribute in TOLD.items()}
    row["symbol"] = trade.symbol_id or ""  # finance operations have none
    return row if to_staff else row | {"staff": None}


def _fill(fill: Fill) -> dict[str, Any]:
    return {
        "order": fill.trade_id,
        "kind": fill.kind,
        "time": fill.time,
        "price": fill.price,
        "volume": fill.volume,
        "quote": _quote(fill.quote),
        "around": [_quote(row) for row in fill.around],
        "rates": {
            name: {"rate": Decimal(rate), "chain": chain}
            for name, (rate, chain) in fill.rates.items()
        },
        "rules": fill.rules,
        "before": _figures(fill.before),
        "after": _figures(fill.after),
    }


def _action(action: MarginAction) -> dict[str, Any]:
    return {
        "kind": action.kind,
        "time": action.time,
        "quotes": {symbol: _quote(row) for symbol, row in action.quotes.items()},
        "rules": action.rules,
        "before": _figures(action.before),
        "after": _figures(action.after),
    }


def _swap(swap: SwapCharge) -> dict[str, Any]:
    return {
        "night": str(swap.night_id),
        "days": swap.days,
        "amount": swap.amount,
        "terms": swap.terms,
    }


def _quote(stored: list[Any]) -> list[Any]:
    """Return the stored quote with decimal prices: small floats would print with an exponent."""
    return [exact(number) if isinstance(number, float) else number for number in stored]


def _figures(stored: dict[str, Any]) -> dict[str, Decimal | None]:
    """Return stored figures as decimals, unrounded, in the order of FIGURE_NAMES."""
    return {
        name: None if stored[name] is None else Decimal(str(stored[name]))
        for name in NAMES
        if name in stored
    }

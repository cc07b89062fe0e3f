"""The evidence of orders and margin actions as sections of a page."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.urls import reverse

from backoffice.acting.panel import Content, Link
from backoffice.columns import NOTHING, price, utc, utc_ms
from backoffice.parts import Part
from core.json import plain
from core.money import exact
from market.models import format_lots
from trading.enums import FINANCE_CMDS, Activation, Reason, State
from trading.evidence import NAMES
from trading.explain import Evidence
from trading.models import Fill, MarginAction, SwapCharge, Trade
from trading.staff import pictures
from trading.wording import spelt

QUOTE = ("", "bid", "ask", "source's time (UTC)", "received (UTC)")
ORDERS = ("order", "what", "state", "time (UTC)", "profit", "comment", "by staff")
DECIMALS = 8  # of figures that are stored unrounded


def of_order(found: Evidence) -> list[Part]:
    """Return the order, its fills, margin actions, swaps, closed parts and corrections."""
    return [
        Part(f"Order {found.trade.order}", facts=order_facts(found.trade)),
        *(of_fill(fill) for fill in found.fills),
        *(of_action(action) for action in found.margin_actions),
        *_swaps(found.swaps),
        *_orders("Pieces", found.pieces),
        *_orders("Corrections", found.corrections),
    ]


def of_fill(fill: Fill) -> Part:
    """Return what was decided at the fill, and the evidence for it."""
    picture = pictures.of_fill(fill)
    quotes = [("▸" if row[-1] == fill.quote[-1] else "", *quote_cells(row)) for row in fill.around]
    rates = [
        (name, plain(Decimal(rate)), chain(steps)) for name, (rate, steps) in fill.rates.items()
    ]
    tables = [
        figures(fill.before, fill.after),
        ("Quotes around it", Content(QUOTE, quotes)),
        ("Converted at", Content(("what", "rate", "by"), rates)),
        rules(fill.rules),
    ]
    return Part(
        f"{fill.get_kind_display()} of {fill.trade_id}".capitalize(),
        f"fill-{fill.pk}",
        [
            ("Time (UTC)", utc(fill.time)),
            ("Price", price(fill.price)),
            ("Lots", lots(fill.volume)),
        ],
        [picture] if picture else [],
        [table for table in tables if table[1].rows],
    )


def of_action(action: MarginAction) -> Part:
    """Return the evidence of a margin action, and what it did."""
    quotes = [(symbol, *quote_cells(row)) for symbol, row in action.quotes.items()]
    tables = [
        figures(action.before, action.after),
        ("Judged by the quotes", Content(("symbol", *QUOTE[1:]), quotes)),
        rules(action.rules),
    ]
    return Part(
        f"{action.get_kind_display()} of {action.account_id}".capitalize(),
        f"action-{action.pk}",
        [("Time (UTC)", utc(action.time)), ("Login", account_link(action.account_id))],
        pictures.of_action(action),
        [table for table in tables if table[1].rows],
    )


def order_facts(trade: Trade) -> list[tuple[str, Any]]:
    """Return what the row has, by name, without empty values."""
    finance = trade.cmd in FINANCE_CMDS
    facts: list[tuple[str, Any]] = [
        ("Login", account_link(trade.account_id)),
        ("What", what(trade)),
        ("State", State(trade.state).label),
        ("Booked (UTC)" if finance else "Opened (UTC)", utc(trade.open_time)),
        ("Open price", price(trade.open_price)),
        ("Closed (UTC)", NOTHING if finance else utc(trade.close_time)),
        ("Close price", price(trade.close_price)),
        ("Stop loss", price(trade.sl)),
        ("Take profit", price(trade.tp)),
        ("Expires (UTC)", utc(trade.expiration)),
        *((name.capitalize(), number(getattr(trade, name))) for name in ("profit", "commission")),
        ("Swap", number(trade.storage)),
        ("Closed in pieces", lots(trade.closed_volume)),
        ("Activation", Activation(trade.activation).label if trade.activation else NOTHING),
        ("Reason", Reason(trade.reason).label),
        ("Staff", str(trade.staff or NOTHING)),
        ("Piece of", order_link(trade.parent_id)),
        ("Corrects", order_link(trade.corrects_id)),
        ("Comment", trade.comment or NOTHING),
    ]
    return [(name, value) for name, value in facts if value != NOTHING]


def _swaps(swaps: Iterable[SwapCharge]) -> list[Part]:
    rows = [
        (
            str(swap.night_id),
            swap.days,
            number(swap.amount),
            ", ".join(f"{name} {spelt(name, at)}" for name, at in swap.terms.items()),
            order_link(swap.correction_id),
        )
        for swap in swaps
    ]
    headers = ("night", "days", "amount", "terms", "booked as")
    return [Part("Swaps", tables=[("Swaps", Content(headers, rows))])] if rows else []


def _orders(title: str, trades: Iterable[Trade]) -> list[Part]:
    rows = [
        (
            order_link(trade.order),
            what(trade),
            State(trade.state).label,
            utc(trade.close_time),
            number(trade.profit),
            trade.comment,
            str(trade.staff_id or NOTHING),
        )
        for trade in trades
    ]
    return [Part(title, tables=[(title, Content(ORDERS, rows))])] if rows else []


def figures(before: dict[str, Any], after: dict[str, Any]) -> tuple[str, Content]:
    """Return the account before and after, unrounded; numbers as the database has them."""
    rows = [
        (name.replace("_", " "), number(before.get(name)), number(after.get(name)))
        for name in NAMES
        if name in before or name in after
    ]
    return "The account", Content(("", "before", "after"), rows)


def rules(stored: dict[str, Any]) -> tuple[str, Content]:
    """Return the rules that decided, by the names of their values."""
    rows = [(name.replace("_", " "), str(spelt(name, value))) for name, value in stored.items()]
    return "Rules", Content(("rule", "was"), rows)


def quote_cells(row: list[Any]) -> tuple[str, str, str, str]:
    """Return bid, ask, source time and receipt time as text."""
    bid, ask, time, received = row[:4]
    return (
        price(exact(float(bid))),
        price(exact(float(ask))),
        utc_ms(time or 0),
        utc_ms(received or 0),
    )


def chain(steps: list[list[str]]) -> str:
    """Return the symbols, sides and prices by which a currency was converted, as text."""
    return " → ".join(f"{symbol} {side} {at}" for symbol, side, at in steps) or "the same currency"


def number(value: Any) -> str:
    """Return a figure with at most eight decimals, as text."""
    return NOTHING if value is None else plain(round(Decimal(str(value)), DECIMALS))


def lots(volume: int) -> str:
    """Return minimal lots as lots, as text; a dash for none."""
    return format_lots(volume) if volume else NOTHING


def what(trade: Trade) -> str:
    """Return for example "Buy 0.10 EURUSD"; of a finance row its kind alone."""
    label = trade.kind.label
    return label if trade.symbol_id is None else f"{label} {lots(trade.volume)} {trade.symbol_id}"


def order_link(order: int | None) -> Link | str:
    """Return a link to the page of an order, or a dash."""
    if order is None:
        return NOTHING
    return Link(str(order), reverse("admin:trading_trade_change", args=[order]))


def account_link(login: int) -> Link:
    """Return a link to the page of an account."""
    return Link(str(login), reverse("admin:accounts_account_change", args=[login]))

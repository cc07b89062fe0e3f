"""The evidence of orders and margin actions as sections of a page."""

from collections.abc import Iterable
from decimal import Decimal

from django.urls import reverse

from backoffice.columns import NO_VALUE, format_price, format_utc, format_utc_ms
from backoffice.widgets.content import FigureList, Link, Section, Table
from core.json import plain_digits
from core.money import exact_decimal
from market.models import format_lots
from trading.backoffice import explain_charts
from trading.enums import FINANCE_CMDS, Activation, Reason, State
from trading.evidence.figures import FIGURE_NAMES
from trading.evidence.labels import format_rule
from trading.evidence.order_evidence import OrderEvidence
from trading.evidence.quotes_around import QuoteRow
from trading.models import Fill, MarginAction, SwapCharge, Trade

QUOTE_HEADERS = ("", "bid", "ask", "source's time (UTC)", "received (UTC)")
ORDER_HEADERS = ("order", "what", "state", "time (UTC)", "profit", "comment", "by staff")
DECIMALS = 8  # of figures that are stored unrounded


def order_sections(found: OrderEvidence) -> list[Section]:
    """Return the order, its fills, margin actions, swaps, closed parts and corrections."""
    return [
        Section(f"Order {found.trade.order}", [FigureList(order_facts(found.trade))]),
        *(fill_section(fill) for fill in found.fills),
        *(margin_action_section(action) for action in found.margin_actions),
        *_swap_sections(found.swaps),
        *_order_list_sections("Pieces", found.partial_closes),
        *_order_list_sections("Corrections", found.corrections),
    ]


def fill_section(fill: Fill) -> Section:
    """Return what was decided at the fill, and the evidence for it."""
    chart = explain_charts.fill_chart(fill)
    quotes = [("▸" if row[-1] == fill.quote[-1] else "", *quote_cells(row)) for row in fill.around]
    rates = [
        (name, plain_digits(Decimal(rate)), format_chain(steps))
        for name, (rate, steps) in fill.rates.items()
    ]
    tables = [
        figures_table(fill.before, fill.after),
        Table(QUOTE_HEADERS, quotes, title="Quotes around it"),
        Table(("what", "rate", "by"), rates, title="Converted at"),
        rules_table(fill.rules),
    ]
    return Section(
        f"{fill.get_kind_display()} of {fill.trade_id}".capitalize(),
        [
            FigureList(
                [
                    ("Time (UTC)", format_utc(fill.time)),
                    ("Price", format_price(fill.price)),
                    ("Lots", format_volume(fill.volume)),
                ]
            ),
            *([chart] if chart else []),
            *(table for table in tables if table.rows),
        ],
        f"fill-{fill.pk}",
    )


def margin_action_section(action: MarginAction) -> Section:
    """Return the evidence of a margin action, and what it did."""
    quotes = [(symbol, *quote_cells(row)) for symbol, row in action.quotes.items()]
    tables = [
        figures_table(action.before, action.after),
        Table(("symbol", *QUOTE_HEADERS[1:]), quotes, title="Judged by the quotes"),
        rules_table(action.rules),
    ]
    return Section(
        f"{action.get_kind_display()} of {action.account_id}".capitalize(),
        [
            FigureList(
                [
                    ("Time (UTC)", format_utc(action.time)),
                    ("Login", account_link(action.account_id)),
                ]
            ),
            *explain_charts.margin_action_charts(action),
            *(table for table in tables if table.rows),
        ],
        f"action-{action.pk}",
    )


def order_facts(trade: Trade) -> list[tuple[str, str | Link]]:
    """Return what the row has, by name, without empty values."""
    finance = trade.cmd in FINANCE_CMDS
    facts: list[tuple[str, str | Link]] = [
        ("Login", account_link(trade.account_id)),
        ("What", describe_order(trade)),
        ("State", State(trade.state).label),
        ("Booked (UTC)" if finance else "Opened (UTC)", format_utc(trade.open_time)),
        ("Open price", format_price(trade.open_price)),
        ("Closed (UTC)", NO_VALUE if finance else format_utc(trade.close_time)),
        ("Close price", format_price(trade.close_price)),
        ("Stop loss", format_price(trade.sl)),
        ("Take profit", format_price(trade.tp)),
        ("Expires (UTC)", format_utc(trade.expiration)),
        *(
            (name.capitalize(), format_number(getattr(trade, name)))
            for name in ("profit", "commission")
        ),
        ("Swap", format_number(trade.storage)),
        ("Closed in pieces", format_volume(trade.closed_volume)),
        ("Activation", Activation(trade.activation).label if trade.activation else NO_VALUE),
        ("Reason", Reason(trade.reason).label),
        ("Staff", str(trade.staff or NO_VALUE)),
        ("Piece of", order_link(trade.parent_id)),
        ("Corrects", order_link(trade.corrects_id)),
        ("Comment", trade.comment or NO_VALUE),
    ]
    return [(name, value) for name, value in facts if value != NO_VALUE]


def _swap_sections(swaps: Iterable[SwapCharge]) -> list[Section]:
    rows = [
        (
            str(swap.night_id),
            swap.days,
            format_number(swap.amount),
            ", ".join(f"{name} {format_rule(name, at)}" for name, at in swap.terms.items()),
            order_link(swap.correction_id),
        )
        for swap in swaps
    ]
    headers = ("night", "days", "amount", "terms", "booked as")
    return [Section("Swaps", [Table(headers, rows, title="Swaps")])] if rows else []


def _order_list_sections(title: str, trades: Iterable[Trade]) -> list[Section]:
    rows = [
        (
            order_link(trade.order),
            describe_order(trade),
            State(trade.state).label,
            format_utc(trade.close_time),
            format_number(trade.profit),
            trade.comment,
            str(trade.staff_id or NO_VALUE),
        )
        for trade in trades
    ]
    return [Section(title, [Table(ORDER_HEADERS, rows, title=title)])] if rows else []


def figures_table(before: dict[str, object], after: dict[str, object]) -> Table:
    """Return the account before and after, unrounded; numbers as the database has them."""
    rows = [
        (name.replace("_", " "), format_number(before.get(name)), format_number(after.get(name)))
        for name in FIGURE_NAMES
        if name in before or name in after
    ]
    return Table(("", "before", "after"), rows, title="The account")


def rules_table(stored: dict[str, object]) -> Table:
    """Return the rules that decided, by the names of their values."""
    rows = [
        (name.replace("_", " "), str(format_rule(name, value))) for name, value in stored.items()
    ]
    return Table(("rule", "was"), rows, title="Rules")


def quote_cells(row: QuoteRow) -> tuple[str, str, str, str]:
    """Return bid, ask, source time and receipt time as text."""
    bid, ask, time, received = row[:4]
    return (
        format_price(exact_decimal(float(bid))),
        format_price(exact_decimal(float(ask))),
        format_utc_ms(time or 0),
        format_utc_ms(received or 0),
    )


def format_chain(steps: list[list[str]]) -> str:
    """Return the symbols, sides and prices by which a currency was converted, as text."""
    return " → ".join(f"{symbol} {side} {at}" for symbol, side, at in steps) or "the same currency"


def format_number(value: object) -> str:
    """Return a figure with at most eight decimals, as text."""
    return NO_VALUE if value is None else plain_digits(round(Decimal(str(value)), DECIMALS))


def format_volume(volume: int) -> str:
    """Return minimal lots as lots, as text; a dash for none."""
    return format_lots(volume) if volume else NO_VALUE


def describe_order(trade: Trade) -> str:
    """Return for example "Buy 0.10 EURUSD"; of a finance row its kind alone."""
    label = trade.kind.label
    return (
        label
        if trade.symbol_id is None
        else f"{label} {format_volume(trade.volume)} {trade.symbol_id}"
    )


def order_link(order: int | None) -> Link | str:
    """Return a link to the page of an order, or a dash."""
    if order is None:
        return NO_VALUE
    return Link(str(order), reverse("admin:trading_trade_change", args=[order]))


def account_link(login: int) -> Link:
    """Return a link to the page of an account."""
    return Link(str(login), reverse("admin:accounts_account_change", args=[login]))

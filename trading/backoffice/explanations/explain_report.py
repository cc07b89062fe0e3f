"""The evidence of orders and margin actions as sections of a page: answer first, details folded."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from django.urls import reverse

from backoffice.columns import NO_VALUE, format_amount, format_money, format_utc, format_utc_ms
from backoffice.widgets.content import Content, FigureList, Folded, Link, Section, Table, Verdict
from core.json import plain_digits
from market.backoffice.symbol_prices import format_symbol_price
from market.models import format_lots
from trading.backoffice.explanations import explain_charts, verdicts
from trading.backoffice.explanations.level_chart import draw_level_chart
from trading.backoffice.explanations.margin_verdicts import format_level, margin_verdict
from trading.backoffice.order_words import state_word
from trading.enums import FINANCE_CMDS, Activation, Reason
from trading.evidence.figures import FIGURE_NAMES
from trading.evidence.labels import INTERNAL_RULES, format_rule
from trading.evidence.order_evidence import OrderEvidence
from trading.evidence.quotes_around import QuoteRow
from trading.models import Fill, MarginAction, SwapCharge, Trade

QUOTE_HEADERS = ("", "#Bid", "#Ask", "Source's time (UTC)", "Received (UTC)")
SEEN_HEADERS = ("#Account's bid", "#Account's ask")
ORDER_HEADERS = ("Order", "What", "State", "Time (UTC)", "#Profit", "Comment", "By staff")
FIGURE_LABELS = {
    "profit": "floating profit",
    "margin": "used margin",
    "margin_free": "free margin",
    "level": "margin level",
}
FILL_TITLES = {
    Fill.Kind.OPEN: "Opening",
    Fill.Kind.ACTIVATE: "Opening by the pending order",
    Fill.Kind.CLOSE: "Closing",
}
LOT_RULES = {"lots": "closed lots", "of": "of lots"}


def order_sections(found: OrderEvidence) -> list[Section]:
    """Return the verdict, then fills, margin actions, swaps, closed parts and corrections."""
    sentences, trade = verdicts.order_verdict(found), found.trade
    facts = FigureList(order_facts(trade))
    return [
        Section(
            f"Order {trade.order}",
            [Verdict(sentences, verdicts.client_text(trade, sentences)), facts],
        ),
        *(margin_action_section(action) for action in found.margin_actions),
        *(fill_section(fill) for fill in reversed(found.fills)),
        *_swap_sections(found.swaps, trade.account.group.currency),
        *_order_list_sections("Closed in parts", found.partial_closes),
        *_order_list_sections("Corrections", found.corrections),
    ]


def fill_section(fill: Fill) -> Section:
    """Return what was decided at the fill, and the evidence for it."""
    symbol, chart = fill.trade.symbol_id or "", explain_charts.fill_chart(fill)
    quotes = [
        ("▸" if row[-1] == fill.quote[-1] else "", *quote_cells(symbol, row)) for row in fill.around
    ]
    rates = [
        (name, plain_digits(Decimal(rate)), format_chain(steps))
        for name, (rate, steps) in fill.rates.items()
    ]
    currency = fill.trade.account.group.currency
    details = (
        Folded("Quotes around it", [Table(QUOTE_HEADERS, quotes)]),
        Folded("Conversion rates", [Table(("What", "#Rate", "By"), rates)]),
        rules_content(fill.rules),
    )
    contents: list[Content] = [
        Verdict(verdicts.fill_verdict(fill)),
        *([chart] if chart else []),
        figures_table(fill.before, fill.after, currency),
        *details,
    ]
    title = f"{FILL_TITLES[Fill.Kind(fill.kind)]} of order {fill.trade_id}"
    return Section(title, _without_empty(contents), f"fill-{fill.pk}")


def margin_action_section(action: MarginAction, *, alone: bool = False) -> Section:
    """Return what the margin rules did and why, and the evidence for it.

    `alone`: no other section of the page has a text for the client.
    """
    sentences = margin_verdict(action)
    text = "\n".join([f"Account {action.account_id}", *sentences]) if alone else ""
    quotes = [
        (symbol, *quote_cells(symbol, row), *_seen_cells(action, symbol))
        for symbol, row in action.quotes.items()
    ]
    headers = ("Symbol", *QUOTE_HEADERS[1:], *(SEEN_HEADERS if action.seen else ()))
    contents: list[Content] = [
        Verdict(sentences, text),
        *([level] if (level := draw_level_chart(action)) else []),
        *explain_charts.margin_action_charts(action),
        figures_table(action.before, action.after, action.account.group.currency),
        Folded("Quotes that decided", [Table(headers, quotes)]),
        rules_content(action.rules),
    ]
    title = f"{action.get_kind_display()} of account {action.account_id}"
    return Section(
        f"{title[0].upper()}{title[1:]}", _without_empty(contents), f"action-{action.pk}"
    )


def order_facts(trade: Trade) -> list[tuple[str, str | Link]]:
    """Return what the row has, by name, without empty values."""
    finance, currency = trade.cmd in FINANCE_CMDS, trade.account.group.currency
    facts: list[tuple[str, str | Link]] = [
        ("Login", account_link(trade.account_id)),
        ("What", verdicts.describe(trade)),
        ("State", state_word(trade.state)),
        ("Booked (UTC)" if finance else "Opened (UTC)", format_utc(trade.open_time)),
        ("Open price", format_symbol_price(trade.open_price, trade.symbol_id)),
        ("Closed (UTC)", NO_VALUE if finance else format_utc(trade.close_time)),
        ("Close price", format_symbol_price(trade.close_price, trade.symbol_id)),
        ("Stop loss", format_symbol_price(trade.sl, trade.symbol_id)),
        ("Take profit", format_symbol_price(trade.tp, trade.symbol_id)),
        ("Expires (UTC)", format_utc(trade.expiration)),
        ("Profit", NO_VALUE if trade.is_position else format_amount(trade.profit, currency)),
        ("Commission", format_amount(trade.commission, currency)),
        ("Swap", format_amount(trade.storage, currency)),
        (
            "Mark-up in the profit",
            format_amount(trade.markup, currency) if trade.markup else NO_VALUE,
        ),
        ("Closed in parts", format_volume(trade.closed_volume)),
        ("Activation", Activation(trade.activation).label if trade.activation else NO_VALUE),
        ("Reason", Reason(trade.reason).label),
        ("Staff", str(trade.staff or NO_VALUE)),
        ("Part of", order_link(trade.parent_id)),
        ("Corrects", order_link(trade.corrects_id)),
        ("Comment", trade.comment or NO_VALUE),
    ]
    return [(name, value) for name, value in facts if value != NO_VALUE]


def _swap_sections(swaps: Iterable[SwapCharge], currency: str) -> list[Section]:
    rows = [
        (
            str(swap.night_id),
            swap.days,
            format_amount(swap.amount, currency),
            ", ".join(f"{name} {format_rule(name, at)}" for name, at in swap.terms.items()),
            order_link(swap.correction_id),
        )
        for swap in swaps
    ]
    headers = ("Night", "#Days", "#Amount", "Terms", "Booked as")
    return [Section("Swaps", [Table(headers, rows)])] if rows else []


def _order_list_sections(title: str, trades: Iterable[Trade]) -> list[Section]:
    rows = [
        (
            order_link(trade.order),
            verdicts.describe(trade),
            state_word(trade.state),
            format_utc(trade.close_time),
            format_amount(trade.profit, trade.account.group.currency),
            trade.comment,
            str(trade.staff_id or NO_VALUE),
        )
        for trade in trades
    ]
    return [Section(title, [Table(ORDER_HEADERS, rows)])] if rows else []


def figures_table(before: dict[str, object], after: dict[str, object], currency: str) -> Table:
    """Return the account before and after, with the decimals of its currency."""
    rows = [
        (
            FIGURE_LABELS.get(name, name),
            *(_format_figure(name, side.get(name), currency) for side in (before, after)),
        )
        for name in FIGURE_NAMES
        if name in before or name in after
    ]
    return Table((f"Account, {currency}", "#Before", "#After"), rows)


def _format_figure(name: str, value: object, currency: str) -> str:
    if value is None:
        return NO_VALUE
    number = Decimal(str(value))
    return format_level(number) if name == "level" else format_money(number, currency)


def rules_content(stored: Mapping[str, object]) -> Folded:
    """Return the rules that decided, by the names of their values."""
    rows = [
        (LOT_RULES.get(name, name.replace("_", " ")), _format_rule_value(name, value))
        for name, value in stored.items()
        if name not in INTERNAL_RULES and value != {}
    ]
    return Folded("Rules that decided", [Table(("Rule", "Value then"), rows)])


def _format_rule_value(name: str, value: object) -> str:
    if name in LOT_RULES:
        return format_lots(int(str(value)))
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {why}" for key, why in value.items())
    return str(format_rule(name, value))


def _without_empty(contents: Iterable[Content]) -> list[Content]:
    """Return the contents without tables that have no rows, folded or not."""
    return [content for content in contents if not _is_empty(content)]


def _is_empty(content: Content) -> bool:
    if isinstance(content, Folded):
        return all(_is_empty(inner) for inner in content.contents)
    return isinstance(content, Table) and not content.rows


def _seen_cells(action: MarginAction, symbol: str) -> list[str]:
    """Return bid and ask with the group's mark-up, where any of the action's symbols has one."""
    if not action.seen:
        return []
    prices = action.seen.get(symbol) or action.quotes[symbol][:2]
    return [format_symbol_price(Decimal(str(price)), symbol) for price in prices]


def quote_cells(symbol: str, row: QuoteRow) -> tuple[str, str, str, str]:
    """Return bid, ask, source time and receipt time as text."""
    bid, ask, time, received = row[:4]
    return (
        format_symbol_price(float(bid), symbol),
        format_symbol_price(float(ask), symbol),
        format_utc_ms(time or 0),
        format_utc_ms(received or 0),
    )


def format_chain(steps: list[list[str]]) -> str:
    """Return the symbols, sides and prices by which a currency was converted, as text."""
    return " → ".join(f"{symbol} {side} {at}" for symbol, side, at in steps) or "the same currency"


def format_volume(volume: int) -> str:
    """Return minimal lots as lots, as text; a dash for none."""
    return format_lots(volume) if volume else NO_VALUE


def order_link(order: int | None) -> Link | str:
    """Return a link to the page of an order, or a dash."""
    if order is None:
        return NO_VALUE
    return Link(str(order), reverse("admin:trading_trade_change", args=[order]))


def account_link(login: int) -> Link:
    """Return a link to the page of an account."""
    return Link(str(login), reverse("admin:accounts_account_change", args=[login]))

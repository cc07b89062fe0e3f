"""The panels of trading on an account's page."""

from collections.abc import Sequence

from django.http import HttpRequest
from django.urls import reverse

from accounts.models import Account
from backoffice.approvals.booked_rows import approvals_of
from backoffice.columns import format_amount, format_price, format_utc, tone_of
from backoffice.models import Approval
from backoffice.widgets.content import Cell, Link, Table
from backoffice.widgets.panel import Panel
from market.catalog import digits_of_symbol
from market.models import format_lots
from trading.backoffice.order_words import cause_word, type_word
from trading.backoffice.reports import statement_page
from trading.models import Trade
from trading.querysets import TradeQuerySet

LATEST = 20
VIEW_TRADE = "trading.view_trade"


def pending_orders(request: HttpRequest, account: Account) -> Table:
    """Return the orders that wait for their price."""
    headers = (
        "Order", "Kind", "Symbol", "#Lots", "#Price", "#SL", "#TP", "Placed (UTC)", "Expires",
    )  # fmt: skip
    rows = _trades_of(account).pendings().order_by("-order")[: account.group.max_positions]
    return Table(
        headers,
        [
            (
                *_order_cells(trade),
                *(_format_price(trade, name) for name in ("open_price", "sl", "tp")),
                format_utc(trade.open_time),
                format_utc(trade.expiration),
            )
            for trade in rows
        ],
    )


def closed_orders(request: HttpRequest, account: Account) -> Table:
    """Return the newest closed orders."""
    headers = (
        "Order", "Kind", "Symbol", "#Lots", "#Opened at", "#Closed at", "Closed (UTC)", "Cause",
        "#Profit", "#Commission", "#Swap",
    )  # fmt: skip
    rows = _trades_of(account).closed().order_by("-close_time", "-order")[:LATEST]
    return Table(
        headers,
        [
            (
                *_order_cells(trade),
                _format_price(trade, "open_price"),
                _format_price(trade, "close_price"),
                format_utc(trade.close_time),
                cause_word(trade.activation),
                Cell(_format_money(account, trade, "profit"), tone=tone_of(trade.profit)),
                *(_format_money(account, trade, name) for name in ("commission", "storage")),
            )
            for trade in rows
        ],
        more=_list_link(account, "All orders"),
    )


def finance_operations(request: HttpRequest, account: Account) -> Table:
    """Return the newest deposits, withdrawals and credit operations."""
    rows = _trades_of(account).finance_operations().order_by("-close_time", "-order")[:LATEST]
    approvals = approvals_of([trade for trade in rows if trade.staff_id])
    return Table(
        ("Order", "Kind", "Booked (UTC)", "#Amount", "Comment", "By"),
        [
            (
                _order_link(trade),
                type_word(trade.cmd),
                format_utc(trade.close_time),
                _format_money(account, trade, "profit"),
                trade.comment,
                _staff_cell(trade, approvals.get(trade.order)),
            )
            for trade in rows
        ],
        more=_list_link(account, "All orders"),
    )


def _staff_cell(trade: Trade, approval: Approval | None) -> object:
    """Return who booked it: one person, or who asked and who approved, with the request."""
    if approval is None:
        return trade.staff_id or ""
    url = reverse("admin:backoffice_approval_change", args=[approval.pk])
    return Link(f"{approval.asked_by_id}, approved by {approval.decided_by_id}", url)


def _trades_of(account: Account) -> TradeQuerySet:
    return Trade.objects.filter(account=account.login)


def _order_cells(trade: Trade) -> Sequence[object]:
    return _order_link(trade), trade.kind.label, trade.symbol_id, format_lots(trade.volume)


def _order_link(trade: Trade) -> Link:
    return Link(str(trade.order), reverse("admin:trading_trade_change", args=[trade.order]))


def _format_price(trade: Trade, name: str) -> str:
    return format_price(getattr(trade, name), digits_of_symbol(trade.symbol_id))


def _format_money(account: Account, trade: Trade, name: str) -> str:
    return format_amount(getattr(trade, name), account.group.currency)


def _list_link(account: Account, text: str) -> Link:
    return Link(text, f"{reverse('admin:trading_trade_changelist')}?q={account.login}")


PANELS = (
    Panel("accounts.account", "Pending orders", VIEW_TRADE, pending_orders),
    Panel("accounts.account", "History", VIEW_TRADE, closed_orders),
    Panel("accounts.account", "Ledger", VIEW_TRADE, finance_operations),
    *statement_page.PANELS,
)

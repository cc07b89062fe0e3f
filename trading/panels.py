"""The panels of trading on an account's page."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from accounts.models import Account
from backoffice.acting.panel import Content, Link, Panel
from backoffice.columns import amount, price, utc
from market.models import format_lots
from trading.enums import Activation
from trading.models import Trade
from trading.querysets import TradeQuerySet

LATEST = 20
SEEN_BY = "trading.view_trade"


def pendings(request: HttpRequest, account: Account) -> Content:
    """Return the orders that wait for their price."""
    headers = ("Order", "Kind", "Symbol", "Lots", "Price", "SL", "TP", "Placed (UTC)", "Expires")
    rows = _of(account).pendings().order_by("-order")[: account.group.max_positions]
    return Content(
        headers,
        [
            (
                *_what(trade),
                *(price(level) for level in (trade.open_price, trade.sl, trade.tp)),
                utc(trade.open_time),
                utc(trade.expiration),
            )
            for trade in rows
        ],
    )


def history(request: HttpRequest, account: Account) -> Content:
    """Return the newest closed orders."""
    headers = (
        "Order", "Kind", "Symbol", "Lots", "Opened at", "Closed at", "Closed (UTC)", "By", "Profit",
        "Commission", "Swap",
    )  # fmt: skip
    rows = _of(account).closed().order_by("-close_time", "-order")[:LATEST]
    return Content(
        headers,
        [
            (
                *_what(trade),
                price(trade.open_price),
                price(trade.close_price),
                utc(trade.close_time),
                Activation(trade.activation).label,
                *(_money(account, trade, name) for name in ("profit", "commission", "storage")),
            )
            for trade in rows
        ],
        more=_every(account, "All orders"),
    )


def ledger(request: HttpRequest, account: Account) -> Content:
    """Return the newest deposits, withdrawals and credit operations."""
    rows = _of(account).finance().order_by("-close_time", "-order")[:LATEST]
    return Content(
        ("Order", "Kind", "Booked (UTC)", "Amount", "Comment", "By"),
        [
            (
                _link(trade),
                trade.kind.label,
                utc(trade.close_time),
                _money(account, trade, "profit"),
                trade.comment,
                trade.staff_id or "",
            )
            for trade in rows
        ],
        more=_every(account, "All orders"),
    )


def _of(account: Account) -> TradeQuerySet:
    return Trade.objects.filter(account=account.login)


def _what(trade: Trade) -> Sequence[Any]:
    return _link(trade), trade.kind.label, trade.symbol_id, format_lots(trade.volume)


def _link(trade: Trade) -> Link:
    return Link(str(trade.order), reverse("admin:trading_trade_change", args=[trade.order]))


def _money(account: Account, trade: Trade, name: str) -> str:
    return amount(getattr(trade, name), account.group.currency)


def _every(account: Account, words: str) -> Link:
    return Link(words, f"{reverse('admin:trading_trade_changelist')}?q={account.login}")


PANELS = (
    Panel("accounts.account", "Pending orders", SEEN_BY, pendings),
    Panel("accounts.account", "History", SEEN_BY, history),
    Panel("accounts.account", "Ledger", SEEN_BY, ledger),
)

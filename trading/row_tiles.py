"""Live tiles on an account's page: its figures and open positions at the newest quotes."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from accounts.models import Account
from backoffice import tile_parts as parts
from backoffice.acting.tile import LiveTile
from backoffice.columns import NOTHING, price
from backoffice.tile_parts import Part
from market.catalog import converter
from market.errors import OffQuotes
from market.models import format_lots
from market.quotes import LatestQuotes
from trading.enums import Cmd, LevelType
from trading.events import shown_figures, shown_level
from trading.positions import Position, snapshot
from trading.valuation import Figures, Valuation

TONES = {LevelType.OK: "", LevelType.MARGIN_CALL: "warn", LevelType.STOP_OUT: "bad"}


def figures(request: HttpRequest, account: Account) -> list[Part]:
    """Return the account's figures as its client sees them, and what is missing in them."""
    valuation, positions = _at_now(account)
    now, currency = valuation.figures(positions), account.group.currency
    shown = {
        name: parts.money(value, currency)
        for name, value in shown_figures(account.group, now).items()
    }
    tone = TONES[now.level_type]
    unknown = sorted({p.instrument.name for p in positions if _floating(valuation, p) is None})
    told = [
        parts.figures(
            ("Balance", f"{shown['balance']} {currency}"),
            ("Credit", shown["credit"]),
            ("Floating profit", shown["profit"], _sign(now)),
            ("Equity", shown["equity"]),
            ("Margin", shown["margin"]),
            ("Free margin", shown["margin_free"]),
            ("Margin level", _level(now), tone),
            ("State", now.level_type.label, tone),
        )
    ]
    if unknown:
        words = f"No price of {', '.join(unknown)}: the figures leave its profit out."
        told.append(parts.note(words, "warn"))
    return told


def positions(request: HttpRequest, account: Account) -> list[Part]:
    """Return the open positions with their floating profits; a dash without a price."""
    valuation, held = _at_now(account)
    columns = ("Order", "Symbol", "Side", "#Lots", "#Opened at", "#Price", "#Swap", "#Profit")
    return [parts.table(columns, [_row(valuation, p) for p in held], "No open positions.")]


def _row(valuation: Valuation, position: Position) -> list[parts.Cell]:
    symbol, currency = position.instrument, valuation.currency
    quote, profit = valuation.quotes.get(symbol.name), _floating(valuation, position)
    own = NOTHING if profit is None else parts.money(profit, currency)
    href = reverse("admin:trading_trade_change", args=[position.order])
    return [
        parts.cell(str(position.order), href=href),
        symbol.name,
        str((Cmd.BUY if position.direction > 0 else Cmd.SELL).label),
        format_lots(position.volume),
        price(position.open_price),
        price(quote.closing(position.direction) if quote else None),
        parts.money(position.storage, currency),
        parts.cell(own, tone="" if not profit else "good" if profit > 0 else "bad"),
    ]


def _at_now(account: Account) -> tuple[Valuation, list[Position]]:
    found = snapshot(account.login)
    account.balance, account.credit, account.seq = found.balance, found.credit, found.seq
    valuation = Valuation(account, converter(), LatestQuotes())
    valuation.load_quotes(found.positions)
    return valuation, found.positions


def _floating(valuation: Valuation, position: Position) -> Any:
    """Return the profit, None where it is unknown."""
    quote = valuation.quotes.get(position.instrument.name)
    try:
        return quote and valuation.profit(position, quote.closing(position.direction)).amount
    except OffQuotes:
        return None


def _level(now: Figures) -> str:
    return NOTHING if now.level is None else f"{shown_level(now):,} %"


def _sign(now: Figures) -> str:
    return "" if not now.profit else "good" if now.profit > 0 else "bad"


TILES = (
    LiveTile("accounts.account", "figures", "Now", "accounts.view_account", figures, wide=True),
    LiveTile(
        "accounts.account",
        "positions",
        "Open positions",
        "trading.view_trade",
        positions,
        wide=True,
    ),
)

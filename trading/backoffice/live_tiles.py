"""Live tiles on an account's page: its figures and open positions at the newest quotes."""

from decimal import Decimal

from django.http import HttpRequest
from django.urls import reverse

from accounts.models import Account
from backoffice.columns import NO_VALUE, format_money, format_price
from backoffice.widgets.content import Cell, Content, FigureList, Note, Table
from backoffice.widgets.live_tile import LiveTile
from market.catalog import current_converter
from market.errors import OffQuotes
from market.models import format_lots
from market.quotes.quote import LatestQuotes
from trading.enums import Cmd, LevelType
from trading.events import rounded_figures
from trading.valuation.account import Figures, Valuation
from trading.valuation.positions import Position, load_account_snapshot

TONES = {LevelType.OK: "", LevelType.MARGIN_CALL: "warn", LevelType.STOP_OUT: "bad"}


def figures_tile(request: HttpRequest, account: Account) -> list[Content]:
    """Return what the page's header does not say of the account, and what is missing in it."""
    valuation, positions = _current_valuation(account)
    values, currency = valuation.figures(positions), account.group.currency
    texts = {
        name: format_money(value, currency)
        for name, value in rounded_figures(account.group, values).items()
    }
    tone = TONES[values.level_type]
    unknown = sorted(
        {p.instrument.name for p in positions if _floating_profit(valuation, p) is None}
    )
    contents: list[Content] = [
        FigureList(
            [
                ("Floating profit", Cell(texts["profit"], tone=_profit_tone(values))),
                ("Margin", texts["margin"]),
                ("State", Cell(values.level_type.label, tone=tone)),
            ]
        )
    ]
    if unknown:
        text = f"No price of {', '.join(unknown)}: the figures leave its profit out."
        contents.append(Note(text, "warn"))
    return contents


def positions_tile(request: HttpRequest, account: Account) -> list[Content]:
    """Return the open positions with their floating profits; a dash without a price."""
    valuation, held = _current_valuation(account)
    columns = ("Order", "Symbol", "Side", "#Lots", "#Opened at", "#Price", "#Swap", "#Profit")
    rows = [_position_row(valuation, p) for p in held]
    return [Table(columns, rows, empty="No open positions.")]


def _position_row(valuation: Valuation, position: Position) -> list[Cell | str]:
    symbol, currency = position.instrument, valuation.currency
    quote, profit = valuation.quotes.get(symbol.name), _floating_profit(valuation, position)
    own = NO_VALUE if profit is None else format_money(profit, currency)
    href = reverse("admin:trading_trade_change", args=[position.order])
    return [
        Cell(str(position.order), url=href),
        symbol.name,
        str((Cmd.BUY if position.direction > 0 else Cmd.SELL).label),
        format_lots(position.volume),
        format_price(position.open_price, symbol.digits),
        format_price(quote.closing_price(position.direction) if quote else None, symbol.digits),
        format_money(position.storage, currency),
        Cell(own, tone="" if not profit else "good" if profit > 0 else "bad"),
    ]


def _current_valuation(account: Account) -> tuple[Valuation, list[Position]]:
    account_snapshot = load_account_snapshot(account)
    account.balance, account.credit, account.seq = (
        account_snapshot.balance,
        account_snapshot.credit,
        account_snapshot.seq,
    )
    valuation = Valuation(account, current_converter(), LatestQuotes())
    valuation.load_quotes(account_snapshot.positions)
    return valuation, account_snapshot.positions


def _floating_profit(valuation: Valuation, position: Position) -> Decimal | None:
    """Return the profit, None where it is unknown."""
    quote = valuation.quotes.get(position.instrument.name)
    if quote is None:
        return None
    try:
        return valuation.profit(position, quote.closing_price(position.direction)).amount
    except OffQuotes:
        return None


def _profit_tone(values: Figures) -> str:
    return "" if not values.profit else "good" if values.profit > 0 else "bad"


TILES = (
    LiveTile(
        "accounts.account", "figures", "Now", "accounts.view_account", figures_tile, wide=True
    ),
    LiveTile(
        "accounts.account",
        "positions",
        "Open positions",
        "trading.view_trade",
        positions_tile,
        wide=True,
    ),
)

"""Orders that satisfy the rules and are not yet written: to be opened, or only looked at."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounts.models import Account
from core.money import ZERO
from market import visibility
from market.models import Symbol
from market.quotes import Quote, Quotes
from trading import rules
from trading.enums import PENDING_CMDS, Cmd, Reason
from trading.models import Trade
from trading.services.locking import live_trades


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asks for, or a `dealer` for the client.

    `volume` is in minimal lots, a level of 0 stands for none.
    """

    cmd: int
    symbol: str
    volume: int
    sl: Decimal = ZERO
    tp: Decimal = ZERO
    open_price: Decimal | None = None
    expiration: int = 0
    comment: str = ""
    reason: Reason = Reason.CLIENT
    dealer: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """The unsaved trade, the quote that it was priced with, and the live ones beside it."""

    trade: Trade
    quote: Quote
    live: list[Trade]


def draft(account: Account, asked: Request, quotes: Quotes) -> Draft:
    """A pending's draft for a pending's cmd, a market order's for every other."""
    made = pending_draft if asked.cmd in PENDING_CMDS else market_draft
    return made(account, asked, quotes)


def market_draft(account: Account, asked: Request, quotes: Quotes) -> Draft:
    """A position at ask or bid; whether the free margin bears it is asked when it is admitted.

    Raises the refusals of `trading.rules`, SymbolNotFound and OffQuotes.
    """
    cmd = rules.market_cmd(asked.cmd)
    symbol, quote, live = _allowed(account, asked, cmd, quotes)
    price = quote.opening(cmd.direction)
    rules.requested_price(account, symbol, asked.open_price, price)
    rules.position_stops(symbol, cmd.direction, asked.sl, asked.tp, quote)
    return Draft(_trade(account, symbol, quote, asked, open_price=price), quote, live)


def pending_draft(account: Account, asked: Request, quotes: Quotes) -> Draft:
    """An order that waits for its price; raises what `market_draft` does."""
    cmd = rules.pending_cmd(asked.cmd)
    symbol, quote, live = _allowed(account, asked, cmd, quotes)
    price = asked.open_price or ZERO
    rules.pending_price(symbol, cmd, price, quote)
    rules.stops(symbol, cmd.direction, asked.sl, asked.tp, price, price)
    rules.expiration(asked.expiration, quote)
    trade = _trade(account, symbol, quote, asked, open_price=price, expiration=asked.expiration)
    return Draft(trade, quote, live)


def _allowed(
    account: Account, asked: Request, cmd: Cmd, quotes: Quotes
) -> tuple[Symbol, Quote, list[Trade]]:
    """What every new order must satisfy, whatever its price: its symbol, quote and neighbours."""
    symbol = visibility.found(account.group, asked.symbol)
    live = live_trades(account)
    rules.may_trade(account, dealer=asked.dealer)
    rules.may_open(account, symbol, cmd.direction, live)
    rules.volume(symbol, asked.volume)
    return symbol, rules.session_quote(account, symbol, quotes), live


def _trade(account: Account, symbol: Symbol, quote: Quote, asked: Request, **fields: Any) -> Trade:
    """The new order; it has seen all quotes up to `quote`."""
    seen = quote.number
    return Trade(
        account=account,
        symbol=symbol,
        cmd=asked.cmd,
        volume=asked.volume,
        sl=asked.sl,
        tp=asked.tp,
        comment=asked.comment,
        reason=Reason.DEALER if asked.dealer else asked.reason,
        open_time=quote.time // 1000,
        digits=symbol.digits,
        seen=seen,
        sl_seen=seen,
        tp_seen=seen,
        **fields,
    )

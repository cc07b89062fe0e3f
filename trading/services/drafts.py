"""Order requests, and orders that satisfy the rules but are not stored yet."""

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
    """An order as a client, or a `dealer` for the client, requests it.

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
    """An unsaved trade that satisfies the rules, its quote, and the account's live trades."""

    trade: Trade
    quote: Quote
    live: list[Trade]


def draft(account: Account, asked: Request, quotes: Quotes) -> Draft:
    """Check the request and return a pending order for a pending's cmd, else a position.

    Raises:
        BrokerError: what `prepare_market_order` and `prepare_pending_order` raise.
    """
    made = pending_draft if asked.cmd in PENDING_CMDS else market_draft
    return made(account, asked, quotes)


def market_draft(account: Account, asked: Request, quotes: Quotes) -> Draft:
    """Check the request and return a position at ask or bid; admission checks its margin.

    Raises the refusals of `trading.rules`, SymbolNotFound and OffQuotes.
    """
    cmd = rules.market_cmd(asked.cmd)
    symbol, quote, live = _allowed(account, asked, cmd, quotes)
    price = quote.opening(cmd.direction)
    rules.requested_price(account, symbol, asked.open_price, price)
    rules.position_stops(symbol, cmd.direction, asked.sl, asked.tp, quote)
    return Draft(_trade(account, symbol, quote, asked, open_price=price), quote, live)


def pending_draft(account: Account, asked: Request, quotes: Quotes) -> Draft:
    """Check the request and return an order that waits for its price.

    Raises what `prepare_market_order` raises.
    """
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
    """Check what holds at any price; return the symbol, its quote and the live trades."""
    symbol = visibility.found(account.group, asked.symbol)
    live = live_trades(account)
    rules.may_trade(account, dealer=asked.dealer)
    rules.may_open(account, symbol, cmd.direction, live)
    rules.volume(symbol, asked.volume)
    return symbol, rules.session_quote(account, symbol, quotes), live


def _trade(account: Account, symbol: Symbol, quote: Quote, asked: Request, **fields: Any) -> Trade:
    """Return the unsaved order, which only quotes later than `quote` can trigger."""
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

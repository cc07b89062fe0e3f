"""Order requests, and orders that satisfy the rules but are not stored yet."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from accounts.models import Account
from core.money import ZERO
from market import visibility
from market.models import Symbol
from market.quotes.quote import Quote, Quotes
from trading.enums import PENDING_CMDS, Cmd, Reason
from trading.models import Trade
from trading.services import order_rules


@dataclass(frozen=True, slots=True)
class OrderRequest:
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
class PreparedOrder:
    """An unsaved trade that satisfies the rules, its quote, and the account's live trades."""

    trade: Trade
    quote: Quote
    live: list[Trade]

    @property
    def positions(self) -> list[Trade]:
        """Return the account's open positions."""
        return [trade for trade in self.live if trade.is_position]


def prepare_order(
    account: Account, request: OrderRequest, quotes: Quotes, live: list[Trade]
) -> PreparedOrder:
    """Check the request and return a pending order for a pending's cmd, else a position.

    Raises:
        BrokerError: what `prepare_market_order` and `prepare_pending_order` raise.
    """
    prepare = prepare_pending_order if request.cmd in PENDING_CMDS else prepare_market_order
    return prepare(account, request, quotes, live)


def prepare_market_order(
    account: Account, request: OrderRequest, quotes: Quotes, live: list[Trade]
) -> PreparedOrder:
    """Check the request and return a position at ask or bid; admission checks its margin.

    Raises the refusals of `trading.services.order_rules`, SymbolNotFound and OffQuotes.
    """
    cmd = order_rules.require_market_cmd(request.cmd)
    symbol, quote = _check_new_order(account, request, cmd, quotes, live)
    price = quote.opening_price(cmd.direction)
    order_rules.check_requested_price(account, symbol, request.open_price, price)
    order_rules.check_position_stops(symbol, cmd.direction, request.sl, request.tp, quote)
    return PreparedOrder(_new_trade(account, symbol, quote, request, open_price=price), quote, live)


def prepare_pending_order(
    account: Account, request: OrderRequest, quotes: Quotes, live: list[Trade]
) -> PreparedOrder:
    """Check the request and return an order that waits for its price.

    Raises what `prepare_market_order` raises.
    """
    cmd = order_rules.require_pending_cmd(request.cmd)
    symbol, quote = _check_new_order(account, request, cmd, quotes, live)
    price = request.open_price or ZERO
    order_rules.check_pending_price(symbol, cmd, price, quote)
    order_rules.check_stops(symbol, cmd.direction, request.sl, request.tp, price, price)
    order_rules.check_expiration(request.expiration, quote)
    trade = _new_trade(
        account, symbol, quote, request, open_price=price, expiration=request.expiration
    )
    return PreparedOrder(trade, quote, live)


def _check_new_order(
    account: Account, request: OrderRequest, cmd: Cmd, quotes: Quotes, live: list[Trade]
) -> tuple[Symbol, Quote]:
    """Check what holds at any price; return the symbol and its quote."""
    symbol = visibility.require_usable_symbol(account.group, request.symbol)
    order_rules.check_may_trade(account, dealer=request.dealer)
    order_rules.check_may_open(account, symbol, cmd.direction, live)
    order_rules.check_volume(symbol, request.volume)
    return symbol, order_rules.require_session_quote(account, symbol, quotes)


def _new_trade(
    account: Account, symbol: Symbol, quote: Quote, request: OrderRequest, **fields: Any
) -> Trade:
    """Return the unsaved order, which only quotes later than `quote` can trigger."""
    last_seq_no = quote.seq_no
    return Trade(
        account=account,
        symbol=symbol,
        cmd=request.cmd,
        volume=request.volume,
        sl=request.sl,
        tp=request.tp,
        comment=request.comment,
        reason=Reason.DEALER if request.dealer else request.reason,
        open_time=quote.time // 1000,
        digits=symbol.digits,
        seen=last_seq_no,
        sl_seen=last_seq_no,
        tp_seen=last_seq_no,
        **fields,
    )

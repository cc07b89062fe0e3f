"""Order requests, and orders that satisfy the rules but are not stored yet."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from accounts.models import Account
from core.money import ZERO
from market import visibility
from market.models import Symbol
from market.quotes.quote import Quote, Quotes
from trading.enums import PENDING_CMDS, Cmd, Reason
from trading.models import Trade
from trading.services import order_rules
from trading.valuation.markup_earned import opening_markup


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


class OrderContext(NamedTuple):
    """What a request is checked against.

    `symbol` is what is stored under its name, if anything, as the account's group trades it.
    """

    account: Account
    symbol: Symbol | None
    live: list[Trade]


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


def prepare_order(context: OrderContext, request: OrderRequest, quotes: Quotes) -> PreparedOrder:
    """Check the request and return a pending order for a pending's cmd, else a position.

    Raises:
        BrokerError: what `prepare_market_order` and `prepare_pending_order` raise.
    """
    prepare = prepare_pending_order if request.cmd in PENDING_CMDS else prepare_market_order
    return prepare(context, request, quotes)


def prepare_market_order(
    context: OrderContext, request: OrderRequest, quotes: Quotes
) -> PreparedOrder:
    """Check the request and return a position at ask or bid; admission checks its margin.

    Raises the refusals of `trading.services.order_rules`, SymbolNotFound and OffQuotes.
    """
    cmd = order_rules.require_market_cmd(request.cmd)
    symbol, quote = _check_new_order(context, request, cmd, quotes)
    price = quote.opening_price(cmd.direction)
    order_rules.check_requested_price(context.account, symbol, request.open_price, price)
    order_rules.check_position_stops(symbol, cmd.direction, request.sl, request.tp, quote)
    markup = opening_markup(quote, cmd.direction)
    trade = _new_trade(
        context.account, symbol, quote, request, open_price=price, open_markup=markup
    )
    return PreparedOrder(trade, quote, context.live)


def prepare_pending_order(
    context: OrderContext, request: OrderRequest, quotes: Quotes
) -> PreparedOrder:
    """Check the request and return an order that waits for its price.

    Raises what `prepare_market_order` raises.
    """
    cmd = order_rules.require_pending_cmd(request.cmd)
    symbol, quote = _check_new_order(context, request, cmd, quotes)
    price = request.open_price or ZERO
    order_rules.check_pending_price(symbol, cmd, price, quote)
    order_rules.check_stops(symbol, cmd.direction, request.sl, request.tp, price, price)
    order_rules.check_expiration(request.expiration, quote)
    trade = _new_trade(
        context.account, symbol, quote, request, open_price=price, expiration=request.expiration
    )
    return PreparedOrder(trade, quote, context.live)


def _check_new_order(
    context: OrderContext, request: OrderRequest, cmd: Cmd, quotes: Quotes
) -> tuple[Symbol, Quote]:
    """Check what holds at any price; return the symbol and its quote."""
    account = context.account

    def is_opposite(trade: Trade) -> bool:
        return bool(trade.symbol_id == symbol.name and trade.direction != cmd.direction)

    symbol = visibility.check_usable(account.group, request.symbol, context.symbol)
    order_rules.check_may_trade(account, dealer=request.dealer)
    order_rules.check_may_open(
        account, symbol, cmd.direction, len(context.live),
        lambda: next((one.order for one in context.live if is_opposite(one)), None),
    )  # fmt: skip
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

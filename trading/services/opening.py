"""Open a market order."""

from decimal import Decimal

from accounts.models import User
from core.locks import transactional
from core.money import ZERO
from market.quotes.quote import LatestQuotes, Quotes
from realtime.events.types import EventCode
from trading.enums import Reason
from trading.models import Fill, Trade
from trading.services import order_rules
from trading.services.announce import announce_changes
from trading.services.fills import record_fill
from trading.services.order_request import OrderContext, OrderRequest, prepare_market_order
from trading.services.position_admission import admit_position
from trading.unit.locked_account import LockedAccount
from trading.unit.unit import lock_account


@transactional
def open_market(
    *,
    login: int,
    cmd: int,
    symbol: str,
    volume: int,
    sl: Decimal = ZERO,
    tp: Decimal = ZERO,
    open_price: Decimal | None = None,
    comment: str = "",
    reason: Reason = Reason.CLIENT,
    staff: User | None = None,
    quotes: Quotes | None = None,
) -> Trade:
    """Buy at ask or sell at bid, now; return the trade. `volume` is in minimal lots.

    Raises the refusals of `trading.services.order_rules`, NoMoney, SymbolNotFound and OffQuotes.
    """
    quotes = quotes or LatestQuotes()
    dealer = order_rules.is_dealer(staff)
    request = OrderRequest(
        cmd, symbol, volume, sl, tp, open_price, comment=comment, reason=reason, dealer=dealer
    )
    with lock_account(login, symbol=symbol, new_orders=1) as locked:
        return execute_open(locked, request, staff, quotes)


def execute_open(
    locked: LockedAccount, request: OrderRequest, staff: User | None, quotes: Quotes
) -> Trade:
    """Put the trade, the evidence and the events; raises what `open_market` raises."""
    quotes, symbol = locked.quotes(quotes), locked.stored_symbol(request.symbol)
    context = OrderContext(locked.account, symbol, locked.live_trades())
    prepared = prepare_market_order(context, request, quotes)
    trade, price = prepared.trade, prepared.trade.open_price
    valuation = locked.valuation(quotes, strict=True)
    rates = admit_position(valuation, trade, price, locked.sums(quotes))
    before = locked.figures(quotes, strict=True)
    trade.staff = staff
    locked.insert(trade)
    after = locked.figures(quotes)
    record_fill(
        Fill.Kind.OPEN,
        trade,
        locked,
        price=price,
        time=trade.open_time,
        quote=prepared.quote,
        before=before,
        after=after,
        **rates,
    )
    announce_changes(locked, quotes, (trade, EventCode.ADD), figures=after)
    return trade

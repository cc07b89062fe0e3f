"""Open a market order."""

from decimal import Decimal

from accounts.models import Account, User
from core.locks import transactional
from core.money import ZERO
from market.quotes.quote import LatestQuotes, Quotes
from realtime.events.types import EventCode
from trading.enums import Reason
from trading.models import Fill, Trade
from trading.services import order_rules
from trading.services.announce import announce_changes
from trading.services.fills import record_fill
from trading.services.order_request import OrderRequest, prepare_market_order
from trading.services.position_admission import admit_position, other_positions, strict_valuation
from trading.valuation.account import current_figures


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
    account = Account.objects.locked(login)
    request = OrderRequest(
        cmd, symbol, volume, sl, tp, open_price, comment=comment, reason=reason, dealer=dealer
    )
    prepared = prepare_market_order(account, request, quotes)
    trade, price = prepared.trade, prepared.trade.open_price
    valuation = strict_valuation(account, quotes)
    rates = admit_position(valuation, trade, price, prepared.live)
    before = valuation.figures(other_positions(trade, prepared.live))
    trade.staff = staff
    trade.save()
    after = current_figures(account, quotes)
    record_fill(
        Fill.Kind.OPEN, trade, account,
        price=price, time=trade.open_time, quote=prepared.quote,
        before=before, after=after, **rates,
    )  # fmt: skip
    announce_changes(account, quotes, (trade, EventCode.ADD), figures=after)
    return trade

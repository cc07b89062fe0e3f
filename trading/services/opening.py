"""Open a market order."""

from decimal import Decimal

from accounts.models import Account
from core.locks import transactional
from core.money import ZERO
from market.quotes import LatestQuotes, Quotes
from realtime.events import EventCode
from trading.announce import announce
from trading.enums import Reason
from trading.models import Fill, Trade
from trading.services.common import admit, record, valuation_of
from trading.services.drafts import Request, market_draft


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
    quotes: Quotes | None = None,
) -> Trade:
    """Buy at ask or sell at bid, now. `volume` is in minimal lots.

    Raises the refusals of `trading.rules`, NoMoney, SymbolNotFound and OffQuotes.
    """
    quotes = quotes or LatestQuotes()
    account = Account.objects.locked(login)
    asked = Request(cmd, symbol, volume, sl, tp, open_price, comment=comment, reason=reason)
    draft = market_draft(account, asked, quotes)
    trade, price = draft.trade, draft.trade.open_price
    rate = admit(valuation_of(account, quotes), trade, price, draft.live)
    trade.save()
    record(
        Fill.Kind.OPEN, trade, account,
        price=price, time=trade.open_time, quote=draft.quote, margin=rate,
    )  # fmt: skip
    announce(account, quotes, (trade, EventCode.ADD))
    return trade

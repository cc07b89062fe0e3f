"""Open a market order."""

from decimal import Decimal

from accounts.models import Account, User
from core.locks import transactional
from core.money import ZERO
from market.quotes import LatestQuotes, Quotes
from realtime.events import EventCode
from trading import rules
from trading.announce import announce
from trading.enums import Reason
from trading.models import Fill, Trade
from trading.services.common import admit, beside, valuation_of
from trading.services.drafts import Request, market_draft
from trading.services.fills import record
from trading.valuation import current


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
    """Buy at ask or sell at bid, now; return the trade.

    `volume` is in minimal lots; `staff` acts for the client.

    Raises the refusals of `trading.rules`, NoMoney, SymbolNotFound and OffQuotes.
    """
    quotes = quotes or LatestQuotes()
    dealer = rules.is_dealer(staff)
    account = Account.objects.locked(login)
    asked = Request(
        cmd, symbol, volume, sl, tp, open_price, comment=comment, reason=reason, dealer=dealer
    )
    draft = market_draft(account, asked, quotes)
    trade, price = draft.trade, draft.trade.open_price
    valuation = valuation_of(account, quotes)
    rates = admit(valuation, trade, price, draft.live)
    before = valuation.figures(beside(trade, draft.live))
    trade.staff = staff
    trade.save()
    after = current(account, quotes)
    record(
        Fill.Kind.OPEN, trade, account,
        price=price, time=trade.open_time, quote=draft.quote,
        before=before, after=after, **rates,
    )  # fmt: skip
    announce(account, quotes, (trade, EventCode.ADD), figures=after)
    return trade

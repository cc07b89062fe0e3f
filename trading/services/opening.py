"""Open a market order."""

from decimal import Decimal

from accounts.models import Account
from core.locks import transactional
from core.money import ZERO
from market.quotes import LatestQuotes, Quotes, tradable
from realtime.events import EventCode
from trading import rules
from trading.announce import announce
from trading.enums import Cmd, Reason
from trading.models import Fill, Trade
from trading.services.common import admit, draft, live_trades, record, symbol_named, valuation_of


@transactional
def open_market(
    *,
    login: int,
    cmd: Cmd,
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
    instrument = symbol_named(symbol)
    live = live_trades(account)
    rules.may_trade(account)
    rules.may_open(account, instrument, cmd.direction, live)
    rules.volume(instrument, volume)
    quote = tradable(instrument, quotes)
    price = quote.opening(cmd.direction)
    rules.requested_price(account, instrument, open_price, price)
    rules.position_stops(instrument, cmd.direction, sl, tp, quote)
    order = {"cmd": cmd, "volume": volume, "open_price": price, "sl": sl, "tp": tp}
    trade = draft(account, instrument, quote, **order, comment=comment, reason=reason)
    rate = admit(valuation_of(account, quotes), trade, price, live)
    trade.save()
    record(
        Fill.Kind.OPEN, trade, account, price=price, time=trade.open_time, quote=quote, margin=rate
    )
    announce(account, quotes, (trade, EventCode.ADD))
    return trade

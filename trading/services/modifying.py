"""Change the levels of a position or a pending order."""

from decimal import Decimal

from accounts.models import Account, User
from core.locks import transactional
from core.money import ZERO
from market.quotes import LatestQuotes, Quote, Quotes
from realtime.events import EventCode
from trading import errors, rules
from trading.announce import announce
from trading.enums import State
from trading.models import Trade
from trading.services.common import locked_trade

COLUMNS = [
    "open_price",
    "sl",
    "tp",
    "expiration",
    "seen",
    "sl_seen",
    "tp_seen",
    "waiting",
    "revision",
]


@transactional
def modify_position(
    *,
    login: int,
    order: int,
    sl: Decimal | None = None,
    tp: Decimal | None = None,
    staff: User | None = None,
    quotes: Quotes | None = None,
) -> Trade:
    """Set the levels that are given; 0 clears one. Only those are checked against the price.

    `staff` acts for the client.
    """
    quotes = quotes or LatestQuotes()
    dealer = rules.is_dealer(staff)
    account = Account.objects.locked(login)
    trade, symbol = locked_trade(account, order, errors.ModifyForeign)
    _check(account, trade, dealer)
    if not trade.is_position:
        raise errors.IncorrectCmd("the order is a pending one")
    quote = rules.session_quote(account, symbol, quotes)
    rules.not_frozen(symbol, trade, quote, dealer=dealer)
    rules.position_stops(symbol, trade.direction, sl or ZERO, tp or ZERO, quote)
    _set_levels(trade, sl, tp, quote)
    return _save(account, trade, quotes)


@transactional
def modify_pending(
    *,
    login: int,
    order: int,
    open_price: Decimal | None = None,
    sl: Decimal | None = None,
    tp: Decimal | None = None,
    expiration: int | None = None,
    staff: User | None = None,
    quotes: Quotes | None = None,
) -> Trade:
    """Set what is given; the pending's own levels are measured from its price.

    `staff` acts for the client.
    """
    quotes = quotes or LatestQuotes()
    dealer = rules.is_dealer(staff)
    account = Account.objects.locked(login)
    trade, symbol = locked_trade(account, order, errors.ModifyForeign)
    _check(account, trade, dealer)
    if not trade.is_pending:
        raise errors.IncorrectCmd("the order is not a pending one")
    quote = rules.session_quote(account, symbol, quotes)
    rules.not_frozen(symbol, trade, quote, dealer=dealer)
    if open_price not in (None, trade.open_price):
        rules.pending_price(symbol, trade.kind, open_price, quote)
        trade.open_price, trade.seen, trade.waiting = open_price, quote.number, False
    _set_levels(trade, sl, tp, quote)
    rules.stops(symbol, trade.direction, trade.sl, trade.tp, trade.open_price, trade.open_price)
    if expiration is not None:
        rules.expiration(expiration, quote)
        trade.expiration = expiration
    return _save(account, trade, quotes)


def _check(account: Account, trade: Trade, dealer: bool) -> None:
    rules.may_trade(account, dealer=dealer)
    if trade.state != State.OPEN:
        raise errors.IncorrectState


def _set_levels(trade: Trade, sl: Decimal | None, tp: Decimal | None, quote: Quote) -> None:
    """A level that stays, also one sent again, keeps the quotes it has still to be judged by."""
    if sl not in (None, trade.sl):
        trade.sl, trade.sl_seen = sl, quote.number
    if tp not in (None, trade.tp):
        trade.tp, trade.tp_seen = tp, quote.number


def _save(account: Account, trade: Trade, quotes: Quotes) -> Trade:
    trade.revision += 1
    trade.save(update_fields=COLUMNS)
    announce(account, quotes, (trade, EventCode.UPDATE))
    return trade

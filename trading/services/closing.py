"""Close a position, whole or in part."""

from dataclasses import dataclass
from decimal import Decimal

from accounts.models import Account, User
from core.fields import PRICE_DECIMALS
from core.locks import transactional
from core.money import ZERO, cents, rounded
from market.quotes import LatestQuotes, Quote, Quotes
from realtime.events import EventCode
from trading import errors, ledger, pieces, rules
from trading.announce import announce
from trading.enums import Activation, State
from trading.evidence import Witness
from trading.models import Fill, Trade
from trading.services.common import valuation_of
from trading.services.fills import record
from trading.services.locking import lock_open_order
from trading.services.protection import protect

SPLIT = ["volume", "closed_volume", "realized", "commission", "storage", "revision"]


@dataclass(frozen=True, slots=True)
class Closing:
    """The price, time (unix seconds) and cause of a close.

    `check_seq_no` is the sequence number of the quote at which a margin check demanded the
    close, where that was another one than `quote`; `staff` is who closes it for the client.
    """

    price: Decimal
    time: int
    quote: Quote
    activation: Activation = Activation.NONE
    comment: str = ""
    looked_at: int = 0
    staff: User | None = None


@transactional
def close(
    *,
    login: int,
    order: int,
    volume: int | None = None,
    comment: str = "",
    staff: User | None = None,
    quotes: Quotes | None = None,
) -> Trade:
    """Close at the quote's closing side; `staff` acts for the client.

    `volume` is in minimal lots, None closes the whole. Returns the closed row: the trade,
    or the new row of the part.

    Raises:
        TradeNotFound, Denied, ReadOnly, IncorrectState, IncorrectCmd, BadVolume,
        ProhibitedByFifo, TradeDisabled, MarketClosed, OffQuotes, OrderLocked.
    """
    quotes = quotes or LatestQuotes()
    account, trade, symbol, dealer = lock_open_order(
        login, order, staff, check_account=rules.may_reduce
    )
    if not trade.is_position:
        raise errors.IncorrectCmd("a pending order is cancelled, not closed")
    lots = trade.volume if volume is None else volume
    rules.closing_volume(symbol, trade.volume, lots)
    rules.first_in_first_out(account, trade)
    quote = rules.session_quote(account, symbol, quotes)
    rules.not_frozen(symbol, trade, quote, dealer=dealer)
    price = quote.closing(trade.direction)
    closing = Closing(price, quote.time // 1000, quote, comment=comment, staff=staff)
    return carry_out(account, trade, lots, closing, quotes)


def carry_out(account: Account, trade: Trade, lots: int, closing: Closing, quotes: Quotes) -> Trade:
    """Write the close: the row, the evidence, the balance, the events. All rows are locked.

    The profit is computed from the price as the row stores it, so that the row proves it.
    Returns the closed row.
    """
    price = rounded(closing.price, PRICE_DECIMALS)
    witness = Witness(account, quotes)
    result = valuation_of(account, quotes).profit(trade, price, lots)
    share = pieces.share(trade.realized, result.amount, account.group.currency)
    partial = lots < trade.volume
    closed = split(account, trade, lots, share.realized) if partial else trade
    closed.state = State.CLOSED_PART if partial else State.CLOSED
    closed.close_price, closed.close_time = price, closing.time
    closed.activation = closing.activation
    closed.seen = max(closed.seen, closing.quote.number, closing.looked_at)
    closed.comment = closing.comment or closed.comment
    if closing.staff is not None:
        closed.staff = closing.staff
    closed.profit = share.profit
    closed.revision += 1
    closed.save()
    ledger.book(account, closed)
    after = witness.after(trade)
    record(
        Fill.Kind.CLOSE, closed, account,
        price=price, time=closing.time, quote=closing.quote,
        before=witness.before, after=after, profit=result.rate,
    )  # fmt: skip
    changes = [(closed, EventCode.CLOSE)]
    if partial:
        changes.append((trade, EventCode.UPDATE))
    announce(account, quotes, *changes, figures=after)
    protect(account, quotes, closing.time, closing.quote)
    return closed


def split(account: Account, trade: Trade, lots: int, realized: Decimal) -> Trade:
    """Take a part out of the position, with its share of storage and commission.

    `realized` is the unrounded profit of all parts so far; it stays with the position.
    Returns the new, unsaved row of the part.
    """
    currency = account.group.currency
    piece = Trade.objects.get(pk=trade.order)
    piece.pk, piece.parent, piece.symbol = None, trade, trade.symbol
    piece.volume, piece.closed_volume, piece.realized = lots, 0, ZERO
    for name in ("commission", "storage"):
        whole: Decimal = getattr(trade, name)
        share = cents(whole * lots / trade.volume, currency)
        setattr(piece, name, share)
        setattr(trade, name, whole - share)
    trade.volume -= lots
    trade.closed_volume += lots
    trade.realized = realized
    trade.revision += 1
    trade.save(update_fields=SPLIT)
    return piece

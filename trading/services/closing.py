"""Close a position, whole or in part."""

from dataclasses import dataclass
from decimal import Decimal

from accounts.models import Account, User
from core.fields import PRICE_DECIMALS
from core.locks import transactional
from core.money import ZERO, round_amount, round_to_currency
from market.quotes.quote import LatestQuotes, Quote, Quotes
from realtime.events.types import EventCode
from trading import errors
from trading.enums import Activation, State
from trading.evidence.figures import BeforeAfterFigures
from trading.models import Fill, Trade
from trading.services import ledger, order_rules
from trading.services.announce import announce_changes
from trading.services.fills import record_fill
from trading.services.locking import lock_open_order
from trading.services.negative_balance import protect_negative_balance
from trading.services.position_admission import strict_valuation
from trading.valuation import partial_close

SPLIT_FIELDS = ["volume", "closed_volume", "realized", "commission", "storage", "revision"]


@dataclass(frozen=True, slots=True)
class CloseDecision:
    """The price, time (unix seconds) and cause of a close.

    `check_seq_no` is the sequence number of the quote at which a margin check demanded the
    close, where that was another one than `quote`; `staff` is who closes it for the client.
    """

    price: Decimal
    time: int
    quote: Quote
    activation: Activation = Activation.NONE
    comment: str = ""
    check_seq_no: int = 0
    staff: User | None = None


@transactional
def close_position(
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
        login, order, staff, check_account=order_rules.check_may_reduce
    )
    if not trade.is_position:
        raise errors.IncorrectCmd("a pending order is cancelled, not closed")
    lots = trade.volume if volume is None else volume
    order_rules.check_closing_volume(symbol, trade.volume, lots)
    order_rules.check_fifo(account, trade)
    quote = order_rules.require_session_quote(account, symbol, quotes)
    order_rules.check_not_frozen(symbol, trade, quote, dealer=dealer)
    price = quote.closing_price(trade.direction)
    decision = CloseDecision(price, quote.time // 1000, quote, comment=comment, staff=staff)
    return execute_close(account, trade, lots, decision, quotes)


def execute_close(
    account: Account, trade: Trade, lots: int, decision: CloseDecision, quotes: Quotes
) -> Trade:
    """Write the close: the row, the evidence, the balance, the events. All rows are locked.

    The profit is computed from the price as the row stores it, so that the row proves it.
    Returns the closed row.
    """
    price = round_amount(decision.price, PRICE_DECIMALS)
    before_after = BeforeAfterFigures(account, quotes)
    result = strict_valuation(account, quotes).profit(trade, price, lots)
    share = partial_close.realised_share(trade.realized, result.amount, account.group.currency)
    partial = lots < trade.volume
    closed = split_position(account, trade, lots, share.realized) if partial else trade
    closed.state = State.CLOSED_PART if partial else State.CLOSED
    closed.close_price, closed.close_time = price, decision.time
    closed.activation = decision.activation
    closed.seen = max(closed.seen, decision.quote.seq_no, decision.check_seq_no)
    closed.comment = decision.comment or closed.comment
    if decision.staff is not None:
        closed.staff = decision.staff
    closed.profit = share.profit
    closed.revision += 1
    closed.save()
    ledger.post_to_account(account, closed)
    after = before_after.after(trade)
    record_fill(
        Fill.Kind.CLOSE, closed, account,
        price=price, time=decision.time, quote=decision.quote,
        before=before_after.before, after=after, profit=result.rate,
    )  # fmt: skip
    changes = [(closed, EventCode.CLOSE)]
    if partial:
        changes.append((trade, EventCode.UPDATE))
    announce_changes(account, quotes, *changes, figures=after)
    protect_negative_balance(account, quotes, decision.time, decision.quote)
    return closed


def split_position(account: Account, trade: Trade, lots: int, realized: Decimal) -> Trade:
    """Take a part out of the position, with its share of storage and commission.

    `realized` is the unrounded profit of all parts so far; it stays with the position.
    Returns the new, unsaved row of the part.
    """
    currency = account.group.currency
    part = Trade.objects.get(pk=trade.order)
    part.pk, part.parent, part.symbol = None, trade, trade.symbol
    part.volume, part.closed_volume, part.realized = lots, 0, ZERO
    for name in ("commission", "storage"):
        whole: Decimal = getattr(trade, name)
        share = round_to_currency(whole * lots / trade.volume, currency)
        setattr(part, name, share)
        setattr(trade, name, whole - share)
    trade.volume -= lots
    trade.closed_volume += lots
    trade.realized = realized
    trade.revision += 1
    trade.save(update_fields=SPLIT_FIELDS)
    return part

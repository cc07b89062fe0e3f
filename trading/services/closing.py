"""Close a position, whole or in part, or many of an account."""

from dataclasses import dataclass
from decimal import Decimal

from accounts.models import User
from core.fields import PRICE_DECIMALS
from core.locks import transactional
from core.money import ZERO, round_amount, round_to_currency
from market.quotes.quote import LatestQuotes, Quote, Quotes
from realtime.events.types import EventCode
from trading import errors
from trading.enums import Activation, ProfitFilter, State
from trading.models import Fill, Trade
from trading.services import ledger, order_rules
from trading.services.announce import announce_changes
from trading.services.fills import record_fill
from trading.services.live_orders import BulkResult, OpenOrder, decide_each, require_open_order
from trading.services.negative_balance import protect_negative_balance
from trading.unit.locked_account import LockedAccount
from trading.unit.trade_rows import copy_trade
from trading.unit.unit import lock_account
from trading.valuation import partial_close
from trading.valuation.markup_earned import share_of_markup


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
    with lock_account(login, order=order, new_orders=int(volume is not None)) as locked:
        open_order = require_open_order(
            locked, order, staff, check_account=order_rules.check_may_reduce
        )
        return _decide_close(locked, open_order, quotes, comment, volume=volume, staff=staff)


@transactional
def close_positions(
    *,
    login: int,
    which: ProfitFilter = ProfitFilter.ALL,
    symbol: str = "",
    comment: str = "",
    staff: User | None = None,
    quotes: Quotes | None = None,
) -> BulkResult:
    """Close the account's positions, those of `symbol` or of all, oldest first.

    All are decided under one lock, each by the rules of `close_position`: one that cannot be
    closed is left out. `which` goes by the floating profit before the first close, as clients
    see it; `staff` acts for the client.

    Raises:
        ReadOnly: the account is read-only.
        Denied: `staff` is no staff member.
    """
    quotes = quotes or LatestQuotes()
    with lock_account(login) as locked:
        return decide_closes(
            locked, quotes, which=which, symbol=symbol, comment=comment, staff=staff
        )


def decide_closes(
    locked: LockedAccount,
    quotes: Quotes,
    *,
    which: ProfitFilter = ProfitFilter.ALL,
    symbol: str = "",
    comment: str = "",
    staff: User | None = None,
) -> BulkResult:
    """Decide to close a locked account's positions, as `close_positions` documents."""
    dealer = order_rules.is_dealer(staff)
    order_rules.check_may_reduce(locked.account, dealer=dealer)
    profits = _rounded_profits(locked, quotes)
    matched = [
        trade
        for trade in locked.open_positions()
        if symbol in ("", trade.symbol_id) and which.includes(profits[trade.order])
    ]
    matched.sort(key=lambda trade: (trade.open_time, trade.order))
    return decide_each(
        locked,
        matched,
        lambda order: _decide_close(locked, order, quotes, comment, staff=staff),
        dealer=dealer,
    )


def _rounded_profits(locked: LockedAccount, quotes: Quotes) -> dict[int, Decimal]:
    """Return the floating profits as clients see them: 0 where the price is not known."""
    valuation, currency = locked.valuation(quotes), locked.account.group.currency
    return {
        position.order: round_to_currency(valuation.floating_profit(position), currency)
        for position in locked.positions
    }


def _decide_close(
    locked: LockedAccount,
    order: OpenOrder,
    quotes: Quotes,
    comment: str,
    *,
    volume: int | None = None,
    staff: User | None = None,
) -> Trade:
    """Close the order at the quote's closing side, as `close_position` documents."""
    trade, symbol, dealer = order
    quotes = locked.quotes(quotes)
    if not trade.is_position:
        raise errors.IncorrectCmd("a pending order is cancelled, not closed")
    lots = trade.volume if volume is None else volume
    order_rules.check_closing_volume(symbol, trade.volume, lots)
    order_rules.check_fifo(locked.account, lambda: locked.find_older(trade))
    quote = order_rules.require_session_quote(locked.account, symbol, quotes)
    order_rules.check_not_frozen(symbol, trade, quote, dealer=dealer)
    price = quote.closing_price(trade.direction)
    decision = CloseDecision(price, quote.time // 1000, quote, comment=comment, staff=staff)
    return execute_close(locked, trade, lots, decision, quotes)[0]


def execute_close(
    locked: LockedAccount, trade: Trade, lots: int, decision: CloseDecision, quotes: Quotes
) -> tuple[Trade, Fill]:
    """Put the close: the row, the evidence, the balance, the events.

    The profit is computed from the price as the row stores it, so that the row proves it.
    Returns the closed row and the evidence.
    """
    price = round_amount(decision.price, PRICE_DECIMALS)
    before = locked.figures(quotes)
    result = locked.valuation(quotes, strict=True).profit(trade, price, lots)
    currency = locked.account.group.currency
    share = partial_close.realised_share(trade.realized, result.amount, currency)
    markup = share_of_markup(trade, lots, decision.quote, result.rate.value, currency)
    partial = lots < trade.volume
    closed = split_position(locked, trade, lots, share, markup) if partial else trade
    closed.state = State.CLOSED_PART if partial else State.CLOSED
    closed.close_price, closed.profit, closed.markup = price, share.profit, markup.profit
    _set_cause(closed, decision)
    if partial:
        locked.insert(closed)
    else:
        locked.update(closed)
    ledger.post_to_account(locked, closed)
    after = locked.figures(quotes)
    fill = record_fill(
        Fill.Kind.CLOSE, closed, locked,
        price=price, time=decision.time, quote=decision.quote,
        before=before, after=after, profit=result.rate,
    )  # fmt: skip
    changes = [(closed, EventCode.CLOSE)]
    if partial:
        changes.append((trade, EventCode.UPDATE))
    announce_changes(locked, quotes, *changes, figures=after)
    protect_negative_balance(locked, quotes, decision.time, decision.quote)
    return closed, fill


def _set_cause(closed: Trade, decision: CloseDecision) -> None:
    """Set when, by what and by whom the row was closed."""
    closed.close_time, closed.activation = decision.time, decision.activation
    closed.seen = max(closed.seen, decision.quote.seq_no, decision.check_seq_no)
    closed.comment = decision.comment or closed.comment
    if decision.staff is not None:
        closed.staff = decision.staff
    closed.revision += 1


def split_position(
    locked: LockedAccount,
    trade: Trade,
    lots: int,
    share: partial_close.RealisedShare,
    markup: partial_close.RealisedShare,
) -> Trade:
    """Take a part out of the position, with its share of storage and commission.

    The unrounded profit and mark-up of all parts so far stay with the position. Returns the
    row of the part, which is not put yet.
    """
    currency = locked.account.group.currency
    part = copy_trade(trade)
    part.parent = trade
    part.volume, part.closed_volume, part.realized, part.realized_markup = lots, 0, ZERO, ZERO
    for name in ("commission", "storage"):
        whole: Decimal = getattr(trade, name)
        own = round_to_currency(whole * lots / trade.volume, currency)
        setattr(part, name, own)
        setattr(trade, name, whole - own)
    trade.volume -= lots
    trade.closed_volume += lots
    trade.realized, trade.realized_markup = share.realized, markup.realized
    trade.revision += 1
    locked.update(trade)
    return part

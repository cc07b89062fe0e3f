"""The rules that an order must satisfy; each raises the error that clients get.

A `dealer` acts for the client, also where the client may not: a read-only account, a group
that does not trade, the freeze level. The rules of market and account bind a dealer like
the client.
"""

from collections.abc import Callable
from decimal import Decimal

from accounts.models import Account, User
from core.clock import LAST_TIME, now
from core.errors import Denied, Invalid
from market.enums import ExecutionMode, MarketReason, TradeMode
from market.errors import OffQuotes
from market.group_quotes import quotes_of_group
from market.models import Symbol
from market.quotes.quote import Quote, Quotes, require_tradable_quote
from market.sessions import state
from trading import errors, refusals
from trading.enums import LIMIT_CMDS, MARKET_CMDS, PENDING_CMDS, Cmd
from trading.models import Trade

FindOrder = Callable[[], int | None]


def require_market_cmd(cmd: int) -> Cmd:
    """Return the cmd of an order that opens now. Raises IncorrectCmd."""
    if cmd not in MARKET_CMDS:
        raise errors.IncorrectCmd("cmd must be 0 or 1")
    return Cmd(cmd)


def require_pending_cmd(cmd: int) -> Cmd:
    """Return the cmd of an order that waits for its price. Raises IncorrectPendingCmd."""
    if cmd not in PENDING_CMDS:
        raise errors.IncorrectPendingCmd
    return Cmd(cmd)


def is_dealer(staff: User | None) -> bool:
    """Return whether a member of staff acts and not the client (None).

    Raises:
        Denied: `staff` is a user who is not staff.
    """
    if staff is not None and not staff.is_staff:
        raise Denied("only staff act for a client")
    return staff is not None


def check_may_reduce(account: Account, *, dealer: bool = False) -> None:
    """Refuse to close or cancel in a read-only account, unless a dealer acts. Raises ReadOnly."""
    if account.enable_read_only and not dealer:
        raise errors.ReadOnly


def check_may_trade(account: Account, *, dealer: bool = False) -> None:
    """Refuse to trade in a read-only account or a disabled group, unless a dealer acts.

    Raises:
        ReadOnly, TradeDisabled.
    """
    check_may_reduce(account, dealer=dealer)
    if dealer:
        return
    if not (account.group.enabled and account.group.trade_enabled):
        raise errors.TradeDisabled("the group does not trade")


def check_may_open(
    account: Account, symbol: Symbol, direction: int, live: int, find_opposite: FindOrder
) -> None:
    """Refuse a new order that the symbol or the account's live orders do not allow.

    `live` is their number; `find_opposite` returns one of this symbol on the other side.

    Raises:
        TradeDisabled, LongOnly, TooManyOrders, HedgeProhibited.
    """
    if symbol.trade != TradeMode.FULL:
        raise refusals.not_opened(symbol)
    if symbol.long_only and direction < 0:
        raise refusals.bought_only(symbol)
    if live >= account.group.max_positions:
        raise refusals.too_many_orders(account.group, live)
    opposite = None if account.group.hedge_allowed else find_opposite()
    if opposite is not None:
        raise refusals.opposite_position(account.group, opposite)


def check_market_open(account: Account, symbol: Symbol, time: float) -> None:
    """Refuse when the account's group cannot trade the symbol at `time` (unix seconds).

    Raises:
        TradeDisabled: the symbol is not traded.
        MarketClosed: its market is closed.
    """
    _, reason = state.market_state_of(symbol, account.group, time)
    if reason is MarketReason.DISABLED:
        raise errors.TradeDisabled(f"{symbol.name} is not traded")
    if reason is not MarketReason.NONE:
        raise refusals.market_closed(symbol, account.group, time, reason)


def require_session_quote(account: Account, symbol: Symbol, quotes: Quotes) -> Quote:
    """Return the quote that a request is checked against and filled at, as the account sees it.

    The clock decides whether the market is open. A quote from before its opening belongs to
    no session: the first tradable price is yet to come.

    Raises:
        TradeDisabled, MarketClosed: the market is not open.
        OffQuotes: there is no quote of this session, or it is stale.
    """
    check_market_open(account, symbol, now())
    quote = require_tradable_quote(symbol, quotes_of_group(quotes, account.group))
    if not state.is_open(symbol, account.group, quote.time / 1000):
        raise OffQuotes(f"there is no quote of {symbol.name} in this session yet")
    return quote


def check_volume(symbol: Symbol, lots: int) -> None:
    """Refuse a volume outside the symbol's bounds or off its step. Raises BadVolume."""
    if not symbol.lot_min <= lots <= symbol.lot_max:
        raise refusals.volume_outside(symbol.lot_min, symbol.lot_max)
    if lots % symbol.lot_step:
        raise refusals.volume_off_step(symbol.lot_step)


def partial_close_volumes(symbol: Symbol, open_volume: int) -> range:
    """Return the volumes that a partial close may have, in minimal lots.

    Only what remains is checked: at least `lot_min`, and on the step. The closed part may
    be of any size, so that no limit changed after the open prevents a reduction: a position
    that is off a new step is brought back onto it. The whole can always be closed
    (domain.md, section 1).
    """
    step = symbol.lot_step
    least = -(-symbol.lot_min // step) * step
    return range(open_volume % step or step, open_volume - least + 1, step)


def check_closing_volume(symbol: Symbol, open_volume: int, lots: int) -> None:
    """Refuse to close anything but the whole or one of the `partial_close_volumes`.

    Raises:
        BadVolume.
    """
    if not 0 < lots <= open_volume:
        raise refusals.volume_outside(1, open_volume)
    if lots < open_volume and lots not in partial_close_volumes(symbol, open_volume):
        raise refusals.bad_remainder(symbol)


def check_fifo(account: Account, find_older: FindOrder) -> None:
    """Refuse in a FIFO group to close a position before an older one of its symbol and side.

    Only for requests: stop losses, take profits and stop-outs close what they reach. Raises
    ProhibitedByFifo.
    """
    older = find_older() if account.group.fifo else None
    if older is not None:
        raise refusals.older_first(account.group, older)


def check_price_grid(symbol: Symbol, name: str, price: Decimal, error: type[Invalid]) -> None:
    """Refuse a price that is not a multiple of the symbol's tick; raises `error`."""
    if price % symbol.tick:
        raise refusals.off_grid(symbol, name, error)


def check_stops(
    symbol: Symbol, direction: int, sl: Decimal, tp: Decimal, sl_side: Decimal, tp_side: Decimal
) -> None:
    """Refuse an SL or TP that `check_stop` refuses, each measured from its side's price."""
    check_stop(symbol, direction, "sl", sl, sl_side)
    check_stop(symbol, direction, "tp", tp, tp_side)


def check_stop(
    symbol: Symbol, direction: int, name: str, level: Decimal | None, price: Decimal
) -> None:
    """Refuse a level on the wrong side of the price, too close to it or off the grid.

    `name` is "sl" or "tp"; 0 and None are no level. Raises InvalidStops, BadStops.
    """
    if not level:
        return
    check_price_grid(symbol, name, level, errors.InvalidStops)
    towards = price - level if name == "sl" else level - price
    check_stop_distance(symbol, name, direction * towards)


def check_unchanged_stops(
    symbol: Symbol, direction: int, sl: Decimal, tp: Decimal, before: Decimal, after: Decimal
) -> None:
    """Refuse to move a pending's price from `before` to `after` too close to levels that stay.

    It may move away from a level always, towards it as far as a new one could be set; 0 is
    none. Raises InvalidStops, BadStops.
    """
    towards = direction * (after - before)
    if sl and towards < 0:
        check_stop_distance(symbol, "sl", direction * (after - sl))
    if tp and towards > 0:
        check_stop_distance(symbol, "tp", direction * (tp - after))


def check_stop_distance(symbol: Symbol, name: str, distance: Decimal) -> None:
    """Refuse a level by its distance from the price, which is negative on the wrong side.

    Raises:
        InvalidStops: it is on the wrong side.
        BadStops: it is closer than the stops level.
    """
    if distance <= 0:
        raise refusals.stop_on_wrong_side(symbol, name, distance)
    if distance < symbol.stops_level * symbol.point:
        raise refusals.stop_too_close(symbol, name, distance)


def check_position_stops(
    symbol: Symbol, direction: int, sl: Decimal, tp: Decimal, quote: Quote
) -> None:
    """Refuse a position's SL or TP, measured from the side of the quote that closes it.

    Raises:
        InvalidStops, BadStops.
    """
    price = quote.closing_price(direction)
    check_stops(symbol, direction, sl, tp, price, price)


def activation_distance(cmd: Cmd, price: Decimal, quote: Quote) -> Decimal:
    """Return how far the market is from activating a pending: positive until it is reached."""
    market = quote.opening_price(cmd.direction)
    below = (cmd in LIMIT_CMDS) == (cmd.direction > 0)
    return market - price if below else price - market


def check_pending_price(symbol: Symbol, cmd: Cmd, price: Decimal, quote: Quote) -> None:
    """Refuse a pending's price off the grid, on the wrong side of the market or too close.

    Raises:
        BadPrices.
    """
    if price <= 0:
        raise errors.BadPrices("open_price must be above 0")
    check_price_grid(symbol, "open_price", price, errors.BadPrices)
    distance = activation_distance(cmd, price, quote)
    if distance <= 0 or distance < symbol.stops_level * symbol.point:
        raise refusals.pending_price_off(symbol, quote.opening_price(cmd.direction))


def check_expiration(time: int, quote: Quote) -> None:
    """Refuse an expiration (unix seconds, 0: never) that is past or not a time.

    The source's time of the quote decides what is past. Raises ExpirationDenied.
    """
    if time > LAST_TIME:
        raise errors.ExpirationDenied(f"expiration must be unix seconds up to {LAST_TIME}")
    if time and time * 1000 <= quote.time:
        raise errors.ExpirationDenied(form_message="Expires (UTC) is in the past.")


def check_requested_price(
    account: Account, symbol: Symbol, requested: Decimal | None, price: Decimal
) -> None:
    """Refuse a price further from `requested` than the group's deviation (instant execution).

    Raises:
        Requote.
    """
    if symbol.exemode != ExecutionMode.INSTANT or not requested:
        return
    if abs(price - requested) > account.group.max_deviation * symbol.point:
        raise errors.Requote


def check_not_frozen(symbol: Symbol, trade: Trade, quote: Quote, *, dealer: bool = False) -> None:
    """Refuse if one of the order's triggers is inside the freeze level, unless a dealer acts.

    Raises:
        OrderLocked.
    """
    frozen = symbol.freeze_level * symbol.point
    near = (distance <= frozen for distance in trigger_distances(trade, quote))
    if frozen and not dealer and any(near):
        raise errors.OrderLocked


def trigger_distances(trade: Trade, quote: Quote) -> list[Decimal]:
    """Return how far the market is from the order's SL and TP, or from a pending's price."""
    if trade.is_pending:
        return [activation_distance(trade.kind, trade.open_price, quote)]
    price = quote.closing_price(trade.direction)
    return [abs(price - level) for level in (trade.sl, trade.tp) if level]

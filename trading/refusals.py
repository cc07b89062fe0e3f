"""Refusals of orders with what they say to clients of the API and to people at a form.

A route takes minimal lots and is told its names (`sl`); a form takes lots and has labels.
"""

from decimal import Decimal

from accounts.models import Group
from core.clock import utc_text
from core.errors import Invalid
from market.enums import MarketReason, TradeMode
from market.errors import MarketClosed
from market.models import Symbol, format_lots
from market.sessions import timetable
from market.sessions.next_change import status_of_hours
from trading import errors

LABELS = {"sl": "Stop loss", "tp": "Take profit", "open_price": "Price"}


def market_closed(symbol: Symbol, group: Group, time: float, reason: MarketReason) -> MarketClosed:
    """Return the refusal of what needs an open market, at `time` (unix seconds).

    It names the next opening for the group's accounts, where one is in sight.
    """
    hours = timetable.current_timetable().hours_of(symbol, group)
    opening = status_of_hours(hours, time).until
    until = "" if opening is None else f", until {utc_text(int(opening))[:-3]} UTC"
    return MarketClosed(f"the market of {symbol.name} is closed: {reason.label}{until}")


def volume_outside(least: int, most: int) -> errors.BadVolume:
    """Return the refusal of a volume that is not within the bounds, in minimal lots."""
    return errors.BadVolume(
        f"volume must be from {least} to {most}",
        form_message=f"Lots must be from {format_lots(least)} to {format_lots(most)}.",
    )


def volume_off_step(step: int) -> errors.BadVolume:
    """Return the refusal of a volume that is no multiple of the step, in minimal lots."""
    return errors.BadVolume(
        f"volume must be a multiple of {step}",
        form_message=f"Lots must be a multiple of {format_lots(step)}.",
    )


def bad_remainder(symbol: Symbol) -> errors.BadVolume:
    """Return the refusal of a partial close that leaves what the symbol does not allow."""
    least, step = symbol.lot_min, symbol.lot_step
    return errors.BadVolume(
        f"volume must leave 0, or at least {least} and a multiple of {step}",
        form_message=(
            f"Lots to close must leave nothing, or at least {format_lots(least)} lots "
            f"and a multiple of {format_lots(step)}."
        ),
    )


def off_grid(symbol: Symbol, name: str, error: type[Invalid]) -> Invalid:
    """Return the refusal of a price that is no multiple of the symbol's tick."""
    tick = f"{symbol.tick.normalize():f}"
    return error(
        f"{name} must be a multiple of {tick}",
        form_message=f"{LABELS[name]} must be a multiple of {tick}.",
        field=name,
    )


def stop_on_wrong_side(symbol: Symbol, name: str, distance: Decimal) -> errors.InvalidStops:
    """Return the refusal of a level at a `distance` from the price that is not above 0."""
    points = f"{-distance / symbol.point:,.0f}"
    where = f", by {points} points" if distance else ": it is at the price"
    return errors.InvalidStops(
        f"{name} is on the wrong side of the price",
        form_message=f"{LABELS[name]} is on the wrong side of the price{where}.",
        field=name,
    )


def stop_too_close(symbol: Symbol, name: str, distance: Decimal) -> errors.BadStops:
    """Return the refusal of a level that is closer to the price than the stops level."""
    least = symbol.stops_level
    return errors.BadStops(
        f"{name} must be {least} points away",
        form_message=(
            f"{LABELS[name]} must be {least} points away from the price: "
            f"it is {distance / symbol.point:,.0f}."
        ),
        field=name,
    )


def pending_price_off(symbol: Symbol, market: Decimal) -> errors.BadPrices:
    """Return the refusal of a pending's price; `market` is the price that it is compared with."""
    return errors.BadPrices(
        "open_price is on the wrong side of the market or too close to it",
        form_message=(
            f"Price is on the wrong side of the market, which is at {market:.{symbol.digits}f}, "
            f"or closer to it than {symbol.stops_level} points."
        ),
    )


def no_money(free_margin: Decimal, currency: str) -> errors.NoMoney:
    """Return the refusal of a position; `free_margin` is what would be left, below 0."""
    return errors.NoMoney(
        form_message=(
            f"The free margin does not suffice: it would be {free_margin:,.2f} {currency}."
        )
    )


def not_opened(symbol: Symbol) -> errors.TradeDisabled:
    """Return the refusal of a new order in a symbol that is not traded, or closed only."""
    mode = TradeMode(symbol.trade).label
    return errors.TradeDisabled(
        f"{symbol.name} cannot be opened",
        form_message=f"{symbol.name} cannot be opened: its trading is set to “{mode}”.",
    )


def bought_only(symbol: Symbol) -> errors.LongOnly:
    """Return the refusal to sell what can only be bought."""
    return errors.LongOnly(form_message=f"{symbol.name} can only be bought.")


def too_many_orders(group: Group, count: int) -> errors.TooManyOrders:
    """Return the refusal of an order beyond the maximum of the group."""
    return errors.TooManyOrders(
        form_message=(
            f"The account has {count:,} orders, open and pending: "
            f"group {group.name} allows {group.max_positions:,}."
        )
    )


def opposite_position(group: Group, order: int) -> errors.HedgeProhibited:
    """Return the refusal of an order that is opposite to a live one, `order`."""
    return errors.HedgeProhibited(
        form_message=f"Group {group.name} does not allow positions opposite to order {order}."
    )


def older_first(group: Group, older: int) -> errors.ProhibitedByFifo:
    """Return the refusal to close a position before an `older` one."""
    return errors.ProhibitedByFifo(
        form_message=f"Group {group.name} closes the oldest position first: that is order {older}."
    )


def too_much_taken(most: Decimal, currency: str) -> errors.WithdrawalRefused:
    """Return the refusal to take out more than `most`."""
    text = f"the amount is more than what can be taken out: {most:,f} {currency}"
    return errors.WithdrawalRefused(text)

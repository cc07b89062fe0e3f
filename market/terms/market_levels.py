"""Price levels of an account group in the market's terms, as floats that compare exactly.

Bid and ask of a group are the market's with its mark-up (`market.models.markup`); so whether they
reach a level is asked of the market's own quote, at a level that was shifted once. With a fixed
spread both of the group's prices follow from the sum of the market's bid and ask, and it is the sum
that is compared.

Prices have at most eight decimals: as whole units of the eighth nothing is rounded, and a float
made of them is the one that stands for their decimal.
"""

from math import inf

from market.models import Markup

DECIMALS = 8  # of a price, at most
UNITS: int = 10**DECIMALS  # of a price of 1


def to_units(price: float) -> int:
    """Return the price as a whole number of units."""
    return round(price * UNITS)


def point_units(digits: int) -> int:
    """Return the units of a symbol's point."""
    return int(10 ** (DECIMALS - digits))


def market_level(price: float, markup: Markup, digits: int, *, of_bid: bool, rises: bool) -> float:
    """Return the market's level at which the group's bid, or else ask, has reached `price`.

    `rises`: reached from below, else from above. It is a level of the market's bid or ask, and with
    a fixed spread one of the sum of both, in units (`sum_in_units`). -inf is always reached from
    below and never from above: the least bid of a group is a point.
    """
    point, level = point_units(digits), to_units(price)
    if markup.spread is not None:
        return _level_of_sum(level, markup.spread, point, of_bid=of_bid, rises=rises)
    if not of_bid:
        return (level - markup.ask * point) / UNITS
    if level < point or (rises and level == point):
        return -inf
    return (level + markup.bid * point) / UNITS


def _level_of_sum(level: int, spread: int, point: int, *, of_bid: bool, rises: bool) -> float:
    """Return the level of the sum: with n points the group's bid is floor((sum - spread) / 2)."""
    bid = level if of_bid else level - spread * point
    if rises:
        points = -(-bid // point)
        return -inf if points <= 1 else float((2 * points + spread) * point)
    points = bid // point
    return -inf if points < 1 else float((2 * points + 2 + spread) * point - 1)


def sum_in_units(bid: float, ask: float) -> int:
    """Return the sum of bid and ask in units."""
    return to_units(bid) + to_units(ask)


def marked_up(bid: float, ask: float, markup: Markup, digits: int) -> tuple[float, float]:
    """Return bid and ask as the group sees them, the floats of `Markup.apply`."""
    point = point_units(digits)
    if markup.spread is None:
        seen = max(to_units(bid) - markup.bid * point, point)
        return seen / UNITS, (to_units(ask) + markup.ask * point) / UNITS
    width = markup.spread * point
    seen = max((sum_in_units(bid, ask) - width) // (2 * point), 1) * point
    return seen / UNITS, (seen + width) / UNITS

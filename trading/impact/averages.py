"""Hedge price `all` over whole arrays: the averages of `hedging.averages`, an entry an account."""

import numpy as np
from numpy.typing import NDArray

from market.models import Symbol
from trading import formulas
from trading.impact.legs import Floats, summed

PRICE_DECIMALS, RATE_DECIMALS = 8, 12  # of the columns that they come from
Places = NDArray[np.intp]


def averages(
    symbol: Symbol, currency: str, places: Places, volume: Floats, price: Floats, rate: Floats
) -> tuple[Floats, Floats]:
    """Return price and margin rate by account of positions with these volumes, prices and rates.

    `places` has the account's index of each position.
    """
    digits = symbol.digits
    prices = rounded_average(places, volume, price, PRICE_DECIMALS, digits)
    if formulas.rate_is_price(symbol, currency):
        return prices, rounded_average(places, volume, rate, RATE_DECIMALS, digits)
    return prices, summed(places, volume * rate) / summed(places, volume)


def rounded_average(
    places: Places, volume: Floats, values: Floats, decimals: int, digits: int
) -> Floats:
    """Return the averages to `digits`, half up, of positive values with so many `decimals`.

    In whole numbers without bounds: an average of two prices is often just between two points,
    where floats round one way or the other.
    """
    lots = whole(volume)
    units = whole(values * 10.0**decimals)
    count = int(places.max()) + 1
    total, weight = np.zeros(count, object), np.zeros(count, object)
    np.add.at(total, places, units * lots)
    np.add.at(weight, places, lots)
    weight *= 10 ** (decimals - digits)
    points = (2 * total + weight) // (2 * weight)
    return np.array(points, np.float64) / 10.0**digits


def whole(values: Floats) -> NDArray[np.object_]:
    """Return the rounded values as Python's own integers."""
    found = np.empty(len(values), object)
    found[:] = [int(value) for value in np.rint(values).tolist()]
    return found

"""Hedge price `all` over whole arrays: `average_price_and_rate` for an entry an account."""

import numpy as np
from numpy.typing import NDArray

from market.models import Symbol
from trading.valuation import formulas
from trading.what_if.hedged_legs import Floats, sum_by_index

PRICE_DECIMALS, RATE_DECIMALS = 8, 12  # of the columns that they come from
Indexes = NDArray[np.intp]


def average_prices_and_rates(
    symbol: Symbol, currency: str, accounts: Indexes, volume: Floats, price: Floats, rate: Floats
) -> tuple[Floats, Floats]:
    """Return price and margin rate by account of positions with these volumes, prices and rates.

    `accounts` has the account's index of each position.
    """
    digits = symbol.digits
    prices = rounded_average(accounts, volume, price, PRICE_DECIMALS, digits)
    if formulas.rate_is_price(symbol, currency):
        return prices, rounded_average(accounts, volume, rate, RATE_DECIMALS, digits)
    return prices, sum_by_index(accounts, volume * rate) / sum_by_index(accounts, volume)


def rounded_average(
    accounts: Indexes, volume: Floats, values: Floats, decimals: int, digits: int
) -> Floats:
    """Return the averages to `digits`, half up, of positive values with so many `decimals`.

    In whole numbers without bounds: an average of two prices is often just between two points,
    where floats round one way or the other.
    """
    lots = to_integers(volume)
    units = to_integers(values * 10.0**decimals)
    count = int(accounts.max()) + 1
    total, weight = np.zeros(count, object), np.zeros(count, object)
    np.add.at(total, accounts, units * lots)
    np.add.at(weight, accounts, lots)
    weight *= 10 ** (decimals - digits)
    points = (2 * total + weight) // (2 * weight)
    return np.array(points, np.float64) / 10.0**digits


def to_integers(values: Floats) -> NDArray[np.object_]:
    """Return the rounded values as Python's own integers."""
    found = np.empty(len(values), object)
    found[:] = [int(value) for value in np.rint(values).tolist()]
    return found

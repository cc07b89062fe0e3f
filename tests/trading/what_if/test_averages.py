"""Averages over arrays are those of Decimals to the last digit, ties included."""

from decimal import Decimal as D

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.trading.valuation.in_memory import position, symbol
from trading.valuation.hedged_margin import average_price_and_rate as exact
from trading.what_if.average_prices import average_prices_and_rates

VOLUME = st.integers(1, 10_000_000)
POINTS = st.integers(1, 200_000_000)
WEIGHTED = ("open_price", "margin_rate")
ROWS = st.lists(
    st.tuples(st.integers(0, 2), VOLUME, POINTS, st.integers(10**7, 10**14)),
    min_size=1,
    max_size=8,
)


@given(ROWS, st.sampled_from(["USD", "EUR"]), st.sampled_from([0, 4]), st.integers(0, 8))
@example([(0, 100, 100_001, 10**12), (0, 100, 100_002, 10**12)], "USD", 0, 5)
@example([(0, 3, 107, 10**12), (0, 1, 103, 10**12)], "USD", 4, 0)
def test_array_averages_equal_those_of_the_valuation(
    rows: list[tuple[int, int, int, int]], currency: str, mode: int, digits: int
) -> None:
    of = symbol("GBPUSD", margin_mode=mode, digits=digits)
    held = [
        (at, position(of, 1, volume, D(points).scaleb(-digits), D(rate).scaleb(-12)))
        for at, volume, points, rate in rows
    ]
    places = sorted({at for at, _ in held})
    at = np.array([places.index(at) for at, _ in held], np.intp)
    columns = (
        np.array([float(getattr(one, name)) for _, one in held])
        for name in ("volume", "open_price", "margin_rate")
    )
    prices, rates = average_prices_and_rates(of, currency, at, *columns)
    for place, price, rate in zip(places, prices.tolist(), rates.tolist(), strict=True):
        found = [one for at, one in held if at == place]
        volume = sum(one.volume for one in found)
        sums = (sum(getattr(one, name) * one.volume for one in found) for name in WEIGHTED)
        wanted = exact(of, currency, volume, *sums)
        assert price == float(wanted[0])
        assert rate == pytest.approx(float(wanted[1]), rel=1e-14)

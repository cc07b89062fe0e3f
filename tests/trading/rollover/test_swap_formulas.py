"""One night's swap in each of its six types, unrounded."""

from decimal import Decimal as D
from typing import Any

import pytest

from market.enums import SwapType
from market.models import Symbol
from trading.rollover.swap_formulas import split_by_volume, swap_of_night

PRICE = D("1.08")


def symbol(kind: SwapType, **fields: Any) -> Symbol:
    known = {"currency": "EUR", "quote_currency": "USD", "margin_currency": "EUR"}
    size = {"contract_size": D(100_000)}
    rates = {"swap_long": D("-7.25"), "swap_short": D("2.5"), "swap_type": kind}
    return Symbol(name="EURUSD", **{**known, **size, **rates, **fields})


@pytest.mark.parametrize(
    ("kind", "direction", "amount", "currency"),
    [
        # 2.00 lots: points are worth 0.00001 · 200,000 = 2 dollars each.
        (SwapType.POINTS, 1, D("-14.5"), "USD"),
        (SwapType.POINTS, -1, D(5), "USD"),
        (SwapType.MONEY, 1, D("-14.5"), None),
        (SwapType.MONEY, -1, D(5), None),
        (SwapType.MARGIN_CURRENCY, 1, D("-14.5"), "EUR"),
        (SwapType.MARGIN_CURRENCY, -1, D(5), "EUR"),
        # 2.5 % a year of 216,000 dollars is 5,400: 15 a day.
        (SwapType.INTEREST, -1, D(15), "USD"),
        (SwapType.INTEREST, 1, D("-43.5"), "USD"),
        (SwapType.INTEREST_OPEN, -1, D(15), "USD"),
        (SwapType.INTEREST_CURRENT, -1, D(15), "USD"),
    ],
)
def test_every_type_has_its_amount_and_currency(
    kind: SwapType, direction: int, amount: D, currency: str | None
) -> None:
    assert swap_of_night(symbol(kind), direction, 200, PRICE) == (amount, currency)


@pytest.mark.parametrize("kind", [SwapType.POINTS, SwapType.MONEY, SwapType.MARGIN_CURRENCY])
def test_swaps_in_points_and_money_do_not_depend_on_the_price(kind: SwapType) -> None:
    assert swap_of_night(symbol(kind), 1, 100, D(0)) == swap_of_night(symbol(kind), 1, 100, PRICE)


def test_a_point_follows_the_symbols_digits_and_contract() -> None:
    gold = symbol(SwapType.POINTS, digits=2, contract_size=D(100))
    assert swap_of_night(gold, 1, 100, PRICE)[0] == D("-7.25")  # 0.01 · 100 ounces a point


def test_swaps_are_not_rounded() -> None:
    assert swap_of_night(symbol(SwapType.POINTS), 1, 1, PRICE)[0] == D("-0.0725")


def test_shares_sum_to_the_whole_and_the_last_takes_the_rest() -> None:
    assert split_by_volume(D("-1.00"), [33, 33, 34], "USD") == [D("-0.33"), D("-0.33"), D("-0.34")]
    assert split_by_volume(D("0.01"), [1, 1, 1], "USD") == [D("0.00"), D("0.00"), D("0.01")]
    assert split_by_volume(D(100), [1, 2], "JPY") == [D(33), D(67)]


def test_a_single_owner_gets_the_whole_swap() -> None:
    assert split_by_volume(D("-7.50"), [100], "USD") == [D("-7.50")]

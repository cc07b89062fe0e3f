"""Equity, free margin and level by the group's floating mode, and when there is no level."""

from decimal import Decimal as D

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trading.valuation.in_memory import make_valuation, position, symbol
from trading.enums import LevelType
from trading.events import rounded_level
from trading.valuation.account import Figures

EURUSD = symbol()
MONEY = st.decimals(D(-9000), D(9000), places=2)


def figures_by_mode(mode: int, price: str, *, credit: str = "500", **group: object) -> Figures:
    """Return figures of 1,000, a credit of 500 and a lot bought at `price`, closing at 1.1000."""
    prices = {"EURUSD": ("1.1000", "1.1002")}
    value = make_valuation(prices, EURUSD, balance="1000", margin_mode=mode, **group)  # type: ignore[arg-type]
    value.account.credit = D(credit)
    held = position(EURUSD, 1, 100, price, "1.1", commission=D(-7), storage=D(-3))
    return value.figures([held])


@pytest.mark.parametrize(
    ("mode", "gain", "loss"),
    [
        (0, 1500, 1500),  # none
        (1, 1590, 1390),  # all: 100 of profit or loss, and 10 of costs
        (2, 1590, 1500),  # only profit
        (3, 1500, 1390),  # only loss
    ],
)
def test_each_mode_counts_its_part_of_the_floating_profit(mode: int, gain: int, loss: int) -> None:
    for price, base, equity in (("1.0990", gain, 1590), ("1.1010", loss, 1390)):
        found = figures_by_mode(mode, price)
        assert found.margin == 1100
        assert found.equity == equity
        assert found.margin_free == base - 1100
        assert found.level == D(base) / 1100 * 100


def test_without_margin_the_level_is_undefined_and_never_reached() -> None:
    value = make_valuation({}, balance="-100")
    found = value.figures([])
    assert found.margin == 0
    assert (found.level, found.level_type) == (None, LevelType.OK)
    assert found.equity == found.margin_free == -100


def test_a_fully_covered_account_without_margin_has_no_level() -> None:
    value = make_valuation({"EURUSD": ("1.1000", "1.1002")}, hedge_margin="zero")
    legs = [position(EURUSD, direction, 100, "1.1") for direction in (1, -1)]
    assert value.figures(legs).level is None


@pytest.mark.parametrize(
    ("unit", "call", "stop", "reached"),
    [
        # The base is 1,390, the margin 1,100: 126.36… percent.
        (0, "126.36", "50", LevelType.OK),
        (0, "126.37", "50", LevelType.MARGIN_CALL),
        (0, "200", "126.36", LevelType.MARGIN_CALL),
        (0, "200", "126.37", LevelType.STOP_OUT),
        (1, "1390", "1000", LevelType.OK),  # below, not at
        (1, "1390.01", "1000", LevelType.MARGIN_CALL),
        (1, "2000", "1390", LevelType.STOP_OUT),  # at or below
    ],
)
def test_levels_are_compared_unrounded_in_percent_or_money(
    unit: int, call: str, stop: str, reached: LevelType
) -> None:
    found = figures_by_mode(
        1, "1.1010", margin_type=unit, margin_call=D(call), margin_stopout=D(stop)
    )
    assert found.level_type == reached


def test_a_shown_level_is_rounded_half_away_from_zero() -> None:
    found = figures_by_mode(1, "1.1010")
    for level, shown in (("126.365", "126.37"), ("-0.005", "-0.01"), ("126.364", "126.36")):
        assert rounded_level(found._replace(level=D(level))) == D(shown)
    assert rounded_level(found._replace(level=None)) == 0


@settings(deadline=None)
@given(balance=MONEY, credit=MONEY, cost=MONEY, price=st.decimals(D(1), D("1.2"), places=5))
def test_the_figures_add_up(balance: D, credit: D, cost: D, price: D) -> None:
    held = position(EURUSD, 1, 100, price, "1.1", commission=cost)
    free = {}
    for mode in (0, 1, 2, 3):
        value = make_valuation(
            {"EURUSD": ("1.1000", "1.1002")}, balance=str(balance), margin_mode=mode
        )
        value.account.credit = credit
        found = value.figures([held])
        assert found.equity == balance + credit + found.profit + cost
        assert found.level == (found.margin_free + found.margin) / found.margin * 100
        free[mode] = found.margin_free
    assert free[1] == found.equity - found.margin
    assert free[3] <= min(free[0], free[1])
    assert free[2] >= max(free[0], free[1])
    assert free[2] + free[3] == free[0] + free[1]

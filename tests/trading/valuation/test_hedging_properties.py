"""Margin is never negative, and hedging never raises it in the models where it must not.

What holds where is written down in `trading.valuation.hedged_margin`.
"""

from decimal import Decimal as D

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.enums import HedgeMargin
from market.enums import MarginMode
from market.models import Symbol
from tests.trading.valuation.in_memory import make_valuation, position, symbol
from trading.valuation.account import Valuation
from trading.valuation.positions import Position

TOLERANCE = D("1e-15")  # of the 28 digits of the arithmetic
MODELS = st.sampled_from(HedgeMargin.values)
RATE_MODES = st.sampled_from(["open", "mid"])
MODES = st.sampled_from(MarginMode.values)
TIERS = st.sampled_from([[], [[1, 300], [3.5, 100], [None, 7]], [[2, 1000], [None, 30]]])
VOLUMES = st.integers(1, 500)
PRICES = st.decimals(D("0.5"), D(2), places=5)
RATES = st.decimals(D("0.01"), D(100), places=5)
LEGS = st.lists(st.tuples(st.sampled_from([1, -1]), VOLUMES, PRICES, RATES), max_size=8)
ONE_LEG = st.lists(st.tuples(st.just(1), VOLUMES, PRICES, RATES), min_size=1, max_size=5)
Legs = list[tuple[int, int, D, D]]


def traded(mode: int, tiers: list[list[float | None]], hedged: int = 50_000) -> Symbol:
    return symbol(
        margin_mode=mode,
        leverage_tiers=tiers,
        margin_initial=D(700),
        margin_hedged=D(hedged),
        tick_size=D("0.25"),
        tick_value=D(2),
    )


def valued(model: str, rate_mode: str) -> Valuation:
    prices = {"EURUSD": ("1.1", "1.1002")}
    return make_valuation(prices, leverage=200, hedge_margin=model, margin_rate_mode=rate_mode)


def held(of: Symbol, legs: Legs) -> list[Position]:
    return [position(of, *leg[:3], leg[3]) for leg in legs]


def volume(legs: Legs, direction: int) -> int:
    return sum(leg[1] for leg in legs if leg[0] == direction)


@settings(deadline=None)
@given(LEGS, MODELS, RATE_MODES, MODES, TIERS)
def test_margin_is_never_negative(
    legs: Legs, model: str, rate_mode: str, mode: int, tiers: list[list[float | None]]
) -> None:
    positions = held(traded(mode, tiers), legs)
    value = valued(model, rate_mode)
    assert value.used_margin(positions) >= 0
    assert all(value.position_margin(one) > 0 for one in positions)


@settings(deadline=None)
@given(LEGS, MODELS, RATE_MODES, MODES, TIERS, st.randoms())
def test_the_order_of_the_positions_does_not_matter(
    legs: Legs,
    model: str,
    rate_mode: str,
    mode: int,
    tiers: list[list[float | None]],
    chance: st.DrawFn,
) -> None:
    positions = held(traded(mode, tiers), legs)
    value = valued(model, rate_mode)
    margin = value.used_margin(positions)
    chance.shuffle(positions)  # type: ignore[attr-defined]
    assert abs(value.used_margin(positions) - margin) < TOLERANCE * (margin + 1)


def hedge(legs: Legs, data: st.DataObject) -> tuple[Legs, Legs]:
    """Legs whose longs are partly covered, and the same with one short more, still covered."""
    longs = volume(legs, 1)
    covered = data.draw(st.integers(0, longs - 1), "covered")
    before = [*legs, (-1, covered, data.draw(PRICES), data.draw(RATES))] if covered else legs
    more = data.draw(st.integers(1, longs - covered), "more")
    return before, [*before, (-1, more, data.draw(PRICES), data.draw(RATES))]


@pytest.mark.parametrize(
    ("model", "rate_mode", "with_tiers"),
    [
        ("zero", "open", True),
        ("zero", "mid", True),
        ("larger_leg", "mid", True),
        ("half_each", "mid", False),
        ("contract", "mid", False),
    ],
)
@settings(deadline=None)
@given(legs=ONE_LEG, mode=MODES, tiers=TIERS, data=st.data())
def test_a_hedge_never_raises_the_margin(
    model: str,
    rate_mode: str,
    with_tiers: bool,
    legs: Legs,
    mode: int,
    tiers: list[list[float | None]],
    data: st.DataObject,
) -> None:
    of = traded(mode, tiers if with_tiers else [])
    value = valued(model, rate_mode)
    before, after = (value.used_margin(held(of, some)) for some in hedge(legs, data))
    assert after <= before + TOLERANCE * (before + 1)


@settings(deadline=None)
@given(legs=ONE_LEG, mode=MODES, tiers=TIERS, data=st.data())
def test_at_mid_a_hedged_book_uses_at_most_its_larger_leg(
    legs: Legs, mode: int, tiers: list[list[float | None]], data: st.DataObject
) -> None:
    _, covered = hedge(legs, data)
    positions = held(traded(mode, tiers), covered)
    tied = {model: valued(model, "mid").used_margin(positions) for model in HedgeMargin.values}
    most = tied["larger_leg"] + TOLERANCE * (tied["larger_leg"] + 1)
    assert tied["zero"] <= tied["contract"] <= most
    assert tied["zero"] <= tied["half_each"] <= most
    assert most <= tied["sum"] + TOLERANCE * (tied["sum"] + 1) * 2


def test_a_hedge_at_a_higher_rate_raises_larger_leg_margin() -> None:
    of = traded(MarginMode.FOREX, [])
    legs: Legs = [(1, 100, D(1), D("1.0"))]
    value = valued("larger_leg", "open")
    dearer: Legs = [*legs, (-1, 100, D(1), D("1.2"))]
    assert value.used_margin(held(of, dearer)) > value.used_margin(held(of, legs))


def test_with_tiers_a_second_slice_of_the_smaller_leg_may_raise_half_each() -> None:
    of = traded(MarginMode.FOREX, [[50, 200], [None, 50]])
    value = valued("half_each", "mid")
    some, all_ = (
        value.used_margin(held(of, [(1, 6000, D(1), D(1)), (-1, covered, D(1), D(1))]))
        for covered in (5000, 6000)
    )
    assert some < all_ == value.used_margin(held(of, [(1, 6000, D(1), D(1))]))

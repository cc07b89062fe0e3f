"""A level in the market's terms is reached by the quotes at which the group's prices reach it."""

from decimal import Decimal
from itertools import product

from hypothesis import example, given, settings
from hypothesis import strategies as st

from market.models import Markup
from market.terms.market_levels import marked_up, market_level, sum_in_units
from tests.fuzz import examples

POINTS = st.integers(1, 10**6)
SIZES = st.integers(0, 40)
MARKUPS = st.tuples(SIZES, SIZES).map(lambda sizes: Markup(*sizes)) | SIZES.map(
    lambda spread: Markup(spread=spread)
)
CASES = settings(max_examples=examples(300), deadline=None)


def is_reached(level: float, market: float, *, rises: bool) -> bool:
    return market >= level if rises else market <= level


@CASES
@given(MARKUPS, st.integers(0, 8), POINTS, st.integers(0, 30), st.integers(-60, 60))
@example(Markup(500, 0), 5, 30, 2, -29)  # a bid of one point at least
@example(Markup(0, 0, 90), 5, 20, 2, -19)
def test_a_shifted_level_agrees_with_the_groups_prices(
    markup: Markup, digits: int, bid: int, spread: int, away: int
) -> None:
    point = Decimal(1).scaleb(-digits)
    market = bid * point, (bid + spread) * point
    bid_float, ask_float = map(float, market)
    seen = markup.apply(*market, point)
    assert marked_up(bid_float, ask_float, markup, digits) == tuple(map(float, seen))
    for of_bid, rises in product((True, False), repeat=2):
        own = seen[0] if of_bid else seen[1]
        for level in {own + away * point, own - point, own, own + point}:
            if level <= 0:
                continue
            shifted = market_level(float(level), markup, digits, of_bid=of_bid, rises=rises)
            compared = bid_float if of_bid else ask_float
            if markup.spread is not None:
                compared = sum_in_units(bid_float, ask_float)
            reached = own >= level if rises else own <= level
            assert is_reached(shifted, compared, rises=rises) == reached


@CASES
@given(st.integers(0, 8), POINTS)
def test_without_a_markup_a_level_stays_as_it_is(digits: int, points: int) -> None:
    price = float(Decimal(points).scaleb(-digits))
    for of_bid, rises in product((True, False), repeat=2):
        if points > 1:
            assert market_level(price, Markup(), digits, of_bid=of_bid, rises=rises) == price

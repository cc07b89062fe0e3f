"""The extremes of a time are read from few candles, and are those of all its minutes."""

from random import Random

import pytest

from core.clock import DAY_S, HOUR_S, MINUTE_S
from market.enums import Resolution
from market.models import Candle
from market.quotes.extremes import read_bid_extremes
from tests import factories
from tests.factories import D

pytestmark = pytest.mark.django_db
BEGIN = 20_000 * DAY_S - 2 * HOUR_S
LENGTHS = ((Resolution.MINUTE, 60), (Resolution.HOUR, 3600), (Resolution.DAY, DAY_S))


@pytest.fixture
def prices() -> dict[int, int]:
    """The price of a quote every eleven minutes over three days, with the candles of them."""
    factories.symbol("EURUSD")
    random = Random(7)
    prices = {BEGIN + at * 660: random.randint(100, 999) for at in range(3 * DAY_S // 660)}
    candles: dict[tuple[int, int], list[int]] = {}
    for time, price in prices.items():
        for resolution, length in LENGTHS:
            candles.setdefault((resolution, time - time % length), []).append(price)
    Candle.objects.bulk_create(
        Candle(
            symbol_id="EURUSD", resolution=resolution, time=time, open=found[0], high=max(found),
            low=min(found), close=found[-1], volume=len(found),
        )
        for (resolution, time), found in candles.items()
    )  # fmt: skip
    return prices


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        (0, 3 * DAY_S),
        (90, 55 * MINUTE_S),
        (90, 5 * HOUR_S + 7),
        (HOUR_S + 1, 2 * DAY_S),
        (30 * HOUR_S + 61, 2 * DAY_S + 9 * HOUR_S + 400),
    ],
)
def test_the_extremes_are_those_of_the_whole_minutes(
    prices: dict[int, int], begin: int, end: int
) -> None:
    first, last = BEGIN + begin, BEGIN + end
    whole = range(-(-first // 60) * 60, last - last % 60)
    inside = {time: price for time, price in prices.items() if time in whole}
    found = read_bid_extremes("EURUSD", first, last)
    assert found is not None
    for extreme, best in ((found.high, max(inside.values())), (found.low, min(inside.values()))):
        assert extreme.price == D(best)
        assert extreme.time == min(time for time, price in inside.items() if price == best)


def test_without_candles_there_are_no_extremes(prices: dict[int, int]) -> None:
    assert read_bid_extremes("EURUSD", BEGIN - DAY_S, BEGIN - HOUR_S) is None
    assert read_bid_extremes("GBPUSD", BEGIN, BEGIN + DAY_S) is None

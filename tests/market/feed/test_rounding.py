"""Every price is rounded to its symbol's digits before any other step."""

import threading
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from random import Random

import orjson
import pytest

from market.enums import Refusal
from market.feed.adapters.push import _accept_quotes
from market.feed.adapters.random_walk import RandomWalk
from market.feed.adapters.replay import ReplayAdapter
from market.feed.adapters.simulated import SimulatedAdapter
from market.feed.digits import round_to_digits
from market.feed.intake import Intake
from tests.market.feed.feed_helpers import NOON, unsaved_symbol
from tests.market.feed.test_tick_files import MAY_1, csv


def test_floating_point_noise_in_a_price_is_rounded_off() -> None:
    feed = Intake([unsaved_symbol("XAUUSD", digits=2)])
    assert feed.accept("XAUUSD", 110.09999999999998, 110.30000000000001, NOON, NOON) is None
    collected = feed.take_collected()
    assert collected.batches[0].ticks == [("XAUUSD", 110.1, 110.3, NOON, NOON)]
    assert not collected.rounded  # nobody sent more than he meant


@pytest.mark.parametrize(
    ("sent", "digits", "kept", "noticed"),
    [
        (1.1700000049, 5, 1.17, False),
        (1.17000009, 5, 1.17, False),  # nine thousandths of a point
        (1.1700001, 5, 1.17, False),  # a hundredth is not more than a hundredth
        (1.17000011, 5, 1.17, True),
        (1.170005, 5, 1.17001, True),  # half away from zero, as it is written
        (1.170015, 5, 1.17002, True),
        (2.675, 2, 2.68, True),  # its float is below the half
        (1.005, 2, 1.01, True),
        (110.4999, 0, 110.0, True),
        (110.5, 0, 111.0, True),
        (123456789012.3, 0, 123456789012.0, True),
        (9876543210.98766, 4, 9876543210.9877, True),
        (0.000000004, 8, 0.0, True),
    ],
)
def test_prices_are_rounded_half_away_from_zero(
    sent: float, digits: int, kept: float, noticed: bool
) -> None:
    assert round_to_digits(sent, digits) == (kept, noticed)


def test_rounding_floats_equals_rounding_decimals() -> None:
    chance = Random(5)
    for _ in range(20_000):
        digits, size = chance.randint(0, 8), 10.0 ** chance.randint(-4, 9)
        places = digits + chance.randint(0, 4)
        price = round(chance.random() * size, places)
        written = Decimal(repr(price))
        exact = written.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
        noticed = abs(exact - written) > Decimal("0.01").scaleb(-digits)
        assert round_to_digits(price, digits) == (float(exact), noticed), (price, digits)


def test_quotes_on_the_grid_are_unchanged_and_others_are_counted() -> None:
    chance = Random(6)
    for digits in range(9):
        feed = Intake([unsaved_symbol("X", digits=digits, filter_percent=Decimal(0))])
        for _ in range(500):
            low = chance.randint(1, 10 ** chance.randint(1, 10))
            bid, ask = low / 10**digits, (low + 3) / 10**digits
            assert feed.accept("X", bid, ask, NOON, NOON) is None
            assert feed.accept("X", bid, float(f"{low + 3}.4e-{digits}"), NOON, NOON) is None
        collected = feed.take_collected()
        (part,) = collected.batches
        assert {tick[1:3] for tick in part.ticks[::2]} == {tick[1:3] for tick in part.ticks[1::2]}
        assert collected.rounded == {"X": 500}


def test_quotes_that_are_crossed_or_zero_after_rounding_are_refused() -> None:
    feed = Intake([unsaved_symbol("EURUSD", digits=5)])
    assert feed.accept("EURUSD", 1.100001, 1.100004, NOON, NOON) == Refusal.CROSSED
    assert feed.accept("EURUSD", 0.000001, 1.1, NOON, NOON) == Refusal.BAD_PRICE


def test_filter_and_candles_use_the_rounded_price() -> None:
    feed = Intake([unsaved_symbol("EURUSD", digits=5)])
    feed.accept("EURUSD", 1.1000049, 1.2000049, NOON, NOON)
    assert {bar.close for bar in feed.candles.take_changed().values()} == {1.1}


def ticks(feed: Intake) -> list[tuple[float, float]]:
    return [tick[1:3] for part in feed.take_collected().batches for tick in part.ticks]


def test_pushed_quotes_are_rounded() -> None:
    feed = Intake([unsaved_symbol("XAUUSD", digits=2, max_source_age=0)])
    sent = orjson.dumps([["XAUUSD", 110.09999999999998, 110.304, NOON]]).decode()
    assert orjson.loads(_accept_quotes(feed, sent)) == {"accepted": 1, "refused": []}
    assert ticks(feed) == [(110.1, 110.3)]


def test_replayed_quotes_are_rounded(tmp_path: Path) -> None:
    path = csv(tmp_path / "x.csv", f"{MAY_1},XAUUSD,110.09999999999998,110.304")
    replay, feed = (
        ReplayAdapter([str(path)], 0),
        Intake([unsaved_symbol("XAUUSD", digits=2)], recorded=True),
    )
    replay.start([], {})
    replay.play_due(feed)
    assert ticks(feed) == [(110.1, 110.3)]


def test_simulated_quotes_are_rounded(monkeypatch: pytest.MonkeyPatch) -> None:
    symbol = unsaved_symbol("XAUUSD", digits=2, demo_price=Decimal(4000), group_id="Metals")
    feed, source = Intake([symbol]), SimulatedAdapter()
    source.start([symbol], {})
    off = [("XAUUSD", 110.09999999999998, 110.304, NOON, NOON)]
    monkeypatch.setattr(RandomWalk, "quotes_until", lambda self, moment: iter(off))
    assert source.pump(feed, 0.0, threading.Event())
    assert ticks(feed) == [(110.1, 110.3)]

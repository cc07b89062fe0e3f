"""The demo's past: it agrees with itself, and goes over into the quotes."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import pairwise
from threading import Event
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Count

from core.clock import DAY_S, HOUR_S, MINUTE_S, now, now_ms
from market import demo
from market.demo_hours import FOREX_WEEK, easter_sunday
from market.enums import Resolution
from market.feed import recovery
from market.feed.adapters import random_history
from market.feed.adapters.random_walk import RandomWalk
from market.feed.adapters.simulated import SimulatedAdapter
from market.feed.candles import CandleBar
from market.feed.intake import Intake
from market.hours import Hours, parse_sessions
from market.models import Candle, Symbol, SymbolGroup
from market.schedules import Holiday
from market.sessions.state import is_open
from tests.market.feed.feed_helpers import wait_until

SYMBOLS = [Symbol(name=name, **fields) for name, fields in demo.demo_symbols().items()]
DIGITS = {symbol.name: symbol.digits for symbol in SYMBOLS}
NOW = 1_790_000_000 // DAY_S * DAY_S + 13 * HOUR_S + 25 * MINUTE_S + 17
Past = dict[tuple[str, int], list[CandleBar]]


def by_symbol_and_length(bars: Iterable[CandleBar]) -> Past:
    found: Past = defaultdict(list)
    for bar in bars:
        found[bar.symbol, bar.resolution].append(bar)
    return found


@pytest.fixture(scope="module")
def past() -> Past:
    return by_symbol_and_length(random_history.make_history(SYMBOLS, {}, NOW, "1"))


def test_each_symbol_has_three_days_of_minutes_ninety_of_hours_and_two_years(past: Past) -> None:
    midnight = NOW // DAY_S * DAY_S
    for symbol in SYMBOLS:
        for length, days in ((1, 3), (60, 90), (1440, 730)):
            times = [bar.time for bar in past[symbol.name, length]]
            assert times == list(range(midnight - days * DAY_S, NOW, length * 60))


@pytest.mark.parametrize(("short", "long"), [(1, 60), (60, 1440)])
def test_long_candles_are_made_of_the_short_ones(past: Past, short: int, long: int) -> None:
    for symbol in SYMBOLS:
        parts: dict[int, list[CandleBar]] = defaultdict(list)
        for bar in past[symbol.name, short]:
            parts[bar.time - bar.time % (long * 60)].append(bar)
        wholes = {bar.time: bar for bar in past[symbol.name, long]}
        for time, bars in parts.items():
            expected = CandleBar(
                symbol.name, long, time, bars[0].open, max(bar.high for bar in bars),
                min(bar.low for bar in bars), bars[-1].close, sum(bar.volume for bar in bars),
            )  # fmt: skip
            assert wholes[time] == expected


def test_candles_are_on_the_grid_without_gaps_and_plausible(past: Past) -> None:
    for (name, length), bars in past.items():
        for bar in bars:
            assert all(round(price, DIGITS[name]) == price for price in bar[3:7])
            assert 0 < bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high
            assert bar.volume > 0 or bar.time + length * 60 > NOW
        assert all(one.close == other.open for one, other in pairwise(bars))
    ranges = {
        name: sum(bar.high / bar.low - 1 for bar in past[name, 1440]) / 731 for name in DIGITS
    }
    assert 0.004 < ranges["EURUSD"] < 0.02 < ranges["BTCUSD"] < 0.1


def test_crosses_follow_their_majors(past: Past) -> None:
    for cross, base, quote, power in (
        ("EURJPY", "EURUSD", "USDJPY", 1),
        ("EURGBP", "EURUSD", "GBPUSD", -1),
    ):
        for three in zip(past[cross, 60], past[base, 60], past[quote, 60], strict=True):
            mine, first, second = (bar.close for bar in three)
            assert abs(mine / (first * second**power) - 1) < 0.002


def test_the_past_ends_where_the_quotes_begin(past: Past) -> None:
    walk = RandomWalk(SYMBOLS, {}, "1", NOW * 1000)
    first = {tick[0]: tick[1] for tick in reversed(list(walk.quotes_until(NOW * 1000 + 5000)))}
    for symbol in SYMBOLS:
        for length in (1, 60, 1440):
            close = past[symbol.name, length][-1].close
            assert abs(first[symbol.name] / close - 1) < 0.0005


def test_no_candle_is_made_while_the_market_is_closed() -> None:
    zone = ZoneInfo("America/New_York")
    hours = Hours(zone, tuple(map(parse_sessions, FOREX_WEEK)))
    bars = random_history.make_history(SYMBOLS[:1], {SYMBOLS[0].name: hours}, NOW, "1")
    past = by_symbol_and_length(bars)[SYMBOLS[0].name, 60]
    assert all(hours.span_at(bar.time).is_open for bar in past)
    weekdays = {datetime.fromtimestamp(bar.time, UTC).isoweekday() for bar in past}
    assert weekdays == {1, 2, 3, 4, 5, 7}
    assert all(one.close == other.open for one, other in pairwise(past))


def test_a_symbol_without_a_demo_price_or_ever_open_has_no_past() -> None:
    closed = Hours(ZoneInfo("UTC"), ((),) * 7)
    symbols = [Symbol(name="NOPRICE"), SYMBOLS[0]]
    assert list(random_history.make_history(symbols, {SYMBOLS[0].name: closed}, NOW, "1")) == []


@pytest.mark.django_db
def test_the_first_start_stores_the_past_once_and_only_where_there_is_none() -> None:
    demo.seed()
    Symbol.objects.exclude(name__in=("EURUSD", "US500")).delete()
    Candle.objects.create(symbol_id="US500", resolution=Resolution.DAY, time=0, close=6000)
    adapter = SimulatedAdapter()
    recovery.prepare_start(resume=True, make_history=adapter.make_history)
    counts = dict(
        Candle.objects.filter(symbol="EURUSD").values_list("resolution").annotate(Count("time"))
    )
    today = now() % DAY_S
    assert counts[Resolution.DAY] == 731
    assert abs(counts[Resolution.HOUR] - (90 * 24 + today / HOUR_S)) < 2
    assert abs(counts[Resolution.MINUTE] - (3 * 1440 + today / MINUTE_S)) < 2
    assert Candle.objects.filter(symbol="US500").count() == 1
    stored = Candle.objects.count()
    start = recovery.prepare_start(resume=True, make_history=adapter.make_history)
    assert Candle.objects.count() == stored
    # The first quote goes on with the stored minute.
    minute = Candle.objects.filter(symbol="EURUSD", resolution=Resolution.MINUTE).latest("time")
    start.intake.candles.add("EURUSD", 1.17, minute.time * 1000)
    bar = start.intake.candles.take_changed()["EURUSD", 1, minute.time]
    assert (bar.open, bar.close) == (float(minute.open), 1.17)
    assert bar.volume == minute.volume + 1
    assert start.intake.accept("EURUSD", 1.17, 1.1701, now_ms(), now_ms()) is None


@pytest.mark.django_db
def test_the_demos_hours_follow_the_variable(settings: Any) -> None:
    sunday_noon = 1_795_953_600  # 29 November 2026
    christmas = 1_798_200_000  # Friday, 25 December 2026, noon
    demo.seed()
    assert all(is_open(symbol, None, sunday_noon) for symbol in Symbol.objects.all())
    settings.DEMO_HOURS = "real"
    demo.seed()
    open_then = [
        symbol.name for symbol in Symbol.objects.all() if is_open(symbol, None, sunday_noon)
    ]
    assert open_then == ["BTCUSD"]
    eurusd = Symbol.objects.get(name="EURUSD")
    assert not is_open(eurusd, None, christmas)
    assert is_open(eurusd, None, christmas - DAY_S)
    for row in (*Holiday.objects.all(), *SymbolGroup.objects.all()):
        row.full_clean()
    settings.DEMO_HOURS = "always"
    demo.seed()
    assert all(is_open(symbol, None, christmas) for symbol in Symbol.objects.all())


def test_quotes_come_only_while_the_market_is_open_but_the_first() -> None:
    closed = Hours(ZoneInfo("UTC"), ((),) * 7)
    intake = Intake(SYMBOLS, hours={symbol.name: closed for symbol in SYMBOLS[1:]})
    adapter = SimulatedAdapter()
    adapter.start(SYMBOLS, {})
    counts: Counter[str] = Counter()

    def pump() -> bool:
        adapter.pump(intake, monotonic() + 0.1, Event())
        batches = intake.take_collected().batches
        counts.update(tick[0] for batch in batches for tick in batch.ticks)
        return len(counts) == len(SYMBOLS) and counts[SYMBOLS[0].name] > 3

    wait_until(pump)
    assert {name for name, count in counts.items() if count > 1} == {SYMBOLS[0].name}


@pytest.mark.parametrize(
    ("year", "day"), [(2024, "03-31"), (2025, "04-20"), (2026, "04-05"), (2038, "04-25")]
)
def test_easter_is_found(year: int, day: str) -> None:
    assert f"{easter_sunday(year):%m-%d}" == day

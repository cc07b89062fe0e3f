"""The demo's market: deterministic, on the grid, plausible."""

import statistics
import threading
from collections import Counter
from itertools import pairwise

import pytest
from django.db.models import Sum

from core.clock import now_ms
from market import demo
from market.feed import recovery
from market.feed.adapters.random_walk import QUOTES_A_SECOND, RandomWalk
from market.feed.adapters.simulated import SimulatedAdapter
from market.feed.intake import Intake
from market.models import Candle, LastQuote, Symbol, SymbolGroup
from market.quotes.quote import LatestQuotes
from tests import factories
from tests.market.feed.feed_helpers import NOON, feed_process, published_ticks, wait_until

SYMBOLS = [Symbol(name=name, **fields) for name, fields in demo.demo_symbols().items()]
HOUR = 3_600_000
Ticks = list[tuple[str, float, float, int]]  # symbol, bid, ask, time


def walked(seed: str = "1", cut: int = HOUR // 6, mids: dict[str, float] | None = None) -> Ticks:
    walk = RandomWalk(SYMBOLS, mids or {}, seed, NOON)
    end = NOON + HOUR // 6
    moments = [*range(NOON + cut, end, cut), end]
    return [tick[:4] for moment in moments for tick in walk.quotes_until(moment)]


@pytest.fixture(scope="module")
def ticks() -> Ticks:
    return walked()


def test_the_same_seed_gives_the_same_quotes_however_time_is_cut(ticks: Ticks) -> None:
    assert walked(cut=80) == ticks
    assert walked(seed="2") != ticks


def test_every_price_is_on_the_grid_and_none_is_crossed(ticks: Ticks) -> None:
    digits = {symbol.name: symbol.digits for symbol in SYMBOLS}
    for name, bid, ask, _ in ticks:
        assert 0 < bid < ask
        for price in (bid, ask):
            assert round(price, digits[name]) == price


def test_every_symbol_moves_several_times_a_second_in_time_order(ticks: Ticks) -> None:
    assert all(a[3] <= b[3] for a, b in pairwise(ticks))
    for symbol in SYMBOLS:
        count = sum(tick[0] == symbol.name for tick in ticks)
        assert 0.8 * QUOTES_A_SECOND * 600 < count < 1.2 * QUOTES_A_SECOND * 600


def test_spreads_vary_around_the_demo_spread(ticks: Ticks) -> None:
    for symbol in SYMBOLS:
        spreads = [(t[2] - t[1]) / float(symbol.point) for t in ticks if t[0] == symbol.name]
        assert 0.8 < statistics.mean(spreads) / symbol.demo_spread < 1.2
        assert len({round(spread) for spread in spreads}) > 3


def test_prices_stay_near_the_demo_price_with_their_own_volatility(
    ticks: Ticks,
) -> None:
    changes = {}
    for symbol in SYMBOLS:
        mids = [(t[1] + t[2]) / 2 for t in ticks if t[0] == symbol.name]
        assert abs(mids[-1] / float(symbol.demo_price) - 1) < 0.02
        changes[symbol.name] = statistics.stdev(b / a - 1 for a, b in pairwise(mids))
    assert changes["BTCUSD"] > 2 * changes["EURUSD"] > 0


def test_crosses_follow_their_majors(ticks: Ticks) -> None:
    mid: dict[str, float] = {}
    for name, bid, ask, _ in ticks:
        mid[name] = (bid + ask) / 2
        if len(mid) == len(SYMBOLS):
            assert abs(mid["EURGBP"] / (mid["EURUSD"] / mid["GBPUSD"]) - 1) < 0.001
            assert abs(mid["EURJPY"] / (mid["EURUSD"] * mid["USDJPY"]) - 1) < 0.001


def test_the_intake_accepts_every_simulated_quote() -> None:
    intake, walk = Intake(SYMBOLS), RandomWalk(SYMBOLS, {}, "3", NOON)
    assert {intake.accept(*tick) for tick in walk.quotes_until(NOON + HOUR // 60)} == {None}


def test_the_walk_continues_from_known_prices_without_a_jump() -> None:
    mids = {"EURUSD": 1.38, "EURGBP": 0.9}
    first = {tick[0]: tick for tick in reversed(walked(mids=mids))}
    assert abs(first["EURUSD"][1] / 1.38 - 1) < 0.001
    assert abs(first["EURGBP"][1] / 0.9 - 1) < 0.001


def test_a_symbol_that_joins_later_gets_quotes_and_a_long_pause_is_left_out() -> None:
    walk = RandomWalk(SYMBOLS[:1], {}, "1", NOON)
    walk.add_symbols(SYMBOLS, {}, NOON)
    walk.add_symbols([Symbol(name="NOPRICE")], {}, NOON)
    walk.skip_until(NOON + HOUR)
    found = list(walk.quotes_until(NOON + HOUR + 10_000))
    assert {tick[0] for tick in found} == {symbol.name for symbol in SYMBOLS}
    assert all(tick[3] >= NOON + HOUR for tick in found)


@pytest.mark.django_db
def test_seeding_the_demo_again_keeps_the_brokers_changes() -> None:
    demo.seed()
    Symbol.objects.filter(name="EURUSD").update(demo_spread=99)
    SymbolGroup.objects.filter(name="Forex").update(sort_index=9)
    demo.seed()
    assert Symbol.objects.count() == 12
    assert Symbol.objects.get(name="EURUSD").demo_spread == 99
    assert SymbolGroup.objects.get(name="Forex").sort_index == 9
    for symbol in Symbol.objects.all():
        symbol.full_clean()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "prices", [{}, {"EURUSD": 1.38, "EURGBP": 0.5, "BTCUSD": 20_000.0}], ids=str
)
def test_no_quote_is_held_on_a_fresh_database_or_after_old_prices(
    prices: dict[str, float],
) -> None:
    demo.seed()
    long_ago = now_ms() - 400 * 24 * HOUR
    for name, price in prices.items():
        factories.publish((name, price, price * 1.0001), time=long_ago, received=long_ago)
    feed, source = recovery.prepare_start(resume=True), SimulatedAdapter()
    source.start(feed.symbols, feed.publisher.newest)
    wait_until(
        lambda: source.pump(feed.intake, 0.0, threading.Event()) and feed.intake.waiting > 100
    )
    collected = feed.intake.take_collected()
    assert not collected.refused
    (part,) = collected.batches
    first = {name: bid for name, bid, *_ in reversed(part.ticks)}
    for name, price in prices.items():
        assert abs(first.get(name, price) / price - 1) < 0.01


@pytest.mark.django_db(transaction=True)
def test_a_killed_and_restarted_feed_loses_no_quote() -> None:
    demo.seed()
    for symbol in Symbol.objects.all():  # so that no past is made for it
        price = symbol.demo_price
        Candle.objects.create(symbol=symbol, resolution=1440, time=0, open=price, close=price)
    with feed_process("simulated") as process:
        wait_until(lambda: len(published_ticks()) > 100)
        process.kill()
        process.wait()
    last = {tick.symbol: tick for tick in published_ticks()}
    with feed_process("simulated") as process:
        wait_until(lambda: len(published_ticks()) > 200)
        process.terminate()
        process.communicate(timeout=10)
    assert process.returncode == 0
    ticks = published_ticks()
    assert all(a.seq_no < b.seq_no for a, b in pairwise(ticks))
    stored = {row.symbol_id: row.number for row in LastQuote.objects.all()}
    assert stored == {tick.symbol: tick.seq_no for tick in ticks}
    for name, quote in LatestQuotes().load(stored)._cached.items():
        assert quote
        assert quote.seq_no == stored[name]
        assert abs(float(quote.bid) / last[name].bid - 1) < 0.01
    days = Candle.objects.filter(resolution=1).values("symbol").annotate(n=Sum("volume"))
    assert {row["symbol"]: row["n"] for row in days} == Counter(tick.symbol for tick in ticks)

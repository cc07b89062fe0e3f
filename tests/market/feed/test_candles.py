"""Candles: half-open buckets of bid prices by the source's time."""

from random import Random

from market.enums import Resolution
from market.feed.candles import CandleBar, CandleBuilder
from tests.market.feed.feed_helpers import NOON

T = NOON // 1000
MINUTE, HOUR, DAY = Resolution.MINUTE, Resolution.HOUR, Resolution.DAY


def minutes(builder: CandleBuilder) -> list[CandleBar]:
    return sorted(b for b in builder.take_changed().values() if b.resolution == MINUTE)


def test_a_minute_begins_at_its_first_millisecond_and_ends_before_the_next() -> None:
    builder = CandleBuilder()
    for bid, time in ((1.0, NOON), (1.5, NOON + 59_999), (2.0, NOON + 60_000)):
        builder.add("EURUSD", bid, time)
    assert minutes(builder) == [
        CandleBar("EURUSD", MINUTE, T, 1.0, 1.5, 1.0, 1.5, 2),
        CandleBar("EURUSD", MINUTE, T + 60, 2.0, 2.0, 2.0, 2.0, 1),
    ]


def test_open_high_low_and_close_of_one_bucket_in_every_resolution() -> None:
    builder = CandleBuilder()
    for i, bid in enumerate((1.3, 1.5, 1.1, 1.2)):
        builder.add("EURUSD", bid, NOON + i)
    bars = builder.take_changed()
    begins = {MINUTE: T, HOUR: T, DAY: T - 12 * 3600}
    for resolution, begin in begins.items():
        wanted = CandleBar("EURUSD", resolution, begin, 1.3, 1.5, 1.1, 1.2, 4)
        assert bars["EURUSD", resolution, begin] == wanted


def test_minutes_without_quotes_have_no_candle() -> None:
    builder = CandleBuilder()
    builder.add("EURUSD", 1.0, NOON)
    builder.add("EURUSD", 1.0, NOON + 10 * 60_000)
    assert [bar.time for bar in minutes(builder)] == [T, T + 600]


def test_only_changed_candles_are_reported_and_an_open_bucket_continues() -> None:
    builder = CandleBuilder()
    builder.add("EURUSD", 1.0, NOON)
    builder.add("GBPUSD", 2.0, NOON)
    assert len(minutes(builder)) == 2
    assert minutes(builder) == []
    builder.add("EURUSD", 1.2, NOON + 1)
    assert minutes(builder) == [CandleBar("EURUSD", MINUTE, T, 1.0, 1.2, 1.0, 1.2, 2)]


def test_a_builder_continues_the_stored_bucket_after_a_restart() -> None:
    stored = CandleBar("EURUSD", MINUTE, T, 1.1, 1.4, 1.0, 1.3, 7)
    builder = CandleBuilder({stored[:3]: stored})
    builder.add("EURUSD", 1.2, NOON + 30_000)
    assert minutes(builder) == [CandleBar("EURUSD", MINUTE, T, 1.1, 1.4, 1.0, 1.2, 8)]
    builder.add("EURUSD", 1.5, NOON + 60_000)
    assert minutes(builder)[-1] == CandleBar("EURUSD", MINUTE, T + 60, 1.5, 1.5, 1.5, 1.5, 1)


def test_random_ticks_give_the_bars_of_a_plain_grouping() -> None:
    random, time, ticks = Random(7), NOON, []
    for _ in range(5000):
        time += random.choice((0, 1, 40, 900, 20_000, 200_000))
        ticks.append((time, round(random.uniform(1, 2), 5)))
    builder, got = CandleBuilder(), {}
    for i, (moment, bid) in enumerate(ticks):
        builder.add("EURUSD", bid, moment)
        if i % 137 == 0:
            got.update(builder.take_changed())
    got.update(builder.take_changed())
    wanted = {}
    for resolution in Resolution:
        length = resolution * 60_000
        groups: dict[int, list[float]] = {}
        for moment, bid in ticks:
            groups.setdefault(moment // length * length // 1000, []).append(bid)
        for begin, bids in groups.items():
            prices = (bids[0], max(bids), min(bids), bids[-1])
            wanted["EURUSD", int(resolution), begin] = (*prices, len(bids))
    assert {key: bar[3:] for key, bar in got.items()} == wanted

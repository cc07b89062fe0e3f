"""What the feed stores, and where a feed continues after any kind of end."""

from collections.abc import Sequence
from decimal import Decimal

import pytest

from core import redis
from core.clock import now_ms
from market.enums import Resolution
from market.feed import recovery, storage
from market.feed.candles import CandleBar
from market.models import Candle, LastQuote, Symbol
from market.quotes import tick_log
from market.quotes.tick_log import Tick
from tests import factories
from tests.market.feed.feed_helpers import NOON, published_ticks

pytestmark = pytest.mark.django_db
T = NOON // 1000


@pytest.fixture(autouse=True)
def _symbol() -> None:
    factories.symbol("EURUSD")


def minute(time: int = T) -> tuple[object, ...]:
    row = Candle.objects.filter(symbol="EURUSD", resolution=Resolution.MINUTE, time=time)
    return row.values_list("open", "high", "low", "close", "volume")[0]


def test_storing_candles_and_newest_quotes_is_exact_and_idempotent() -> None:
    bar = CandleBar("EURUSD", Resolution.MINUTE, T, 1.1, 1.30001, 0.00000001, 1.2, 5)
    for _ in range(2):
        storage.save_candles_and_quotes([bar], [Tick("EURUSD", 1.1, 1.10001, NOON, NOON + 1, 77)])
    prices = ("1.1", "1.30001", "0.00000001", "1.2")
    assert minute() == (*map(Decimal, prices), 5)
    row = LastQuote.objects.get()
    assert (row.bid, row.ask, row.time) == (Decimal("1.1"), Decimal("1.10001"), NOON)
    assert (row.received, row.number) == (NOON + 1, 77)


def test_an_older_quote_does_not_replace_a_newer_one() -> None:
    for number in (9, 8):
        storage.save_candles_and_quotes(
            [], [Tick("EURUSD", 1.0 + number, 20.0, NOON, NOON, number)]
        )
    assert LastQuote.objects.get().number == 9


def test_rows_of_a_deleted_symbol_are_not_stored() -> None:
    ticks = [Tick(name, 1.1, 1.2, NOON, NOON, 1) for name in ("GONE", "EURUSD")]
    bars = [CandleBar(name, Resolution.MINUTE, T, 1, 1, 1, 1, 1) for name in ("GONE", "EURUSD")]
    storage.save_candles_and_quotes(bars, ticks)
    assert LastQuote.objects.get().symbol_id == Candle.objects.get().symbol_id == "EURUSD"


def test_quotes_that_a_killed_feed_had_not_stored_are_in_the_candles_after_the_start() -> None:
    factories.publish(("EURUSD", 1.2, 1.3), ("EURUSD", 1.1, 1.3), time=NOON)
    recovery.prepare_start(resume=True)
    assert minute() == (Decimal("1.2"), Decimal("1.2"), Decimal("1.1"), Decimal("1.1"), 2)
    factories.publish(("EURUSD", 1.25, 1.3), time=NOON + 59_999)
    recovery.prepare_start(resume=True)
    recovery.prepare_start(resume=True)
    assert minute() == (Decimal("1.2"), Decimal("1.25"), Decimal("1.1"), Decimal("1.25"), 3)
    assert LastQuote.objects.get().number == published_ticks()[-1].seq_no


def test_the_intake_continues_with_the_stored_quote_and_the_open_candle() -> None:
    time = now_ms()
    factories.publish(("EURUSD", 1.1, 1.2), time=time, received=time)
    start = recovery.prepare_start(resume=True)
    assert start.intake.accept("EURUSD", 1.1, 1.2, time - 1, time) == "OUT_OF_ORDER"
    assert start.intake.accept("EURUSD", 1.12, 1.2, time, time) is None
    (part,) = start.intake.take_collected().batches
    assert part.previous["EURUSD"] == (1.1, 1.2, time)
    bars = {b.resolution: b for b in start.intake.candles.take_changed().values()}
    assert (bars[Resolution.DAY].open, bars[Resolution.DAY].volume) == (1.1, 2)


def test_an_open_daily_candle_continues_although_the_last_quote_is_older() -> None:
    now = now_ms()
    factories.publish(("EURUSD", 1.1, 1.2), time=now)
    recovery.prepare_start(resume=True)
    factories.publish(("EURUSD", 1.3, 1.4), time=NOON)  # a replay
    start = recovery.prepare_start(resume=True)
    start.intake.accept("EURUSD", 1.31, 1.4, now, now)
    day = next(b for b in start.intake.candles.take_changed().values() if b.resolution == 1440)
    assert (day.open, day.close, day.volume) == (1.1, 1.31, 2)


def test_a_replay_starts_without_quotes_but_continues_the_sequence_numbers() -> None:
    factories.publish(("EURUSD", 1.1, 1.2))
    start = recovery.prepare_start(resume=False)
    assert start.intake.accept("EURUSD", 1.1, 1.2, NOON, NOON) is None
    collected = start.intake.take_collected()
    assert collected.batches[0].previous == {}
    flush = start.publisher.prepare(collected, [], NOON)
    assert flush
    assert flush.newest["EURUSD"].seq_no > published_ticks()[-1].seq_no


def test_the_symbols_rules_are_read_from_the_database() -> None:
    Symbol.objects.update(filter_percent=Decimal("0.5"))
    factories.publish(("EURUSD", 1.1, 1.1001))
    intake = recovery.prepare_start(resume=True).intake
    assert intake.accept("EURUSD", 1.11, 1.1101, now_ms(), now_ms()) == "HELD"


@pytest.mark.parametrize("resume", [True, False], ids=["goes on", "replay"])
def test_after_a_start_a_first_quote_that_jumps_is_held_until_three_more_agree(
    resume: bool,
) -> None:
    factories.publish(("EURUSD", 1.1, 1.1001))
    for _ in range(2):  # the start of a feed forgets what the one before it had held
        intake, now = recovery.prepare_start(resume=resume).intake, now_ms()
        answers = [intake.accept("EURUSD", 2.0, 2.1, now, now) for _ in range(3)]
        assert answers == ["HELD"] * 3
        assert not intake.take_collected().batches
        assert not intake.candles.take_changed()
    assert intake.accept("EURUSD", 2.01, 2.1, now, now) is None
    (part,) = intake.take_collected().batches
    assert [tick[1] for tick in part.ticks] == [2.01]


@pytest.mark.parametrize("resolution", Resolution)
def test_the_first_quote_of_a_symbol_with_candles_may_not_jump_from_them(
    resolution: Resolution,
) -> None:
    storage.save_candles_and_quotes([CandleBar("EURUSD", resolution, T, 1.1, 1.1, 1.1, 1.1, 5)], [])
    intake, now = recovery.prepare_start(resume=True).intake, now_ms()
    assert intake.accept("EURUSD", 5.0, 5.1, now, now) == "HELD"
    assert intake.accept("EURUSD", 1.11, 1.12, now, now) is None
    assert intake.take_collected().batches[0].previous == {}


def test_a_new_symbol_with_candles_is_compared_with_them() -> None:
    intake, now = recovery.prepare_start(resume=True).intake, now_ms()
    gold = factories.symbol("XAUUSD", 2)
    storage.save_candles_and_quotes(
        [CandleBar("XAUUSD", Resolution.HOUR, T, 4000, 4000, 4000, 4000, 5)], []
    )
    intake.update_symbols([gold], {}, storage.read_unquoted_prices())
    assert intake.accept("XAUUSD", 40.0, 40.1, now, now) == "HELD"
    assert intake.accept("XAUUSD", 4001, 4002, now, now) is None


def test_a_stored_future_time_bars_quotes_no_longer_than_feed_ahead() -> None:
    now = now_ms()
    factories.publish(("EURUSD", 1.1, 1.2), time=now + 20 * 3_600_000, received=now)
    intake = recovery.prepare_start(resume=True).intake
    assert intake.accept("EURUSD", 1.1, 1.2, now, now) == "OUT_OF_ORDER"
    later = now + 300_000
    assert intake.accept("EURUSD", 1.1, 1.2, later, later) is None


class FeedRun:
    """A feed whose offers to the persister are stored only by `store`."""

    def __init__(self) -> None:
        self.start = recovery.prepare_start(resume=True)

    def send(self, *times: int, received: int, bid: float = 1.1) -> Sequence[str | None]:
        """Publish quotes of these source times in one flush, whose answer is lost once."""
        intake, publisher = self.start.intake, self.start.publisher
        ask = round(bid + 0.0001, 5)
        answers = [intake.accept("EURUSD", bid, ask, time, received) for time in times]
        flush = publisher.prepare(intake.take_collected(), [], now_ms())
        assert flush is not None
        publisher.send(flush)
        publisher.send(flush)
        return answers

    def store(self) -> None:
        changed, publisher = self.start.intake.candles.take_changed(), self.start.publisher
        storage.save_candles_and_quotes(
            changed.values(), publisher.take_changed().values(), publisher.last_batch
        )


LATE = [T * 1000 + second * 1000 for second in range(6)]  # of one minute, long ago
EVER = T * 1000 + 10**9


def test_old_quotes_unstored_by_a_killed_feed_are_in_the_candles_once() -> None:
    assert FeedRun().send(*LATE[:4], received=EVER) == ["OLD"] * 4
    for _ in range(3):
        running = FeedRun()
        assert minute()[-1] == 4
    assert published_ticks() == []
    assert running.send(*LATE[:3], received=EVER) == ["OUT_OF_ORDER"] * 3  # sent again
    assert running.send(*LATE[4:], received=EVER, bid=1.12) == ["OLD"] * 2
    running.store()
    assert minute() == (*map(Decimal, ("1.1", "1.12", "1.1", "1.12")), 6)
    FeedRun()
    assert minute()[-1] == 6


@pytest.mark.parametrize("gone", [False, True], ids=["kept", "Redis came back empty"])
def test_stored_old_quotes_are_continued_after_a_start_and_not_overwritten(gone: bool) -> None:
    running = FeedRun()
    assert running.send(NOON - 60_000, received=NOON) == [None]
    running.send(*LATE[:3], received=EVER)
    running.store()
    if gone:
        redis.sync_client().flushdb()
    running = FeedRun()
    running.send(*LATE[3:], received=EVER)
    running.store()
    assert minute()[-1] == 6


def test_old_and_tradable_quotes_of_one_batch_are_counted_in_their_order() -> None:
    begin = LATE[0]
    limit = begin + 59_990 + 300_000  # receipt at which the minute's end is just old enough
    running = FeedRun()
    for bid, after, received in ((1.1, 59_990, 0), (1.12, 59_995, 6), (1.11, 60_000, 7)):
        quote = ("EURUSD", bid, round(bid + 0.0001, 5), begin + after, limit + received)
        assert running.start.intake.accept(*quote) == ("OLD" if bid == 1.12 else None)
    running.send(received=limit)
    FeedRun()
    assert minute() == (*map(Decimal, ("1.1", "1.12", "1.1", "1.12")), 2)
    assert minute(T + 60)[-1] == 1


def test_sequence_numbers_continue_after_stored_old_quotes() -> None:
    storage.save_candles_and_quotes(
        [], [], checkpoint=now_ms() + 10**9
    )  # of another machine, whose clock was ahead
    running = FeedRun()
    now = now_ms()
    assert running.send(now, received=now) == [None]
    assert tick_log.batch_of(published_ticks()[-1].seq_no) > storage.read_checkpoint()
    running.store()
    FeedRun()
    assert Candle.objects.filter(resolution=1).values_list("volume", flat=True)[0] == 1

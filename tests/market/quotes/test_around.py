"""A symbol's prices around a moment: from the tick log while it lasts, then candles."""

import pytest

from core import redis
from market.enums import Resolution
from market.models import Candle
from market.quotes import around, tick_log
from tests import factories

pytestmark = pytest.mark.django_db


def test_the_tick_log_gives_the_symbols_quotes_around_a_sequence_number() -> None:
    factories.quote("EURUSD", 1.1, 1.2)
    own = factories.quote("EURUSD", 1.3, 1.4)
    factories.quote("GBPUSD", 1.5, 1.6)
    factories.quote("USDJPY", 150, 151)
    found = around.read_ticks_around(["EURUSD", "GBPUSD"], own.seq_no)
    assert [(tick.symbol, tick.bid) for tick in found] == [
        ("EURUSD", 1.1), ("EURUSD", 1.3), ("GBPUSD", 1.5),
    ]  # fmt: skip


def test_batches_are_read_in_portions_between_two_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tick_log, "BATCHES_AT_ONCE", 2)
    batches = [
        tick_log.batch_of(factories.quote(symbol, 1.1, 1.2).seq_no)
        for symbol in ("EURUSD", "EURUSDX", "EURUSD", "EURUSD", "EURUSD", "EURUSD")
    ]
    found = tick_log.read_batches_with(["EURUSD"], batches[0], batches[4])
    assert [batch.number for batch in found] == [batches[at] for at in (0, 2, 3, 4)]


def test_a_trimmed_sequence_number_has_no_quotes_around_it() -> None:
    own = factories.quote("EURUSD", 1.3, 1.4)
    redis.sync_client().flushall()
    while factories.quote("EURUSD", 1.1, 1.2).seq_no <= own.seq_no:
        redis.sync_client().flushall()  # in the same millisecond it has the number again
    assert around.read_ticks_around(["EURUSD"], own.seq_no) == []
    assert around.read_ticks_around(["EURUSD"], 0) == []


def test_candles_give_four_prices_each_for_half_an_hour_around() -> None:
    factories.symbol("EURUSD")
    for time in (0, 1800, 3600, 3660):
        Candle.objects.create(
            symbol_id="EURUSD", resolution=Resolution.MINUTE, time=time, open="1.1", high="1.4",
            low="1.0", close="1.2", volume=1,
        )  # fmt: skip
    found = around.read_bids_around("EURUSD", 1800)
    assert [time for time, _ in found[::4]] == [0, 1_800_000, 3_600_000]
    assert [bid for _, bid in found[:4]] == [1.1, 1.4, 1.0, 1.2]
    assert around.read_bids_around("GBPUSD", 1800) == []

"""What a flush writes to Redis, and that it does so exactly once."""

from typing import Any

import orjson
import pytest
from redis.exceptions import RedisError

from core import redis
from core.clock import now_ms
from core.redis_keys import QUOTES, QUOTES_CHANNEL
from market.feed.intake import Intake
from market.feed.publisher import REFUSED, Flush, Publisher, PushAnswer, Superseded
from market.quotes import tick_log
from market.quotes.quote import BATCH_SIZE, LatestQuotes
from market.quotes.tick_log import TICK_LOG, PreviousQuote, Tick, entry_id
from tests.market.feed.feed_helpers import NOON, published_ticks, unsaved_symbol

ANSWERS = [PushAnswer("feed:answer:x", b"yes")]


def publisher() -> Publisher:
    new = Publisher()
    new.claim_publishing()
    new.continue_after({})
    return new


def flush(of: Publisher, *bids: float, answers: list[PushAnswer] | None = None) -> Flush:
    intake = Intake([unsaved_symbol("EURUSD")])
    for bid in bids:
        intake.accept("EURUSD", bid, 1.2, NOON, NOON)
    prepared = of.prepare(intake.take_collected(), answers or [], now_ms())
    assert prepared is not None
    return prepared


def test_a_flush_writes_tick_log_newest_quotes_channel_and_refusals() -> None:
    client: Any = redis.sync_client()
    listener = client.pubsub(ignore_subscribe_messages=True)
    listener.subscribe(QUOTES_CHANNEL)
    listener.get_message(timeout=1)
    new = publisher()
    new.send(flush(new, 1.1, 1.15, 1.3, answers=ANSWERS))
    (batch,) = tick_log.read_batches_after(0)
    first = batch.number * BATCH_SIZE
    assert batch.ticks == [
        Tick("EURUSD", 1.1, 1.2, NOON, NOON, first),
        Tick("EURUSD", 1.15, 1.2, NOON, NOON, first + 1),
    ]
    quote = LatestQuotes().get("EURUSD")
    assert quote == batch.ticks[1].to_quote()
    message = None
    while message is None:
        message = listener.get_message(timeout=5)
    assert orjson.loads(message["data"]) == [["EURUSD", 1.15, 1.2, NOON // 1000]]
    assert redis.sync_client().hgetall(REFUSED) == {"EURUSD:CROSSED": "1"}
    assert redis.sync_client().lrange("feed:answer:x", 0, -1) == ["yes"]
    assert 0 < int(str(redis.sync_client().ttl("feed:answer:x"))) <= 60
    listener.close()


def test_a_batch_carries_the_previous_quotes() -> None:
    intake, new = Intake([unsaved_symbol("EURUSD")]), publisher()
    for bid in (1.1, 1.15):
        intake.accept("EURUSD", bid, 1.2, NOON, NOON + 1)
        prepared = new.prepare(intake.take_collected(), [], now_ms())
        assert prepared
        new.send(prepared)
    assert [b.previous for b in tick_log.read_batches_after(0)] == [
        {},
        {"EURUSD": PreviousQuote(1.1, 1.2, NOON + 1)},
    ]


def test_a_flush_that_is_repeated_after_a_lost_answer_is_published_once() -> None:
    new = publisher()
    prepared = flush(new, 1.1, 1.3, answers=ANSWERS)
    for _ in range(3):
        new.send(prepared)
    assert len(published_ticks()) == 1
    assert redis.sync_client().hgetall(REFUSED) == {"EURUSD:CROSSED": "1"}
    assert redis.sync_client().llen("feed:answer:x") == 1
    assert set(new.take_changed()) == {"EURUSD"}


def test_a_repeated_flush_of_refusals_counts_them_once() -> None:
    new = publisher()
    prepared = flush(new, 1.3)
    new.send(prepared)
    new.send(prepared)
    assert redis.sync_client().hgetall(REFUSED) == {"EURUSD:CROSSED": "1"}
    assert redis.sync_client().xlen(TICK_LOG) == 0


def test_without_quotes_or_refusals_there_is_no_flush() -> None:
    assert publisher().prepare(Intake([]).take_collected(), [], now_ms()) is None


def test_batch_numbers_grow_even_if_the_clock_stands_or_goes_back() -> None:
    new = publisher()
    for clock in (NOON, NOON, NOON - 5000):
        intake = Intake([unsaved_symbol("EURUSD")])
        intake.accept("EURUSD", 1.1, 1.2, NOON, NOON)
        prepared = new.prepare(intake.take_collected(), [], clock)
        assert prepared
        new.send(prepared)
    assert [batch.number for batch in tick_log.read_batches_after(0)] == [NOON, NOON + 1, NOON + 2]


def test_a_new_feed_numbers_after_the_tick_log_and_the_stored_quotes() -> None:
    far = now_ms() + 10**9
    redis.sync_client().xadd(TICK_LOG, {"b": b'{"q":[],"p":{}}'}, id=entry_id(far))
    assert flush(publisher(), 1.1).batches[0].number == far + 1
    new = publisher()
    new.continue_after({"EURUSD": Tick("EURUSD", 1.1, 1.2, 1, 1, (far + 7) * BATCH_SIZE + 3)})
    assert flush(new, 1.1).batches[0].number == far + 8


def test_the_tick_log_is_trimmed_by_its_retention(settings: Any) -> None:
    settings.PATH_RETENTION = 60
    for number in range(1, 300):
        redis.sync_client().xadd(TICK_LOG, {"b": b'{"q":[],"p":{}}'}, id=entry_id(number))
    new = publisher()
    new.send(flush(new, 1.1))
    assert int(str(redis.sync_client().xlen(TICK_LOG))) <= 101  # whole nodes of 100 entries go


def test_a_replaced_feed_cannot_publish() -> None:
    old = publisher()
    late = flush(old, 1.1)
    publisher()
    with pytest.raises(Superseded):
        old.send(late)
    with pytest.raises(Superseded):
        old.report_alive()
    assert published_ticks() == []
    assert not redis.is_alive("feed")


def test_an_emptied_redis_gets_the_newest_quotes_again() -> None:
    new = publisher()
    new.send(flush(new, 1.1))
    redis.sync_client().flushall()
    prepared = flush(new, 1.3)
    with pytest.raises(RedisError, match="empty"):
        new.send(prepared)
    new.send(prepared)
    assert set(redis.sync_client().hgetall(QUOTES)) == {"EURUSD"}

"""What a flush writes to Redis, and that it does so exactly once."""

from typing import Any

import orjson
import pytest
from redis.exceptions import RedisError

from core import redis
from core.clock import now_ms
from core.redis_keys import QUOTES, QUOTES_CHANNEL
from market import path
from market.feed.intake import Intake
from market.feed.publisher import REFUSED, Answer, Flush, Publisher, Superseded
from market.path import PATH, Before, Tick, entry_id
from market.quotes import BATCH_SIZE, LatestQuotes
from tests.market.feed.support import NOON, published, rule

ANSWERS = [Answer("feed:answer:x", b"yes")]


def publisher() -> Publisher:
    new = Publisher()
    new.claim()
    new.follow({})
    return new


def flush(of: Publisher, *bids: float, answers: list[Answer] | None = None) -> Flush:
    intake = Intake([rule("EURUSD")])
    for bid in bids:
        intake.accept("EURUSD", bid, 1.2, NOON, NOON)
    prepared = of.prepare(intake.take(), answers or [], now_ms())
    assert prepared is not None
    return prepared


def test_a_flush_fills_the_path_the_newest_quotes_the_channel_and_the_refusals() -> None:
    client: Any = redis.client()
    listener = client.pubsub(ignore_subscribe_messages=True)
    listener.subscribe(QUOTES_CHANNEL)
    listener.get_message(timeout=1)
    new = publisher()
    new.send(flush(new, 1.1, 1.15, 1.3, answers=ANSWERS))
    (batch,) = path.after(0)
    first = batch.number * BATCH_SIZE
    assert batch.ticks == [
        Tick("EURUSD", 1.1, 1.2, NOON, NOON, first),
        Tick("EURUSD", 1.15, 1.2, NOON, NOON, first + 1),
    ]
    quote = LatestQuotes().get("EURUSD")
    assert quote == batch.ticks[1].quote()
    message = None
    while message is None:
        message = listener.get_message(timeout=5)
    assert orjson.loads(message["data"]) == [["EURUSD", 1.15, 1.2, NOON // 1000]]
    assert redis.client().hgetall(REFUSED) == {"EURUSD:CROSSED": "1"}
    assert redis.client().lrange("feed:answer:x", 0, -1) == ["yes"]
    assert 0 < int(str(redis.client().ttl("feed:answer:x"))) <= 60
    listener.close()


def test_the_quote_before_travels_with_the_batch() -> None:
    intake, new = Intake([rule("EURUSD")]), publisher()
    for bid in (1.1, 1.15):
        intake.accept("EURUSD", bid, 1.2, NOON, NOON + 1)
        prepared = new.prepare(intake.take(), [], now_ms())
        assert prepared
        new.send(prepared)
    assert [b.before for b in path.after(0)] == [{}, {"EURUSD": Before(1.1, 1.2, NOON + 1)}]


def test_a_flush_that_is_repeated_after_a_lost_answer_is_published_once() -> None:
    new = publisher()
    prepared = flush(new, 1.1, 1.3, answers=ANSWERS)
    for _ in range(3):
        new.send(prepared)
    assert len(published()) == 1
    assert redis.client().hgetall(REFUSED) == {"EURUSD:CROSSED": "1"}
    assert redis.client().llen("feed:answer:x") == 1
    assert set(new.take_changed()) == {"EURUSD"}


def test_refusals_alone_are_counted_once_as_well() -> None:
    new = publisher()
    prepared = flush(new, 1.3)
    new.send(prepared)
    new.send(prepared)
    assert redis.client().hgetall(REFUSED) == {"EURUSD:CROSSED": "1"}
    assert redis.client().xlen(PATH) == 0


def test_nothing_to_say_is_no_flush() -> None:
    assert publisher().prepare(Intake([]).take(), [], now_ms()) is None


def test_batches_grow_even_when_the_clock_stands_or_goes_back() -> None:
    new = publisher()
    for clock in (NOON, NOON, NOON - 5000):
        intake = Intake([rule("EURUSD")])
        intake.accept("EURUSD", 1.1, 1.2, NOON, NOON)
        prepared = new.prepare(intake.take(), [], clock)
        assert prepared
        new.send(prepared)
    assert [batch.number for batch in path.after(0)] == [NOON, NOON + 1, NOON + 2]


def test_a_new_feed_numbers_after_the_path_and_after_the_stored_quotes() -> None:
    far = now_ms() + 10**9
    redis.client().xadd(PATH, {"b": b'{"q":[],"p":{}}'}, id=entry_id(far))
    assert flush(publisher(), 1.1).batches[0].number == far + 1
    new = publisher()
    new.follow({"EURUSD": Tick("EURUSD", 1.1, 1.2, 1, 1, (far + 7) * BATCH_SIZE + 3)})
    assert flush(new, 1.1).batches[0].number == far + 8


def test_the_path_is_trimmed_by_its_retention(settings: Any) -> None:
    settings.PATH_RETENTION = 60
    for number in range(1, 300):
        redis.client().xadd(PATH, {"b": b'{"q":[],"p":{}}'}, id=entry_id(number))
    new = publisher()
    new.send(flush(new, 1.1))
    assert int(str(redis.client().xlen(PATH))) <= 101  # whole nodes of 100 entries go


def test_a_feed_that_was_replaced_can_publish_nothing_more() -> None:
    old = publisher()
    late = flush(old, 1.1)
    publisher()
    with pytest.raises(Superseded):
        old.send(late)
    with pytest.raises(Superseded):
        old.beat()
    assert published() == []
    assert not redis.alive("feed")


def test_a_redis_that_came_back_empty_gets_the_newest_quotes_again() -> None:
    new = publisher()
    new.send(flush(new, 1.1))
    redis.client().flushall()
    prepared = flush(new, 1.3)
    with pytest.raises(RedisError, match="empty"):
        new.send(prepared)
    new.send(prepared)
    assert set(redis.client().hgetall(QUOTES)) == {"EURUSD"}

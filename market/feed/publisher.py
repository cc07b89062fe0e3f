"""Publishes what the intake collected: one MULTI a flush, exactly once, by one feed only.

The key LAST_FLUSH holds `<token of the feed>:<number of its last flush>` and is watched and
written by every flush. So a repeat after a lost answer finds its own number there, and a
feed that was replaced finds another token: neither can publish, however late its packets
arrive.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson
from django.conf import settings
from redis.exceptions import RedisError

from core import redis
from core.clock import DAY_S
from core.redis_keys import QUOTES, QUOTES_CHANNEL
from market.feed import old
from market.feed.gaps import Gap
from market.feed.intake import AllRefused, Collected, OldQuote, Part
from market.path import PATH, Batch, Tick, batch_of, entry_id, newest
from market.quotes import BATCH_SIZE

PLACE = "feed:place"
REFUSED = "feed:refused"  # hash `SYMBOL:REASON` → number of refused quotes
GAPS = "feed:gaps"  # hash symbol → number of gaps in its quotes
ROUNDED = "feed:rounded"  # hash symbol → number of quotes with more than its digits
# Hash symbol → JSON [since unix ms, newest reason]: no quote was accepted for a quote_timeout.
ALL_REFUSED = "feed:all-refused"
LONGEST = "feed:longest-gaps"  # sorted set symbol → ms of its longest gap
ANSWER_LIFE = 60  # seconds that an answer waits to be fetched


class Superseded(Exception):
    """Another feed has taken over."""


class DataLost(RedisError):
    """Redis came back empty. What can be restored has been: send the flush again."""


class Answer(NamedTuple):
    """The answer to a push request, sent once its quotes are in the tick log.

    `stored_at` is the key that holds it for a repeat of the request; empty without an
    idempotency key.
    """

    key: str
    body: bytes
    kept: str = ""


@dataclass(slots=True)
class Flush:
    """One publication with its numbers: however often it is sent, it is the same."""

    number: int
    place: int = 0  # its last batch's number, 0 without any
    batches: list[Batch] = field(default_factory=list)
    newest: dict[str, Tick] = field(default_factory=dict)
    old: list[tuple[int, list[OldQuote]]] = field(default_factory=list)  # batch, its old ones
    refused: dict[str, int] = field(default_factory=dict)
    rounded: dict[str, int] = field(default_factory=dict)
    all_refused: dict[str, AllRefused | None] = field(default_factory=dict)
    gaps: dict[str, Gap] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)


class Publisher:
    """The only writer of quotes to Redis."""

    def __init__(self) -> None:
        self.newest: dict[str, Tick] = {}
        self.place = 0  # the last batch that was published, 0 before the first
        self._changed: dict[str, Tick] = {}
        self._batch = 0
        self._token = uuid.uuid4().hex
        self._flush = 0

    def claim(self) -> None:
        """Become the feed that publishes: from now on no other one can."""
        redis.client().set(PLACE, self._mark(0))
        redis.client().delete(ALL_REFUSED)  # nothing of the new source has been refused yet

    def follow(self, quotes: Mapping[str, Tick], seen: int = 0) -> None:
        """Continue after the newest published quotes, and restore those that Redis has lost.

        New quotes get sequence numbers beyond `last_seq_no`: up to it they would trigger
        nothing.
        """
        self.newest = dict(quotes)
        numbers = (batch_of(tick.number) for tick in self.newest.values())
        self._batch = max(self._batch, newest(), batch_of(seen), *numbers)
        if self.newest:
            redis.client().hset(QUOTES, mapping=_as_stored(self.newest))

    def prepare(self, collected: Collected, answers: list[Answer], now_ms: int) -> Flush | None:
        """Number the collected quotes as a flush; return None if there is nothing to publish."""
        if not (collected.parts or collected.refused or collected.all_refused or answers):
            return None
        self._flush += 1
        flush = Flush(self._flush, answers=answers)
        flush.gaps, flush.all_refused = collected.gaps, collected.all_refused
        flush.rounded = collected.rounded
        for part in collected.parts:
            self._batch = flush.place = max(self._batch + 1, now_ms)
            if part.old:
                flush.old.append((self._batch, part.old))
            if part.ticks:
                batch = _numbered(self._batch, part)
                flush.batches.append(batch)
                flush.newest.update((name, batch.ticks[i]) for name, i in part.newest.items())
        for (symbol, reason), count in collected.refused.items():
            flush.refused[f"{symbol}:{reason}"] = count
        return flush

    def send(self, flush: Flush) -> None:
        """Publish the flush; after an error, send the same flush again.

        Raises:
            RedisError: it may or may not have been published.
            DataLost: Redis came back empty; the flush was not published.
            Superseded: another feed publishes now; this flush was not published.
        """
        pipe: Any
        with redis.client().pipeline(transaction=True) as pipe:
            pipe.watch(PLACE)
            place = pipe.get(PLACE)
            if place != self._mark(flush.number):
                if place is None:
                    self.claim()
                    self.follow(self.newest)
                    raise DataLost("Redis came back empty")
                self._check(place)
                pipe.multi()
                self._queue(pipe, flush)
                pipe.execute()
        self.place = max(self.place, flush.place)
        self.newest.update(flush.newest)
        self._changed.update(flush.newest)

    def beat(self) -> None:
        """Write the feed's sign of life.

        Raises:
            Superseded: another feed publishes now.
        """
        place: Any = redis.client().get(PLACE)
        if place is not None:
            self._check(place)
        redis.beat("feed")

    def take_changed(self) -> dict[str, Tick]:
        """Return the newest quotes of the symbols that moved since the last call."""
        changed, self._changed = self._changed, {}
        return changed

    def _mark(self, flush: int) -> str:
        """Return the value of LAST_FLUSH after this flush."""
        return f"{self._token}:{flush}"

    def _check(self, place: str) -> None:
        """Compare the value of LAST_FLUSH with this feed's token.

        Raises:
            Superseded: it is another feed's.
        """
        if not place.startswith(self._token):
            raise Superseded

    def _queue(self, pipe: Any, flush: Flush) -> None:
        """Add all writes of the flush to the transaction."""
        for number, quotes in flush.old:
            old.queue(pipe, number, quotes, number - settings.PATH_RETENTION * 1000)
        for batch in flush.batches:
            oldest = batch.number - settings.PATH_RETENTION * 1000
            name = entry_id(batch.number)
            pipe.xadd(PATH, {"b": batch.encoded()}, id=name, minid=oldest, approximate=True)
        if flush.newest:
            pipe.hset(QUOTES, mapping=_as_stored(flush.newest))
            pipe.publish(
                QUOTES_CHANNEL, orjson.dumps([_as_published(t) for t in flush.newest.values()])
            )
        self._queue_health(pipe, flush)
        for answer in flush.answers:
            pipe.rpush(answer.key, answer.body)
            pipe.expire(answer.key, ANSWER_LIFE)
            if answer.kept:
                pipe.set(answer.kept, answer.body, ex=settings.IDEMPOTENCY_DAYS * DAY_S)
        pipe.set(PLACE, self._mark(flush.number))

    def _queue_health(self, pipe: Any, flush: Flush) -> None:
        """Add the counts of refusals, rounded quotes and gaps to the transaction."""
        for name, count in flush.refused.items():
            pipe.hincrby(REFUSED, name, count)
        for symbol, count in flush.rounded.items():
            pipe.hincrby(ROUNDED, symbol, count)
        for symbol, state in flush.all_refused.items():
            if state is None:
                pipe.hdel(ALL_REFUSED, symbol)
            else:
                pipe.hset(ALL_REFUSED, symbol, orjson.dumps(state))
        for symbol, gap in flush.gaps.items():
            pipe.hincrby(GAPS, symbol, gap.times)
            pipe.zadd(LONGEST, {symbol: gap.longest}, gt=True)


def _numbered(number: int, part: Part) -> Batch:
    """Return the batch with a sequence number for each quote."""
    first = number * BATCH_SIZE
    return Batch(number, [Tick(*t, first + i) for i, t in enumerate(part.ticks)], part.before)


def _as_stored(quotes: Mapping[str, Tick]) -> dict[Any, Any]:
    """Encode as `StoredQuote`s, whose fields are those of a tick after its symbol."""
    return {symbol: orjson.dumps(tick[1:]) for symbol, tick in quotes.items()}


def _as_published(tick: Tick) -> tuple[str, float, float, int]:
    """Return a `PublishedQuote` as a plain tuple: orjson writes no named ones."""
    return tick.symbol, tick.bid, tick.ask, tick.time // 1000

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
from redis.client import Pipeline
from redis.exceptions import RedisError

from core import redis
from core.clock import DAY_S
from core.redis_keys import LAST_FLUSH, QUOTES_CHANNEL
from market.feed import late_quotes
from market.feed.gaps import Gap
from market.feed.intake import CollectedQuotes, OldQuote, PendingBatch, RefusedSince
from market.quotes.quote import BATCH_SIZE
from market.quotes.shared_quotes import queue_newest_quotes
from market.quotes.tick_log import TICK_LOG, Batch, Tick, batch_of, entry_id, newest_batch_number

REFUSED = "feed:refused"  # hash `SYMBOL:REASON` → number of refused quotes
GAPS = "feed:gaps"  # hash symbol → number of gaps in its quotes
ROUNDED = "feed:rounded"  # hash symbol → number of quotes with more than its digits
# Hash symbol → JSON [since unix ms, newest reason]: no quote was accepted for a quote_timeout.
ALL_REFUSED = "feed:all-refused"
LONGEST_GAPS = "feed:longest-gaps"  # sorted set symbol → ms of its longest gap
ANSWER_LIFE = 60  # seconds that an answer waits to be fetched


class Superseded(Exception):
    """Another feed has taken over."""


class DataLost(RedisError):
    """Redis came back empty. What can be restored has been: send the flush again."""


class PushAnswer(NamedTuple):
    """The answer to a push request, sent once its quotes are in the tick log.

    `stored_at` is the key that holds it for a repeat of the request; empty without an
    idempotency key.
    """

    key: str
    body: bytes
    stored_at: str = ""


@dataclass(slots=True)
class Flush:
    """One publication with its numbers: however often it is sent, it is the same."""

    number: int
    last_batch: int = 0  # its last batch's number, 0 without any
    batches: list[Batch] = field(default_factory=list)
    newest: dict[str, Tick] = field(default_factory=dict)
    old: list[tuple[int, list[OldQuote]]] = field(default_factory=list)  # batch, its old ones
    refused: dict[str, int] = field(default_factory=dict)
    rounded: dict[str, int] = field(default_factory=dict)
    all_refused: dict[str, RefusedSince | None] = field(default_factory=dict)
    gaps: dict[str, Gap] = field(default_factory=dict)
    answers: list[PushAnswer] = field(default_factory=list)


class Publisher:
    """The only writer of quotes to Redis."""

    def __init__(self) -> None:
        self.newest: dict[str, Tick] = {}
        self.last_batch = 0  # the last batch that was published, 0 before the first
        self._changed: dict[str, Tick] = {}
        self._last_number = 0
        self._token = uuid.uuid4().hex
        self._last_flush = 0

    def claim_publishing(self) -> None:
        """Become the feed that publishes: from now on no other one can."""
        redis.sync_client().set(LAST_FLUSH, self._flush_mark(0))
        redis.sync_client().delete(ALL_REFUSED)  # nothing of the new source has been refused yet

    def continue_after(self, quotes: Mapping[str, Tick], last_seq_no: int = 0) -> None:
        """Continue after the newest published quotes, and restore those that Redis has lost.

        New quotes get sequence numbers beyond `last_seq_no`: up to it they would trigger
        nothing.
        """
        self.newest = dict(quotes)
        numbers = (batch_of(tick.seq_no) for tick in self.newest.values())
        self._last_number = max(
            self._last_number, newest_batch_number(), batch_of(last_seq_no), *numbers
        )
        if self.newest:
            pipe = redis.sync_client().pipeline(transaction=True)
            queue_newest_quotes(pipe, _as_stored(self.newest))
            pipe.execute()

    def prepare(
        self, collected: CollectedQuotes, answers: list[PushAnswer], now_ms: int
    ) -> Flush | None:
        """Return the collected quotes as a numbered flush, None if there is nothing to publish."""
        if not (collected.batches or collected.refused or collected.all_refused or answers):
            return None
        self._last_flush += 1
        flush = Flush(self._last_flush, answers=answers)
        flush.gaps, flush.all_refused = collected.gaps, collected.all_refused
        flush.rounded = collected.rounded
        for part in collected.batches:
            self._last_number = flush.last_batch = max(self._last_number + 1, now_ms)
            if part.old:
                flush.old.append((self._last_number, part.old))
            if part.ticks:
                batch = _number_batch(self._last_number, part)
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
        pipe: Any  # its `watch` has no types
        with redis.sync_client().pipeline(transaction=True) as pipe:
            pipe.watch(LAST_FLUSH)
            last_flush = pipe.get(LAST_FLUSH)
            if last_flush != self._flush_mark(flush.number):
                if last_flush is None:
                    self.claim_publishing()
                    self.continue_after(self.newest)
                    raise DataLost("Redis came back empty")
                self._check_token(last_flush)
                pipe.multi()
                self._queue_flush(pipe, flush)
                pipe.execute()
        self.last_batch = max(self.last_batch, flush.last_batch)
        self.newest.update(flush.newest)
        self._changed.update(flush.newest)

    def report_alive(self) -> None:
        """Write the feed's sign of life.

        Raises:
            Superseded: another feed publishes now.
        """
        last_flush = redis.text_client().get(LAST_FLUSH)
        if last_flush is not None:
            self._check_token(last_flush)
        redis.mark_alive("feed")

    def take_changed(self) -> dict[str, Tick]:
        """Return the newest quotes of the symbols that moved since the last call."""
        changed, self._changed = self._changed, {}
        return changed

    def _flush_mark(self, flush: int) -> str:
        """Return the value of LAST_FLUSH after this flush."""
        return f"{self._token}:{flush}"

    def _check_token(self, last_flush: str) -> None:
        """Compare the value of LAST_FLUSH with this feed's token.

        Raises:
            Superseded: it is another feed's.
        """
        if not last_flush.startswith(self._token):
            raise Superseded

    def _queue_flush(self, pipe: Pipeline, flush: Flush) -> None:
        """Add all writes of the flush to the transaction."""
        for number, quotes in flush.old:
            late_quotes.queue_old_quotes(
                pipe, number, quotes, number - settings.PATH_RETENTION * 1000
            )
        for batch in flush.batches:
            oldest = batch.number - settings.PATH_RETENTION * 1000
            name = entry_id(batch.number)
            pipe.xadd(TICK_LOG, {"b": batch.encode()}, id=name, minid=oldest, approximate=True)
        if flush.newest:
            queue_newest_quotes(pipe, _as_stored(flush.newest))
            pipe.publish(
                QUOTES_CHANNEL, orjson.dumps([_as_published(t) for t in flush.newest.values()])
            )
        self._queue_health(pipe, flush)
        for answer in flush.answers:
            pipe.rpush(answer.key, answer.body)
            pipe.expire(answer.key, ANSWER_LIFE)
            if answer.stored_at:
                pipe.set(answer.stored_at, answer.body, ex=settings.IDEMPOTENCY_DAYS * DAY_S)
        pipe.set(LAST_FLUSH, self._flush_mark(flush.number))

    def _queue_health(self, pipe: Pipeline, flush: Flush) -> None:
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
            pipe.hincrby(GAPS, symbol, gap.number)
            pipe.zadd(LONGEST_GAPS, {symbol: gap.longest}, gt=True)


def _number_batch(number: int, pending: PendingBatch) -> Batch:
    """Return the batch with a sequence number for each quote."""
    first = number * BATCH_SIZE
    return Batch(
        number, [Tick(*t, first + i) for i, t in enumerate(pending.ticks)], pending.previous
    )


def _as_stored(quotes: Mapping[str, Tick]) -> dict[str, tuple[object, ...]]:
    """Return `StoredQuote`s, whose fields are those of a tick after its symbol."""
    return {symbol: tick[1:] for symbol, tick in quotes.items()}


def _as_published(tick: Tick) -> tuple[str, float, float, int]:
    """Return a `PublishedQuote` as a plain tuple: orjson writes no named ones."""
    return tick.symbol, tick.bid, tick.ask, tick.time // 1000

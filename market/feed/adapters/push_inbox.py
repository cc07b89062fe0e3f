"""Handover of pushed quotes: the web process sends a request, the feed answers it.

A request is an entry of the stream INBOX. Whoever marks it first owns it: the feed by
claiming it, or the web process that takes it back after it has waited long enough. The
answer is written in the same MULTI as the quotes, so it means: in the tick log, exactly
once. For a request with an idempotency key the answer is stored as well: a repeat, even
after a crash of the web process before it could note the answer, gets the same answer and
changes nothing.
"""

import time
import uuid
from collections.abc import Sequence
from typing import Any

import orjson
from django.conf import settings
from redis.exceptions import RedisError
from redis.typing import EncodableT, FieldT

from core import redis
from core.clock import now_ms
from market.errors import FeedBusy, FeedNotPush

# Stream; fields `k` key of the answer, `q` JSON [[symbol, bid, ask, ctm], …], `once` the key under
# which the answer is stored for repeats, or empty.
INBOX = "feed:inbox"
STORED_ANSWER_PREFIX = "feed:kept:"  # prefix of answers that are stored for repeats of a request
CLAIM_PREFIX = "feed:taken:"  # prefix of the mark that a request was claimed or taken back
ANSWER_TIMEOUT = 5.0  # seconds until a request is taken back, and again for a claimed one
LONGEST_POP = 2.0  # seconds; below the client's socket timeout
REQUEST_LIFE_MS = 60_000  # ms after which nobody waits for an answer any more
UNKNOWN = "the feed has not confirmed the quotes; whether they were accepted is not known"

PushedQuote = tuple[str, float, float, int]  # symbol, bid, ask, ctm in unix ms


def push_quotes(*, quotes: Sequence[PushedQuote], once: str = "") -> dict[str, object]:
    """Hand the quotes to the feed and wait until they are published.

    Requests with the same `once`, unless it is empty, take effect once.

    Returns:
        `accepted`, a number, and `refused`, a list of [index, reason].

    Raises:
        FeedNotPush: the feed takes its quotes from elsewhere.
        FeedBusy: no answer in time; the message says whether something was accepted.
    """
    if settings.FEED != "push":
        raise FeedNotPush
    try:
        return _stored_answer(once) or _send_request(orjson.dumps(quotes), once)
    except RedisError as error:
        raise FeedBusy(UNKNOWN) from error


def _stored_answer(once: str) -> dict[str, object] | None:
    """Return the answer stored for an earlier request with this key, else None."""
    found = redis.sync_client().get(STORED_ANSWER_PREFIX + once) if once else None
    return None if found is None else dict(orjson.loads(found))


def _send_request(quotes: bytes, once: str) -> dict[str, object]:
    """Append the request to the inbox and wait for its answer.

    Raises:
        FeedBusy: no answer in time; the message says whether something was accepted.
    """
    client = redis.sync_client()
    key = f"feed:answer:{uuid.uuid4().hex}"
    fields: dict[FieldT, EncodableT] = {
        "k": key,
        "q": quotes,
        "once": STORED_ANSWER_PREFIX + once if once else "",
    }
    oldest = now_ms() - REQUEST_LIFE_MS
    entry: Any = client.xadd(INBOX, fields, minid=oldest, approximate=False)
    answer = _wait_for_answer(key)
    if answer is None:
        if all(claim_request(entry, key)):  # the feed ignores any further copy of it
            raise FeedBusy
        answer = _wait_for_answer(key)
    if answer is None:
        raise FeedBusy(UNKNOWN)
    return answer


def claim_request(entry: str, key: str) -> tuple[bool, bool]:
    """Delete the entry and mark the request; return whether each was done by this call.

    The client library repeats a command that got no answer, so an entry may exist twice;
    only the mark is unique.
    """
    with redis.sync_client().pipeline(transaction=True) as pipe:
        pipe.xdel(INBOX, entry)
        pipe.set(CLAIM_PREFIX + key, 1, nx=True, px=REQUEST_LIFE_MS)
        deleted, first = pipe.execute()
    return bool(deleted), bool(first)


def _wait_for_answer(key: str) -> dict[str, object] | None:
    """Return the answer, or None if there is none within ANSWER_TIMEOUT."""
    deadline = time.monotonic() + ANSWER_TIMEOUT
    while (left := deadline - time.monotonic()) > 0:
        popped = redis.sync_client().blpop([key], timeout=max(0.01, min(left, LONGEST_POP)))
        if popped is not None:
            answer: dict[str, object] = orjson.loads(popped[1])
            return answer
    return None

"""The feed adapter `push`: a bridge posts quotes, the web processes put them into the inbox."""

import threading
import time
from collections.abc import Iterable
from typing import Any

import orjson

from core import redis
from core.clock import now_ms
from market.feed.adapters.feed_adapter import FeedAdapter
from market.feed.adapters.push_inbox import INBOX, claim_request
from market.feed.intake import Intake
from market.feed.publisher import PushAnswer
from market.models import Symbol
from market.quotes.quote import BATCH_SIZE
from market.quotes.tick_log import Tick

REQUESTS_AT_ONCE = 10  # requests read in one round trip


class PushAdapter(FeedAdapter):
    """Takes requests from the inbox and answers each with its batch."""

    name = "push"

    def start(self, symbols: Iterable[Symbol], quotes: dict[str, Tick]) -> None:
        self._answers: list[PushAnswer] = []

    def pump(self, intake: Intake, until: float, stop: threading.Event) -> bool:
        """Take requests until the monotonic time `until`, or until they fill a batch."""
        while not stop.is_set() and intake.waiting < BATCH_SIZE:
            left = until - time.monotonic()
            if left <= 0:
                break
            for entry, fields in _read_requests(max(1, int(left * 1000))):
                if all(claim_request(entry, fields["k"])):  # not taken back, and not claimed before
                    self._answers.append(self._answer_request(intake, fields))
        return True

    def take_answers(self) -> list[PushAnswer]:
        answers, self._answers = self._answers, []
        return answers

    def _answer_request(self, intake: Intake, fields: dict[str, str]) -> PushAnswer:
        """Take in the request's quotes and return its answer; a repeat gets the first one's."""
        stored_at = fields.get("once", "")
        body = self._find_first_answer(stored_at) if stored_at else None
        return PushAnswer(fields["k"], body or _accept_quotes(intake, fields["q"]), stored_at)

    def _find_first_answer(self, stored_at: str) -> bytes | None:
        """Return the answer that an earlier request with this key got, else None."""
        unsent = (answer.body for answer in self._answers if answer.stored_at == stored_at)
        found = next(unsent, None) or redis.sync_client().get(stored_at)
        return found.encode() if isinstance(found, str) else found


def _read_requests(block_ms: int) -> list[Any]:
    """Return the oldest requests, waiting up to `block_ms` for the first one.

    Claimed requests are deleted from the stream, so reading always begins at 0.
    """
    found = redis.sync_client().xread({INBOX: "0"}, count=REQUESTS_AT_ONCE, block=block_ms)
    if isinstance(found, dict):  # protocol 3
        return [entry for entries in found.values() for entry in entries[0]]
    return [entry for _, entries in found or () for entry in entries]


def _accept_quotes(intake: Intake, quotes_json: str) -> bytes:
    """Pass the request's quotes to the intake; return the answer's JSON."""
    received, quotes = now_ms(), orjson.loads(quotes_json)
    refused = []
    for index, (symbol, bid, ask, ctm) in enumerate(quotes):
        reason = intake.accept(symbol, bid, ask, ctm, received)
        if reason is not None:
            refused.append([index, reason])
    return orjson.dumps({"accepted": len(quotes) - len(refused), "refused": refused})

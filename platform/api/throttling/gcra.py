"""Counting requests by the generic cell rate algorithm, in one round trip for all rules.

GCRA, in the form of virtual scheduling (ATM Forum, Traffic Management Specification 4.0,
and ITU-T I.371): of every counter only the theoretical arrival time (TAT) of its next
request is stored. With the interval T = period / limit, a request at time t is admitted
when

    max(TAT, t) + T - t <= T * limit

and TAT becomes max(TAT, t) + T. So `limit` requests may come at once, then one every T. A
request that one rule refuses is counted by none. Times are whole microseconds by the clock
of Redis.
"""

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from redis.exceptions import RedisError

from core import redis

SECOND = 1_000_000  # microseconds
REDIS_RETRY_DELAY = 2.0  # seconds for which a failed Redis is not asked again
MOST_LOCAL_COUNTERS = 100_000  # in one process, while Redis is unavailable
KEYS_PER_SCAN = 1000  # keys that Redis looks at in one step
log = logging.getLogger(__name__)

# KEYS: the counters. ARGV: interval, limit and cost of each. Returns: now, whether it is
# refused (1 or 0), then the TATs.
SCRIPT = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local tats, refused = {}, 0
for i, key in ipairs(KEYS) do
  local interval, limit, cost = ARGV[3*i-2] + 0, ARGV[3*i-1] + 0, ARGV[3*i] + 0
  tats[i] = math.max(tonumber(redis.call('GET', key) or now), now)
  if cost > 0 and tats[i] + interval * cost - now > interval * limit then refused = 1 end
end
for i, key in ipairs(KEYS) do
  local cost = ARGV[3*i] + 0
  if refused == 0 and cost ~= 0 then
    tats[i] = math.max(tats[i] + ARGV[3*i-2] * cost, now)
    local life = math.ceil((tats[i] - now) / 1000)
    if life > 0 then redis.call('SET', key, string.format('%.0f', tats[i]), 'PX', life)
    else redis.call('DEL', key) end
  end
end
return {now, refused, unpack(tats)}
"""


class RateLimitCharge(NamedTuple):
    """What one rule counts for a request; a cost of 0 only reads, a negative one refunds."""

    key: str
    limit: int
    period: int  # seconds
    cost: int = 1

    @property
    def interval(self) -> int:
        """Return the microseconds from one request to the next."""
        return max(1, self.period * SECOND // self.limit)


@dataclass(frozen=True, slots=True)
class RateLimitState:
    """The state of a rule after the request."""

    limit: int
    remaining: int
    reset: int  # unix seconds, when the whole limit is free again
    wait: float  # seconds until the refused request would be admitted, else 0


def spend_charges(charges: Sequence[RateLimitCharge]) -> list[RateLimitState]:
    """Count the request in all rules or in none; it is refused where a `wait` is not 0.

    Without Redis this process counts by itself: the limits become those of each process,
    and trying passwords stays slow.
    """
    if not charges:
        return []
    found = _redis.spend(charges)
    now, refused, *tats = _local.spend(charges) if found is None else found
    return [_state_of(charge, tat, now, refused) for charge, tat in zip(charges, tats, strict=True)]


def refund_charges(charges: Sequence[RateLimitCharge]) -> None:
    """Take back a request that `spend_charges` has counted."""
    spend_charges([charge._replace(cost=-charge.cost) for charge in charges])


def reset_counters(keys: Sequence[str], pattern: str) -> None:
    """Reset these counters, and those whose keys match a glob pattern of Redis.

    Walks through all keys of Redis in small steps: for what staff do by hand, not for
    requests of clients. Counters that processes hold while Redis is unavailable are not
    reset.
    """
    client = redis.fail_fast_client()
    try:
        client.delete(*keys)
        for key in client.scan_iter(match=pattern, count=KEYS_PER_SCAN):
            client.delete(key)
    except RedisError as error:
        log.warning("rate limits: counters could not be cleared: %s", error)


def _state_of(charge: RateLimitCharge, tat: int, now: int, refused: int) -> RateLimitState:
    tolerance = charge.interval * charge.limit
    excess = tat + charge.interval * charge.cost - now - tolerance
    return RateLimitState(
        limit=charge.limit,
        remaining=max(0, (tolerance - (tat - now)) // charge.interval),
        reset=-(-tat // SECOND),
        wait=max(0, excess) / SECOND if refused and charge.cost > 0 else 0,
    )


class RedisCounters:
    """The counters that all processes share."""

    def __init__(self) -> None:
        self._unavailable_until: float | None = None

    def spend(self, charges: Sequence[RateLimitCharge]) -> list[int] | None:
        """Return the result of SCRIPT, None while Redis is unavailable; log when that begins."""
        if self._unavailable_until is not None and time.monotonic() < self._unavailable_until:
            return None
        try:
            parts = [(charge.interval, charge.limit, charge.cost) for charge in charges]
            found = _script.run([charge.key for charge in charges], [n for p in parts for n in p])
        except RedisError as error:
            if self._unavailable_until is None:
                log.warning("rate limits: each process counts by itself: %s", error)
            self._unavailable_until = time.monotonic() + REDIS_RETRY_DELAY
            return None
        if self._unavailable_until is not None:
            log.info("rate limits: Redis counts again")
            self._unavailable_until = None
        answer: list[int] = found
        return answer


class LocalCounters:
    """The counters of one process while Redis is unavailable. The same steps as SCRIPT."""

    def __init__(self) -> None:
        self._tats: dict[str, int] = {}
        self._lock = threading.Lock()

    def spend(self, charges: Sequence[RateLimitCharge]) -> list[int]:
        with self._lock:
            now = time.time_ns() // 1000
            if len(self._tats) > MOST_LOCAL_COUNTERS:
                self._tats = {key: tat for key, tat in self._tats.items() if tat > now}
            tats = [max(self._tats.get(charge.key, now), now) for charge in charges]
            refused = any(
                c.cost > 0 and tat + c.interval * c.cost - now > c.interval * c.limit
                for c, tat in zip(charges, tats, strict=True)
            )
            if not refused:
                moved = zip(charges, tats, strict=True)
                tats = [max(tat + c.interval * c.cost, now) for c, tat in moved]
                self._tats.update(zip((c.key for c in charges), tats, strict=True))
        return [now, int(refused), *tats]


_script = redis.RedisScript(redis.fast_thread_connection, SCRIPT)
_redis, _local = RedisCounters(), LocalCounters()

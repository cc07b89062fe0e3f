"""Closes the expired alerts of symbols that no longer move."""

from typing import Any

from django.conf import settings

from alerts import claims, evaluation_queries
from alerts.enums import Status
from alerts.models import Alert
from core import redis
from core.clock import DAY_S, now
from core.locks import transactional
from core.redis_keys import QUOTES, StoredQuote
from market import path

AT_ONCE = 1000  # alerts of one transaction
GRACE = 300  # seconds that one symbol's quotes may come after those of all others
SILENCE = DAY_S  # seconds after which an end has passed though no quote of any symbol says so


def close_expired() -> int:
    """Close them all, a bounded number a transaction; answers how many."""
    closed = 0
    while found := _close():
        closed += found
    return closed


@transactional
def _close() -> int:
    """One portion, while no worker evaluates and everything that was published is evaluated.

    The times of quotes decide, so an alert stays open as long as one that is still to come could
    be from before its end: until other symbols' quotes are GRACE beyond it. Their clock is held
    back by ours. Fresh alerts have quotes to be judged by; the next window does that.
    """
    place = evaluation_queries.lock_checkpoint()
    passed = _passed()
    if place is None or path.newest() > place.batch:
        return 0
    due = Alert.objects.active().filter(fresh=False, expires_at__gt=0, expires_at__lt=passed)
    alerts = list(due.order_by("expires_at")[:AT_ONCE])
    for alert in alerts:
        alert.status, alert.updated_at = Status.EXPIRED, now()
    claims.settle([(alert, []) for alert in alerts])
    return len(alerts)


def _passed() -> int:
    """The moment, in unix seconds, that no quote to come can be from before of."""
    values: Any = redis.client().hvals(QUOTES)
    latest = map(StoredQuote.decode, values)
    reached = max((min(quote.time, quote.received) for quote in latest), default=0)
    # A recording has a time of its own, whatever our clock says.
    silent = 0 if settings.FEED == "replay" else now() - SILENCE
    return max(reached // 1000 - GRACE, silent)

"""Closes expired alerts of symbols that get no quotes any more."""

from django.conf import settings

from alerts.enums import AlertStatus
from alerts.evaluation import firing, queries
from alerts.models import Alert
from core import redis
from core.clock import DAY_S, now
from core.locks import transactional
from core.redis_keys import QUOTES, StoredQuote
from market.quotes import tick_log

ALERTS_PER_TRANSACTION = 1000  # at most
LATE_QUOTE_GRACE = 300  # seconds that a symbol's quotes may lag behind all others'
SILENCE_LIMIT = DAY_S  # seconds after which an alert expires even without newer quotes


def close_expired() -> int:
    """Close all expired alerts, a bounded number a transaction; return how many."""
    closed = 0
    while found := _close_portion():
        closed += found
    return closed


@transactional
def _close_portion() -> int:
    """Close up to ALERTS_PER_TRANSACTION alerts, if all published batches are evaluated.

    Holds the checkpoint, so that no worker evaluates meanwhile. The source times of quotes
    decide: an alert stays open as long as a quote from before its expiry may still arrive.
    Unevaluated alerts are left to the next window.
    """
    checkpoint = queries.lock_checkpoint()
    cutoff = _expiry_cutoff()
    if checkpoint is None or tick_log.newest_batch_number() > checkpoint.batch:
        return 0
    due = Alert.objects.active().filter(fresh=False, expires_at__gt=0, expires_at__lt=cutoff)
    alerts = list(due.order_by("expires_at")[:ALERTS_PER_TRANSACTION])
    for alert in alerts:
        alert.status, alert.updated_at = AlertStatus.EXPIRED, now()
    firing.persist_outcomes([(alert, []) for alert in alerts])
    return len(alerts)


def _expiry_cutoff() -> int:
    """Return the unix second before which no quote is expected to arrive any more.

    That is LATE_QUOTE_GRACE behind the newest quote, whose source time counts only up to
    its receipt, or SILENCE_LIMIT behind our clock, whichever is later.
    """
    values = redis.sync_client().hvals(QUOTES)
    latest = map(StoredQuote.decode, values)
    reached = max((min(quote.time, quote.received) for quote in latest), default=0)
    # A replayed recording has its own time, independent of our clock.
    silent = 0 if settings.FEED == "replay" else now() - SILENCE_LIMIT
    return max(reached // 1000 - LATE_QUOTE_GRACE, silent)

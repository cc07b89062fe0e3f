"""Sends due deliveries in threads beside the worker's tasks, which do not wait for them.

A thread claims a delivery in one short transaction, sends it outside of any, and stores the
result in another. If it dies in between, the lease on the delivery runs out and another
thread sends it again under the same id: at least once, and never twice at the same time.
"""

import logging
import threading
from contextlib import suppress

from django.db import connection

from alerts.deliveries import mail, webhook
from alerts.deliveries.enums import AddressState, Channel
from alerts.deliveries.models import Delivery
from alerts.deliveries.noting import note
from alerts.deliveries.outcome import Outcome, failed
from core.clock import now

AT_ONCE = 6  # per process: a slow receiver holds up one of them
SENDERS = {Channel.EMAIL: mail.send, Channel.WEBHOOK: webhook.send}
NEEDS = {False: AddressState.VERIFIED, True: AddressState.UNVERIFIED}  # by "is a verification"
places = threading.BoundedSemaphore(AT_ONCE)
log = logging.getLogger(__name__)


def call() -> threading.Thread | None:
    """Start a thread if a delivery is due and fewer than MAX_THREADS run; return it."""
    if not places.acquire(blocking=False):
        return None
    if not _anything():
        return None
    courier = threading.Thread(target=_go, name="courier", daemon=True)
    courier.start()
    return courier


def work() -> None:
    """Send until no delivery is due."""
    while (delivery := Delivery.objects.claim()) is not None:
        call()  # for further due deliveries, as this one may be slow
        carry(delivery)


def carry(delivery: Delivery) -> None:
    """Send a claimed delivery and store the result."""
    note(delivery, _sent(delivery))


def _sent(delivery: Delivery) -> Outcome:
    """Return the result of one attempt; an expired or changed address gets none."""
    address, verification = delivery.address, delivery.verifies
    late = verification and address.code_until <= now()
    if address.state != NEEDS[verification] or late:
        words = "the code has expired" if late else "the address was not verified any more"
        return Outcome(delivered=False, words=words, hopeless=True, ours=True)
    try:
        return SENDERS[Channel(address.channel)](delivery)
    except Exception:
        log.exception("%s could not be sent", delivery)  # a failed attempt, so retries end
        return failed("our own error", ours=True)


def _anything() -> bool:
    """Check whether a delivery is due; if not, or if the query fails, free the slot."""
    due = False
    try:
        due = Delivery.objects.due().exists()
    finally:
        if not due:
            places.release()
    return due


def _go() -> None:
    """Send due deliveries in this thread, then free its slot and close its connection."""
    try:
        work()
    except Exception:
        log.exception("a courier failed")  # the lease runs out, and beat starts another thread
    finally:
        places.release()
        with suppress(Exception):
            connection.close()

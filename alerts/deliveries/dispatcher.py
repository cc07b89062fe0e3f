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
from alerts.deliveries.outcome import DeliveryResult, retryable_failure
from alerts.deliveries.results import store_result
from core.clock import now

MAX_THREADS = 6  # per process: a slow receiver holds up one of them
SENDERS = {Channel.EMAIL: mail.send_email, Channel.WEBHOOK: webhook.send_webhook}
# By whether the delivery is a verification.
REQUIRED_STATES = {False: AddressState.VERIFIED, True: AddressState.UNVERIFIED}
free_slots = threading.BoundedSemaphore(MAX_THREADS)
log = logging.getLogger(__name__)


def start_dispatcher() -> threading.Thread | None:
    """Start a thread if a delivery is due and fewer than MAX_THREADS run; return it."""
    if not free_slots.acquire(blocking=False):
        return None
    if not _is_anything_due():
        return None
    thread = threading.Thread(target=_run_dispatcher, name="dispatcher", daemon=True)
    thread.start()
    return thread


def send_due_deliveries() -> None:
    """Send until no delivery is due."""
    while (delivery := Delivery.objects.claim()) is not None:
        start_dispatcher()  # for further due deliveries, as this one may be slow
        send_claimed(delivery)


def send_claimed(delivery: Delivery) -> None:
    """Send a claimed delivery and store the result."""
    store_result(delivery, _attempt(delivery))


def _attempt(delivery: Delivery) -> DeliveryResult:
    """Return the result of one attempt; an expired or changed address gets none."""
    address, verification = delivery.address, delivery.is_verification
    expired = verification and address.code_until <= now()
    if address.state != REQUIRED_STATES[verification] or expired:
        message = "the code has expired" if expired else "the address was not verified any more"
        return DeliveryResult(delivered=False, message=message, permanent=True, own_fault=True)
    try:
        return SENDERS[Channel(address.channel)](delivery)
    except Exception:
        log.exception("%s could not be sent", delivery)  # a failed attempt, so retries end
        return retryable_failure("our own error", own_fault=True)


def _is_anything_due() -> bool:
    """Check whether a delivery is due; if not, or if the query fails, free the slot."""
    due = False
    try:
        due = Delivery.objects.due().exists()
    finally:
        if not due:
            free_slots.release()
    return due


def _run_dispatcher() -> None:
    """Send due deliveries in this thread, then free its slot and close its connection."""
    try:
        send_due_deliveries()
    except Exception:
        log.exception("a dispatcher failed")  # the lease runs out, and beat starts another thread
    finally:
        free_slots.release()
        with suppress(Exception):
            connection.close()

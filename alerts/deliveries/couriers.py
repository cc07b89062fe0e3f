"""Couriers send what is due, several at once beside the worker's tasks, which wait for nobody.

A courier claims a delivery in one short transaction, sends it without any, and notes the outcome
in another. If it dies in between, the lease on the delivery passes and another courier sends it
again under the same id: at least once, and never twice at the same time.
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

AT_ONCE = 6  # couriers of one process: slow receivers hold up one each
SENDERS = {Channel.EMAIL: mail.send, Channel.WEBHOOK: webhook.send}
NEEDS = {False: AddressState.VERIFIED, True: AddressState.UNVERIFIED}  # by "is a verification"
places = threading.BoundedSemaphore(AT_ONCE)
log = logging.getLogger(__name__)


def call() -> threading.Thread | None:
    """Send out a courier, if something is due and not all of them are at it."""
    if not places.acquire(blocking=False):
        return None
    if not _anything():
        return None
    courier = threading.Thread(target=_go, name="courier", daemon=True)
    courier.start()
    return courier


def work() -> None:
    """Send until nothing is due."""
    while (delivery := Delivery.objects.claim()) is not None:
        call()  # there may be more, and this one may take its time
        carry(delivery)


def carry(delivery: Delivery) -> None:
    """Send one that was claimed, and note what became of it."""
    note(delivery, _sent(delivery))


def _sent(delivery: Delivery) -> Outcome:
    address, verification = delivery.address, delivery.verifies
    late = verification and address.code_until <= now()
    if address.state != NEEDS[verification] or late:
        words = "the code has expired" if late else "the address was not verified any more"
        return Outcome(delivered=False, words=words, hopeless=True, ours=True)
    try:
        return SENDERS[Channel(address.channel)](delivery)
    except Exception:
        log.exception("%s could not be sent", delivery)  # it must not be tried for ever
        return failed("our own error", ours=True)


def _anything() -> bool:
    """Whether something is due; where nothing is, or that cannot be asked, the place is free."""
    due = False
    try:
        due = Delivery.objects.due().exists()
    finally:
        if not due:
            places.release()
    return due


def _go() -> None:
    try:
        work()
    except Exception:
        log.exception("a courier failed")  # the lease passes, beat calls another
    finally:
        places.release()
        with suppress(Exception):
            connection.close()

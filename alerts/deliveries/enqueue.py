"""Enqueues deliveries, in the transaction of what they report."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import transaction

from alerts.deliveries.models import Address, Delivery
from alerts.deliveries.wake_worker import wake_worker
from core.clock import now_ms

if TYPE_CHECKING:
    from alerts.models import AlertLog


def enqueue_deliveries(logs: "Iterable[AlertLog]") -> None:
    """Enqueue a delivery per log row and verified address of its login, sent after commit.

    Firings beyond the hourly limit become one summary. It is one statement, which inserts
    nothing if no login has an address.
    """
    if Delivery.objects.insert_for_logs([(log.pk, log.login) for log in logs], now_ms()):
        transaction.on_commit(wake_worker, robust=True)


def enqueue_verification(address: Address) -> None:
    """Enqueue the message that verifies the address."""
    time = now_ms()
    Delivery.objects.create(address=address, created_at=time, next_try=time)
    transaction.on_commit(wake_worker, robust=True)

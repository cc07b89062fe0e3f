"""Resends deliveries by hand."""

from collections.abc import Collection

from django.db import transaction
from django.db.models import QuerySet

from alerts.deliveries.enums import AddressState, DeliveryState
from alerts.deliveries.models import Delivery
from alerts.deliveries.wake_worker import wake_worker
from core.clock import now_ms
from core.locks import transactional


def resendable(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Return those of the deliveries that can be resent."""
    return rows.filter(address__state=AddressState.VERIFIED).exclude(log=None, hour=None)


@transactional
def resend_deliveries(ids: Collection[int]) -> set[int]:
    """Restart the retry schedule of these deliveries now; return the ids of those resent.

    Excluded are verifications, whose codes expire, and deliveries to addresses that are not
    verified.
    """
    rows = resendable(Delivery.objects.filter(pk__in=ids))
    chosen = set(rows.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))
    Delivery.objects.filter(pk__in=chosen).update(
        state=DeliveryState.WAITING, step=0, next_try=now_ms(), done_at=0
    )
    if chosen:
        transaction.on_commit(wake_worker, robust=True)
    return chosen

"""Housekeeping of the backoffice."""

from celery import shared_task

from backoffice.approvals import decide


@shared_task(name="backoffice.expire_approvals")
def expire_approvals() -> None:
    """Mark as expired what nobody has decided in time."""
    decide.expire_overdue()

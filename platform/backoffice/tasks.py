"""Housekeeping of the backoffice."""

from celery import shared_task

from backoffice.approvals import deciding


@shared_task(name="backoffice.expire_approvals")
def expire_approvals() -> None:
    """Write down which approvals nobody has given in time."""
    deciding.expire()

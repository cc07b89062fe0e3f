"""Periodic tasks of the audit."""

from celery import shared_task

from audit import audit_retention


@shared_task(name="audit.prune_sign_ins")
def prune_sign_ins() -> None:
    """Delete the sign-ins older than SIGN_IN_DAYS."""
    audit_retention.delete_old_sign_ins()

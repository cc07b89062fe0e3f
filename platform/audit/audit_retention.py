"""Retention of sign-ins; audit entries are never deleted."""

from django.conf import settings

from audit.models import SignIn
from core.clock import DAY_MS, now_ms

CHUNK_ROWS = 5000  # deleted by one statement


def delete_old_sign_ins() -> int:
    """Delete the sign-ins older than SIGN_IN_DAYS and return their number."""
    if not settings.SIGN_IN_DAYS:
        return 0
    old = SignIn.objects.filter(time__lt=now_ms() - settings.SIGN_IN_DAYS * DAY_MS).order_by("time")
    pruned = 0
    while chunk := list(old.values_list("pk", flat=True)[:CHUNK_ROWS]):
        pruned += SignIn.objects.filter(pk__in=chunk).delete()[0]
    return pruned

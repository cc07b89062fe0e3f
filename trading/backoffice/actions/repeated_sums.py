"""Questions about money that may be booked twice: the same sum for the same client."""

from decimal import Decimal

from django.db.models import QuerySet

from backoffice.models import Approval
from core.clock import now, now_ms, utc_text
from trading.models import Trade

REPEATED_WITHIN = 60  # seconds
AGAIN = "Confirm only if it is to be booked once more."


def ask_about_booked(same: QuerySet[Trade]) -> list[str]:
    """Return a question for each of these finance rows that was booked a moment ago."""
    recent = same.filter(open_time__gte=now() - REPEATED_WITHIN).order_by("order")
    return [
        f"Order {trade.order} booked the same sum for this client at {utc_text(trade.open_time)} "
        f"UTC. {AGAIN}"
        for trade in recent
    ]


def ask_about_waiting(login: int, action: str, amount: Decimal) -> list[str]:
    """Return a question for each request of the same sum that waits for its approval."""
    waiting = Approval.objects.filter(
        login=login,
        action=action,
        amount=amount,
        state=Approval.State.WAITING,
        expires_at__gt=now_ms(),
    )
    return [
        f"Request {approval.pk} for the same sum waits for its approval. {AGAIN}"
        for approval in waiting.order_by("pk")
    ]

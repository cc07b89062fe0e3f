"""What may need attention in alerts: addresses that fail, and how far they are behind."""

from django.urls import reverse

from alerts.models import Address
from backoffice.attention.matters import MOST_CASES, Case, Groups, Matter
from backoffice.columns import format_duration
from core import heartbeats

MOST_LAG = 10_000  # ms that alerts may be behind the quotes


def find_failing_addresses(groups: Groups) -> list[Case]:
    """Return the addresses that failed several times in a row."""
    rows = Address.objects.failing()
    if groups is not None:
        rows = rows.filter(account__group__in=groups)
    return [
        Case(
            f"{one.pk}:{one.failing_since}",
            f"{one.address} of {one.account_id}: {one.failures} failures",
            reverse("admin:alerts_address_change", args=[one.pk]),
        )
        for one in rows.order_by("-failures")[:MOST_CASES]
    ]


def find_lag(_groups: Groups) -> list[Case]:
    """Return how far the alerts are behind the quotes if that is beyond MOST_LAG."""
    workers = heartbeats.read_heartbeats().get("alerts", {}).values()
    lag = max((worker["lag_ms"] for worker in workers), default=0)
    if lag <= MOST_LAG:
        return []
    return [Case("lag", f"{format_duration(lag)} behind the quotes", reverse("home"))]


MATTERS = (
    Matter(
        "alerts",
        "Alerts behind the quotes",
        "alerts.view_alertlog",
        "admin:index",
        find_lag,
        once_a_day=True,
    ),
    Matter(
        "addresses",
        "Delivery addresses failing",
        "alerts.view_address",
        "admin:alerts_address_changelist",
        find_failing_addresses,
        urgent=False,
    ),
)

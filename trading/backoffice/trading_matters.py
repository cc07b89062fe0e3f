"""What may need attention in trading: margin calls and stop-outs of today, the engine's lag."""

from functools import partial

from django.urls import reverse

from backoffice.attention.matters import MOST_CASES, Case, Groups, Matter
from core.clock import DAY_S, now
from trading import health
from trading.models import MarginAction


def find_margin_actions(kind: str, groups: Groups) -> list[Case]:
    """Return the accounts with such an action since 00:00 UTC."""
    midnight = now() // DAY_S * DAY_S
    rows = MarginAction.objects.filter(kind=kind, time__gte=midnight)
    if groups is not None:
        rows = rows.filter(account__group__in=groups)
    people = rows.order_by().values_list("account_id", "account__user__name").distinct()
    return [
        Case(
            f"{midnight}:{login}",
            f"{login} {name}".strip(),
            reverse("admin:accounts_account_change", args=[login]),
        )
        for login, name in people[:MOST_CASES]
    ]


def find_engine_lag(_groups: Groups) -> list[Case]:
    """Return how far the engine is behind the quotes if that is beyond READY_ENGINE_LAG."""
    return [Case("lag", message, reverse("home")) for _, ok, message in health.checks() if not ok]


LIST = "admin:trading_marginaction_changelist"
MATTERS = (
    Matter(
        "stop_outs",
        "Stop-outs today",
        "trading.view_marginaction",
        LIST,
        partial(find_margin_actions, MarginAction.Kind.STOP_OUT),
        once_a_day=True,
        query="?kind__exact=stop_out",
    ),
    Matter(
        "engine", "Engine behind the quotes", "trading.view_trade", "admin:index", find_engine_lag
    ),
    Matter(
        "margin_calls",
        "Margin calls today",
        "trading.view_marginaction",
        LIST,
        partial(find_margin_actions, MarginAction.Kind.CALL),
        once_a_day=True,
        query="?kind__exact=call",
        urgent=False,
    ),
)

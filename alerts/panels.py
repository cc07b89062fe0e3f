"""The price alerts panel of an account's admin page."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from alerts.models import Alert
from backoffice.acting.panel import Content, Link, Panel
from backoffice.columns import price, utc

LATEST = 20


def alerts(request: HttpRequest, account: Any) -> Content:
    """Return the account's newest alerts, whatever their state."""
    every = f"{reverse('admin:alerts_alert_changelist')}?q={account.pk}"
    found = Alert.objects.filter(account=account.pk).order_by("-id")[:LATEST]
    return Content(
        ("Alert", "Symbol", "Side", "Condition", "Levels", "State", "Created (UTC)", "Fired (UTC)"),
        [
            (
                Link(str(alert.pk), reverse("admin:alerts_alert_change", args=[alert.pk])),
                alert.symbol_id,
                alert.get_side_display(),
                alert.get_condition_display(),
                levels(alert),
                alert.get_status_display(),
                utc(alert.created_at),
                utc(alert.triggered_at),
            )
            for alert in found
        ],
        more=Link("All alerts", every),
    )


def levels(alert: Alert) -> str:
    """Format the prices and the threshold of the condition."""
    numbers = (alert.target_price, alert.channel_low, alert.channel_high, alert.move_threshold)
    return " · ".join(price(number) for number in numbers if number)


PANELS = (Panel("accounts.account", "Price alerts", "alerts.view_alert", alerts),)

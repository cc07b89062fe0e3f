"""The price alerts panel of an account's admin page."""

from django.http import HttpRequest
from django.urls import reverse

from accounts.models import Account
from alerts.models import Alert
from backoffice.columns import format_price, format_utc
from backoffice.widgets.content import Link, Table
from backoffice.widgets.panel import Panel

MAX_ROWS = 20


def load_alerts_panel(request: HttpRequest, account: Account) -> Table:
    """Return the account's newest alerts, whatever their state."""
    list_url = f"{reverse('admin:alerts_alert_changelist')}?q={account.pk}"
    found = Alert.objects.filter(account=account.pk).order_by("-id")[:MAX_ROWS]
    return Table(
        ("Alert", "Symbol", "Side", "Condition", "Levels", "State", "Created (UTC)", "Fired (UTC)"),
        [
            (
                Link(str(alert.pk), reverse("admin:alerts_alert_change", args=[alert.pk])),
                alert.symbol_id,
                alert.get_side_display(),
                alert.get_condition_display(),
                format_levels(alert),
                alert.get_status_display(),
                format_utc(alert.created_at),
                format_utc(alert.triggered_at),
            )
            for alert in found
        ],
        more=Link("All alerts", list_url),
    )


def format_levels(alert: Alert) -> str:
    """Format the prices and the threshold of the condition."""
    numbers = (alert.target_price, alert.channel_low, alert.channel_high, alert.move_threshold)
    return " · ".join(format_price(number) for number in numbers if number)


PANELS = (Panel("accounts.account", "Price alerts", "alerts.view_alert", load_alerts_panel),)

"""The quota of price alerts in `GET /limits`."""

from django.conf import settings

from alerts.models import Alert
from api.quotas import Quota


def list_quotas(login: int) -> list[Quota]:
    """Return the quota of the login's active alerts."""
    active = Alert.objects.active().filter(account=login).count()
    return [Quota("active_alerts", settings.ALERT_LIMIT, active)]

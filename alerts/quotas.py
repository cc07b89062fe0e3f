"""What `GET /limits` tells about price alerts."""

from django.conf import settings

from alerts.models import Alert
from api.quotas import Quota


def of(login: int) -> list[Quota]:
    """How many are watched."""
    active = Alert.objects.active().filter(account=login).count()
    return [Quota("active_alerts", settings.ALERT_LIMIT, active)]

"""The highest quote sequence number that this section has processed."""

from django.db.models import Max

from alerts.enums import AlertStatus
from alerts.models import Alert, AlertCheckpoint
from market.quotes.tick_log import last_seq_no


def highest() -> int:
    """Return the highest sequence number that the checkpoint or an unevaluated alert holds."""
    checkpoint = AlertCheckpoint.objects.aggregate(highest=Max("batch"))["highest"] or 0
    return max(last_seq_no(checkpoint), _highest_unevaluated())


def _highest_unevaluated() -> int:
    """Return the highest last sequence number of the active unevaluated alerts."""
    rows = Alert.objects.filter(status=AlertStatus.ACTIVE, fresh=True)
    return rows.aggregate(highest=Max("seen"))["highest"] or 0

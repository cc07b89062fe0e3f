"""Up to which quote the rows of this section have seen the path."""

from django.db.models import Max

from alerts.enums import Status
from alerts.models import Alert, AlertPlace
from market.path import last_seq_no


def highest() -> int:
    """The highest number of a quote that an alert or the evaluation takes as seen."""
    place = AlertPlace.objects.aggregate(highest=Max("batch"))["highest"] or 0
    return max(last_seq_no(place), _fresh())


def _fresh() -> int:
    rows = Alert.objects.filter(status=Status.ACTIVE, fresh=True)
    return rows.aggregate(highest=Max("seen"))["highest"] or 0

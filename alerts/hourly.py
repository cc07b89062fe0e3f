"""Limits the firings of a login to ALERT_FIRINGS_HOUR in an hour of its quotes.

Beyond the limit each repeating alert fires once more and is disabled, so no firing is lost.
An alert that fires only once ends by itself: it counts and is never held back.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from operator import itemgetter

from django.conf import settings

from alerts.conditions import Firing
from alerts.enums import RepeatMode, Status
from alerts.models import Alert, HourTotal
from core.clock import HOUR_S
from realtime.events import Level, NotificationEvent

CHANGED = ("status", "triggered_at", "triggered_price", "reference_price", "reference_time")
Outcome = tuple[Alert, list[Firing]]


def bounded(outcomes: list[Outcome]) -> tuple[list[Outcome], list[NotificationEvent]]:
    """Return the outcomes without firings beyond the limit, and notifications to their owners.

    Counts the firings and disables alerts, in the order of the quotes whatever windows they
    come in. The caller holds the locks of the accounts.
    """
    most: int = settings.ALERT_FIRINGS_HOUR
    by_login: dict[int, list[Outcome]] = defaultdict(list)
    for alert, firings in outcomes:
        if firings:
            by_login[alert.account_id].append((alert, firings))
    if not most or not by_login:
        return outcomes, []
    totals = HourTotal.objects.in_bulk(by_login)
    kept: dict[int, list[Firing]] = {}
    told: list[NotificationEvent] = []
    for login, mine in by_login.items():
        total = totals.setdefault(login, HourTotal(login=login))
        kept |= _count(total, mine, most, told)
    HourTotal.objects.bulk_create(
        totals.values(),
        update_conflicts=True,
        unique_fields=["login"],
        update_fields=["hour", "fired", "notified"],
    )
    _disable(outcomes, kept)
    return [(alert, kept.get(alert.pk, firings)) for alert, firings in outcomes], told


def _count(
    total: HourTotal, mine: Iterable[Outcome], most: int, told: list[NotificationEvent]
) -> dict[int, list[Firing]]:
    """Count one login's firings; return the allowed firings of each alert to disable.

    Adds the notification to its owner, once an hour, to `notifications`.
    """
    disabled: dict[int, list[Firing]] = {}
    numbered = [
        (firing.point.number, alert.pk, place, alert, firings)
        for alert, firings in mine
        for place, firing in enumerate(firings)
    ]
    for _, pk, place, alert, firings in sorted(numbered, key=itemgetter(0, 1)):
        if pk in disabled:
            continue
        total.count(firings[place].point.second // HOUR_S)
        if total.fired >= most and alert.repeat_mode == RepeatMode.REPEAT:
            disabled[pk] = firings[: place + 1]
            if not total.notified:
                total.notified = True
                told.append(_notification(total, most))
    return disabled


def _disable(outcomes: Iterable[Outcome], kept: dict[int, list[Firing]]) -> None:
    """Disable these alerts as if the tick log had ended at their last allowed firing."""
    disabled = [alert for alert, _ in outcomes if alert.pk in kept]
    for alert in disabled:
        alert.status = Status.DISABLED
        alert.remember(kept[alert.pk][-1])
    Alert.objects.bulk_update(disabled, CHANGED, batch_size=1000)


def _notification(total: HourTotal, most: int) -> NotificationEvent:
    end = datetime.fromtimestamp((total.hour + 1) * HOUR_S, UTC)
    words = (
        f"{most} firings in one hour: until {end:%H:%M} UTC each repeating alert is disabled"
        " when it fires. Give it another level or a longer cool-down before you arm it again."
    )
    return NotificationEvent.to(total.login, "Price alerts disabled", words, Level.WARNING)

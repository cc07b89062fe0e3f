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
from alerts.enums import AlertStatus, RepeatMode
from alerts.models import Alert, HourTotal
from core.clock import HOUR_S
from realtime.events.types import NotificationEvent, NotificationLevel, NotificationType

CHANGED_FIELDS = ("status", "triggered_at", "triggered_price", "reference_price", "reference_time")
EvaluatedAlert = tuple[Alert, list[Firing]]


def apply_hourly_limit(
    outcomes: list[EvaluatedAlert],
) -> tuple[list[EvaluatedAlert], list[NotificationEvent]]:
    """Return the outcomes without firings beyond the limit, and notifications to their owners.

    Counts the firings and disables alerts, in the order of the quotes whatever windows they
    come in. The caller holds the locks of the accounts.
    """
    limit: int = settings.ALERT_FIRINGS_HOUR
    by_login: dict[int, list[EvaluatedAlert]] = defaultdict(list)
    for alert, firings in outcomes:
        if firings:
            by_login[alert.account_id].append((alert, firings))
    if not limit or not by_login:
        return outcomes, []
    totals = HourTotal.objects.in_bulk(by_login)
    allowed: dict[int, list[Firing]] = {}
    notifications: list[NotificationEvent] = []
    for login, own in by_login.items():
        total = totals.setdefault(login, HourTotal(login=login))
        allowed |= _count_firings(total, own, limit, notifications)
    HourTotal.objects.bulk_create(
        totals.values(),
        update_conflicts=True,
        unique_fields=["login"],
        update_fields=["hour", "fired", "notified"],
    )
    _disable_alerts(outcomes, allowed)
    return [(alert, allowed.get(alert.pk, firings)) for alert, firings in outcomes], notifications


def _count_firings(
    total: HourTotal,
    own: Iterable[EvaluatedAlert],
    limit: int,
    notifications: list[NotificationEvent],
) -> dict[int, list[Firing]]:
    """Count one login's firings; return the allowed firings of each alert to disable.

    Adds the notification to its owner, once an hour, to `notifications`.
    """
    disabled: dict[int, list[Firing]] = {}
    numbered = [
        (firing.quote.number, alert.pk, place, alert, firings)
        for alert, firings in own
        for place, firing in enumerate(firings)
    ]
    for _, pk, index, alert, firings in sorted(numbered, key=itemgetter(0, 1)):
        if pk in disabled:
            continue
        total.add_firing(firings[index].quote.second // HOUR_S)
        if total.fired >= limit and alert.repeat_mode == RepeatMode.REPEAT:
            disabled[pk] = firings[: index + 1]
            if not total.notified:
                total.notified = True
                notifications.append(_limit_notification(total, limit, pk))
    return disabled


def _disable_alerts(outcomes: Iterable[EvaluatedAlert], allowed: dict[int, list[Firing]]) -> None:
    """Disable these alerts as if the tick log had ended at their last allowed firing."""
    disabled = [alert for alert, _ in outcomes if alert.pk in allowed]
    for alert in disabled:
        alert.status = AlertStatus.DISABLED
        alert.record_firing(allowed[alert.pk][-1])
    Alert.objects.bulk_update(disabled, CHANGED_FIELDS, batch_size=1000)


def _limit_notification(total: HourTotal, limit: int, alert: int) -> NotificationEvent:
    until = (total.hour + 1) * HOUR_S
    end = datetime.fromtimestamp(until, UTC)
    message = (
        f"{limit} firings in one hour: until {end:%H:%M} UTC each repeating alert is disabled"
        " when it fires. Give it another level or a longer cool-down before you arm it again."
    )
    return NotificationEvent.for_login(
        total.login,
        NotificationType.ALERTS_DISABLED,
        ("Price alerts disabled", message),
        NotificationLevel.WARNING,
        alert=alert,
        limit=limit,
        until=until,
    )

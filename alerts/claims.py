"""Stores the result of an evaluation exactly once: alert states, log rows, account events."""

from collections import defaultdict
from collections.abc import Iterable

from accounts.models import Account
from alerts import evaluation_queries, hourly, totals
from alerts.conditions import Firing
from alerts.deliveries import rows as deliveries
from alerts.enums import RepeatMode, Status
from alerts.events import alert_event
from alerts.metrics import FIRED
from alerts.models import Alert, AlertLog
from core.clock import now_ms
from core.money import exact
from realtime import log
from realtime.events import Event, EventCode

Outcome = tuple[Alert, list[Firing]]


def settle(outcomes: list[Outcome]) -> None:
    """Write the alerts' new states; log, deliver and announce the firings of claimed alerts.

    An alert that its owner edited meanwhile is not claimed: it is unevaluated again, and
    the next window evaluates it with its new values. Accounts are locked before alerts, as
    everywhere.
    """
    if not outcomes:
        return
    loud = [alert for alert, firings in outcomes if firings or alert.status == Status.EXPIRED]
    accounts = Account.objects.locked_all(sorted({alert.account_id for alert in loud}))
    ours = evaluation_queries.save_unedited_alerts(alert for alert, _ in outcomes)
    claimed, told = hourly.bounded([each for each in outcomes if each[0].pk in ours])
    evaluated_at = now_ms()
    logs = AlertLog.objects.bulk_create(
        (_logged(alert, firing, evaluated_at) for alert, firings in claimed for firing in firings),
        batch_size=1000,
    )
    totals.add(logs, accounts)
    deliveries.write(logs)
    FIRED.after_commit(by=len(logs))
    events: dict[int, list[Event]] = _events(claimed)
    for notification in told:
        events[notification.user_id].append(notification)
    log.append_many([(a, events[a.login]) for a in accounts if a.login in events])


def _logged(alert: Alert, firing: Firing, evaluated_at: int) -> AlertLog:
    """Return the unsaved log row of a firing; `evaluated_at` is unix ms."""
    point = firing.point
    return AlertLog(
        alert=alert,
        login=alert.account_id,
        symbol=alert.symbol_id,
        indicator_name=alert.indicator_name,
        message=alert.message,
        comment=alert.comment,
        side=alert.side,
        condition=alert.condition,
        target_price=alert.target_price,
        triggered_price=exact(point.price),
        triggered_at=point.second,
        previous_price=exact(firing.previous.price) if firing.previous else None,
        quote_time=point.time,
        quote_number=point.number,
        evaluated_at=evaluated_at,
    )


def _events(claimed: Iterable[Outcome]) -> dict[int, list[Event]]:
    """Return each login's events in the order of the quotes: one a firing, one an end."""
    numbered: dict[int, list[tuple[int, int, Event]]] = defaultdict(list)
    for alert, firings in claimed:
        login, number = alert.account_id, 0
        after = Status.ACTIVE if alert.repeat_mode == RepeatMode.REPEAT else Status.TRIGGERED
        for firing in firings:
            number = firing.point.number
            event = alert_event(alert, EventCode.ACTIVATE, status=after, fired=firing.point)
            numbered[login].append((number, alert.pk, event))
        if alert.status in (Status.EXPIRED, Status.DISABLED):
            event = alert_event(alert, EventCode.UPDATE)
            numbered[login].append((number, alert.pk, event))
    found: dict[int, list[Event]] = defaultdict(list)
    for login, events in numbered.items():
        found[login] = [event for _, _, event in sorted(events, key=lambda each: each[:2])]
    return found

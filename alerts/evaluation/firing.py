"""Stores the result of an evaluation exactly once: alert states, log rows, account events."""

from collections import defaultdict
from collections.abc import Iterable

from accounts.models import Account
from alerts import daily_totals
from alerts.conditions import Firing
from alerts.deliveries.enqueue import enqueue_deliveries
from alerts.enums import AlertStatus, RepeatMode
from alerts.evaluation import hourly_limit, queries
from alerts.evaluation.hourly_limit import EvaluatedAlert
from alerts.events import alert_event
from alerts.metrics import FIRED
from alerts.models import Alert, AlertLog
from core.clock import now_ms
from core.money import exact_decimal
from realtime.events import event_log
from realtime.events.types import EventCode, StreamEvent


def persist_outcomes(outcomes: list[EvaluatedAlert]) -> None:
    """Write the alerts' new states; log, deliver and announce the firings of claimed alerts.

    An alert that its owner edited meanwhile is not claimed: it is unevaluated again, and
    the next window evaluates it with its new values. Accounts are locked before alerts, as
    everywhere.
    """
    if not outcomes:
        return
    announced = [
        alert for alert, firings in outcomes if firings or alert.status == AlertStatus.EXPIRED
    ]
    accounts = Account.objects.locked_all(sorted({alert.account_id for alert in announced}))
    claimed_ids = queries.save_unedited_alerts(alert for alert, _ in outcomes)
    claimed, notifications = hourly_limit.apply_hourly_limit(
        [each for each in outcomes if each[0].pk in claimed_ids]
    )
    evaluated_at = now_ms()
    logs = AlertLog.objects.bulk_create(
        (_log_row(alert, firing, evaluated_at) for alert, firings in claimed for firing in firings),
        batch_size=1000,
    )
    daily_totals.add_to_daily_totals(logs, accounts)
    enqueue_deliveries(logs)
    FIRED.add_after_commit(amount=len(logs))
    events: dict[int, list[StreamEvent]] = _events_by_login(claimed)
    for notification in notifications:
        events[notification.user_id].append(notification)
    event_log.append_many([(a, events[a.login]) for a in accounts if a.login in events])


def _log_row(alert: Alert, firing: Firing, evaluated_at: int) -> AlertLog:
    """Return the unsaved log row of a firing; `evaluated_at` is unix ms."""
    quote = firing.quote
    market = quote.market
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
        triggered_price=exact_decimal(quote.price),
        triggered_at=quote.second,
        previous_price=exact_decimal(firing.previous.price) if firing.previous else None,
        quote_time=quote.time,
        quote_number=quote.number,
        evaluated_at=evaluated_at,
        market_bid=exact_decimal(market.bid) if market else None,
        market_ask=exact_decimal(market.ask) if market else None,
        markup=market.markup if market else None,
        spread=market.spread if market else None,
    )


def _events_by_login(claimed: Iterable[EvaluatedAlert]) -> dict[int, list[StreamEvent]]:
    """Return each login's events in the order of the quotes: one a firing, one an end."""
    numbered: dict[int, list[tuple[int, int, StreamEvent]]] = defaultdict(list)
    for alert, firings in claimed:
        login, seq_no = alert.account_id, 0
        status = (
            AlertStatus.ACTIVE if alert.repeat_mode == RepeatMode.REPEAT else AlertStatus.TRIGGERED
        )
        for firing in firings:
            seq_no = firing.quote.number
            event = alert_event(alert, EventCode.ACTIVATE, status=status, fired=firing.quote)
            numbered[login].append((seq_no, alert.pk, event))
        if alert.status in (AlertStatus.EXPIRED, AlertStatus.DISABLED):
            event = alert_event(alert, EventCode.UPDATE)
            numbered[login].append((seq_no, alert.pk, event))
    found: dict[int, list[StreamEvent]] = defaultdict(list)
    for login, events in numbered.items():
        found[login] = [event for _, _, event in sorted(events, key=lambda each: each[:2])]
    return found

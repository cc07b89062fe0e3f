"""The owner's operations on price alerts and their logs."""

from typing import Any

from django.conf import settings

from accounts.models import Account
from alerts import rules
from alerts.enums import AlertStatus
from alerts.evaluation import arming, published_levels
from alerts.events import alert_event
from alerts.models import Alert, AlertLog
from core.clock import now
from core.errors import Denied, Invalid, NotFound
from core.locks import transactional
from market import visibility
from realtime.events import event_log
from realtime.events.types import EventCode


@transactional
def create_alert(*, login: int, **fields: object) -> Alert:
    """Create an active alert, armed from now on.

    Raises:
        SymbolNotFound, InvalidTargetPrice, InvalidChannel, InvalidMoveThreshold,
        InvalidExpiresAt, AlertLimitReached, Invalid (cool-down).
        OffQuotes: a moving condition has no reference and no quote to take it from.
    """
    account = Account.objects.locked(login)
    time, cooldown = now(), settings.ALERT_COOLDOWN
    alert = Alert(account=account, created_at=time, updated_at=time, cooldown=cooldown)
    _apply_fields(alert, account, fields)
    _check_and_arm(alert, fields)
    rules.check_move(alert)
    alert.save()
    published_levels.mark_changed_after_commit()
    event_log.append_events(account, alert_event(alert, EventCode.ADD))
    return alert


@transactional
def update_alert(*, login: int, alert_id: int, **fields: object) -> Alert:
    """Change an alert; new conditions or levels, and `status` 0, arm it again.

    Other changes do not restart the alert.

    Raises:
        Denied: the alert is another login's.
        NotFound: there is no such alert.
        Invalid: a `status` that is neither the alert's own nor one that its owner sets.
        Also what `create_alert` raises.
    """
    account = Account.objects.locked(login)
    alert = _lock_own_alert(login, alert_id)
    alert.account = account
    _check_sent_status(alert, fields.get("status", alert.status))
    was_active = alert.status == AlertStatus.ACTIVE
    rearmed = fields.get("status") == AlertStatus.ACTIVE
    changed = _apply_fields(alert, account, fields)
    if rearmed:
        alert.triggered_at, alert.triggered_price = 0, rules.NO_PRICE
    if alert.status == AlertStatus.ACTIVE and (rearmed or changed):
        _check_and_arm(alert, fields, one_more=not was_active)
        if rearmed or changed & rules.MOVE_FIELDS:
            rules.check_move(alert)
    elif alert.status == AlertStatus.ACTIVE:
        arming.continue_watching(alert)
    _save_and_announce(account, alert, EventCode.UPDATE)
    return alert


@transactional
def delete_alert(*, login: int, alert_id: int) -> Alert:
    """Delete an alert; its logs stay.

    Raises:
        Denied: the alert is another login's.
        NotFound: there is no such alert.
    """
    account = Account.objects.locked(login)
    alert = _lock_own_alert(login, alert_id)
    alert.status = AlertStatus.DELETED
    _save_and_announce(account, alert, EventCode.DELETE)
    return alert


@transactional
def delete_log(*, login: int, log_id: int) -> None:
    """Hide one log from its owner.

    Raises:
        Denied: the log is another login's.
        NotFound: there is no such log.
    """
    Account.objects.locked(login)
    row = AlertLog.objects.filter(pk=log_id).first()
    if row is not None and row.login != login:
        raise Denied("this log is another account's")
    if not AlertLog.objects.listed(login).filter(pk=log_id).update(hidden=True):
        raise NotFound(f"there is no log {log_id}")


@transactional
def delete_logs(*, login: int) -> None:
    """Hide all logs from their owner."""
    Account.objects.locked(login)
    AlertLog.objects.listed(login).update(hidden=True)


def _lock_own_alert(login: int, alert_id: int) -> Alert:
    """Return the login's alert under lock, so that the evaluation runs before or after.

    Raises:
        Denied: the alert is another login's.
        NotFound: there is no such alert.
    """
    rows = Alert.objects.select_related("symbol").select_for_update(of=("self",), no_key=True)
    alert = rows.filter(pk=alert_id).exclude(status=AlertStatus.DELETED).first()
    if alert is None:
        raise NotFound(f"there is no alert {alert_id}")
    if alert.account_id != login:
        raise Denied("this alert is another account's")
    return alert


def _check_sent_status(alert: Alert, status: object) -> None:
    """Refuse a status that only the platform sets, unless the alert has it already."""
    if status not in (AlertStatus.ACTIVE, AlertStatus.DISABLED, alert.status):
        raise Invalid("status: can be set to 0 or 2")


def _apply_fields(alert: Alert, account: Account, fields: dict[str, Any]) -> set[str]:
    """Set and check the new values; return those changes that make the alert arm again.

    Unchanged values are not checked: terminals send the whole alert.
    """
    columns = dict(fields)
    symbol = columns.pop("symbol", alert.symbol_id)
    if symbol != alert.symbol_id:
        columns["symbol_id"] = visibility.require_usable_symbol(account.group, symbol).name
    changed = rules.changed_values(alert, columns)
    if "cooldown" in changed:
        _change_cooldown(alert, changed["cooldown"])
    for name, value in changed.items():
        setattr(alert, name, value)
    rules.check_levels(alert, changed)
    rules.check_steps(alert, changed)
    if "expires_at" in changed:
        rules.check_sent_expiry(alert.expires_at)
    return rules.ARMING_FIELDS.intersection(changed)


def _change_cooldown(alert: Alert, seconds: int) -> None:
    """Check the new cool-down, and apply it to the last firing as well."""
    rules.check_cooldown(seconds)
    if alert.rests_until:
        alert.rests_until = alert.triggered_at + seconds


def _check_and_arm(alert: Alert, fields: dict[str, Any], *, one_more: bool = True) -> None:
    """Arm the alert after checking its expiry and, for one more, the limit."""
    rules.check_expiry(alert.expires_at)
    if one_more:
        rules.check_limit(alert.account_id)
    arming.arm_alert(alert, fields.get("reference_price"), fields.get("reference_time"))


def _save_and_announce(account: Account, alert: Alert, code: EventCode) -> None:
    """Save the alert with a higher revision and append its event."""
    alert.updated_at, alert.revision = now(), alert.revision + 1
    alert.save()
    published_levels.mark_changed_after_commit()
    event_log.append_events(account, alert_event(alert, code))

"""What an owner does with price alerts and their logs."""

from typing import Any

from django.conf import settings

from accounts.models import Account
from alerts import rules, watching
from alerts.enums import Status
from alerts.events import alert_event
from alerts.models import Alert, AlertLog
from core.clock import now
from core.errors import Denied, NotFound
from core.locks import transactional
from market import visibility
from realtime import log
from realtime.events import EventCode


@transactional
def create_alert(*, login: int, **fields: Any) -> Alert:
    """A new active alert, watched from now on.

    Raises:
        SymbolNotFound, InvalidTargetPrice, InvalidChannel, InvalidMoveThreshold,
        InvalidExpiresAt, AlertLimitReached; OffQuotes where nothing gives a reference.
    """
    account = Account.objects.locked(login)
    time, cooldown = now(), settings.ALERT_COOLDOWN
    alert = Alert(account=account, created_at=time, updated_at=time, cooldown=cooldown)
    _write(alert, account, fields)
    _watch_anew(alert, fields)
    rules.check_move(alert)
    alert.save()
    log.append(account, alert_event(alert, EventCode.ADD))
    return alert


@transactional
def update_alert(*, login: int, alert_id: int, **fields: Any) -> Alert:
    """Change an alert. Its prices, and `status` 0, start the watching anew; the rest goes on.

    Errors as for a new one; also Denied (another login's) and NotFound.
    """
    account = Account.objects.locked(login)
    alert = _own(login, alert_id)
    was_active = alert.status == Status.ACTIVE
    rearmed = fields.get("status") == Status.ACTIVE
    changed = _write(alert, account, fields)
    if rearmed:
        alert.triggered_at, alert.triggered_price = 0, rules.NOTHING
    if alert.status == Status.ACTIVE and (rearmed or changed):
        _watch_anew(alert, fields, one_more=not was_active)
        if rearmed or changed & rules.MOVE:
            rules.check_move(alert)
    elif alert.status == Status.ACTIVE:
        watching.go_on(alert)
    _save(account, alert, EventCode.UPDATE)
    return alert


@transactional
def delete_alert(*, login: int, alert_id: int) -> Alert:
    """Delete an alert: its logs stay. Raises Denied (another login's) and NotFound."""
    account = Account.objects.locked(login)
    alert = _own(login, alert_id)
    alert.status = Status.DELETED
    _save(account, alert, EventCode.DELETE)
    return alert


@transactional
def delete_log(*, login: int, log_id: int) -> None:
    """Hide one log from its owner. Raises Denied (another login's) and NotFound."""
    Account.objects.locked(login)
    entry = AlertLog.objects.filter(pk=log_id).first()
    if entry is not None and entry.login != login:
        raise Denied("this log is another account's")
    if not AlertLog.objects.listed(login).filter(pk=log_id).update(hidden=True):
        raise NotFound(f"there is no log {log_id}")


@transactional
def delete_logs(*, login: int) -> None:
    """Hide all logs from their owner."""
    Account.objects.locked(login)
    AlertLog.objects.listed(login).update(hidden=True)


def _own(login: int, alert_id: int) -> Alert:
    """The login's alert under lock, so that the evaluation changes it before or after us."""
    rows = Alert.objects.select_related("symbol").select_for_update(of=("self",), no_key=True)
    alert = rows.filter(pk=alert_id).exclude(status=Status.DELETED).first()
    if alert is None:
        raise NotFound(f"there is no alert {alert_id}")
    if alert.account_id != login:
        raise Denied("this alert is another account's")
    return alert


def _write(alert: Alert, account: Account, fields: dict[str, Any]) -> set[str]:
    """Give the alert its new values; answers which of them make another watch of it.

    What it has already is not judged anew: terminals send the whole alert.
    """
    columns = dict(fields)
    symbol = columns.pop("symbol", alert.symbol_id)
    if symbol != alert.symbol_id:
        columns["symbol_id"] = visibility.found(account.group, symbol).name
    changed = rules.changes(alert, columns)
    if "cooldown" in changed:
        _change_cooldown(alert, changed["cooldown"])
    for name, value in changed.items():
        setattr(alert, name, value)
    rules.check_levels(alert, changed)
    rules.check_steps(alert, changed)
    if "expires_at" in changed:
        rules.check_sent_expiry(alert.expires_at)
    return rules.WATCHED.intersection(changed)


def _change_cooldown(alert: Alert, seconds: int) -> None:
    """Another cool-down, also of the last firing."""
    rules.check_cooldown(seconds)
    if alert.rests_until:
        alert.rests_until = alert.triggered_at + seconds


def _watch_anew(alert: Alert, fields: dict[str, Any], *, one_more: bool = True) -> None:
    rules.check_expiry(alert.expires_at)
    if one_more:
        rules.check_limit(alert.account_id)
    watching.start(alert, fields.get("reference_price"), fields.get("reference_time"))


def _save(account: Account, alert: Alert, code: EventCode) -> None:
    alert.updated_at, alert.revision = now(), alert.revision + 1
    alert.save()
    log.append(account, alert_event(alert, code))

"""Matters of the platform itself: approvals, locked staff, processes and backups."""

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Count
from django.urls import reverse

from audit.models import SignIn
from backoffice.attention.matters import MOST_CASES, Case, Groups, Matter
from backoffice.columns import format_amount, format_duration
from backoffice.models import Approval, OutgoingMail
from core import redis
from core.clock import DAY_S, MINUTE_MS, now, now_ms
from core.redis_keys import LAST_BACKUP, alive_key
from observe.health import PROCESSES
from staff_auth import lockout


def find_approvals(groups: Groups) -> list[Case]:
    """Return the approvals that wait; nobody decides the own ones, or about the own account."""
    rows = Approval.objects.filter(state=Approval.State.WAITING, expires_at__gt=now_ms())
    if groups is not None:
        accounts = apps.get_model("accounts.Account")._default_manager
        rows = rows.filter(login__in=accounts.filter(group__in=groups).values("pk"))
    return [
        Case(
            str(one.pk),
            f"{one.title} {format_amount(one.amount, one.currency)} {one.currency} of {one.login}",
            reverse("admin:backoffice_approval_change", args=[one.pk]),
            hidden_from=tuple(login for login in (one.asked_by_id, one.login) if login),
        )
        for one in rows.order_by("-pk")[:MOST_CASES]
    ]


def find_locked_staff(_groups: Groups) -> list[Case]:
    """Return the staff who are locked out after failed attempts."""
    tries: int = settings.STAFF_LOCKOUT_TRIES
    if not tries:
        return []
    since = now_ms() - settings.STAFF_LOCKOUT_MINUTES * MINUTE_MS
    users = get_user_model()._default_manager
    failed = (
        SignIn.objects.filter(time__gt=since, login__in=users.filter(type__gt=0).values("pk"))
        .exclude(outcome__in=(*lockout.RESET_OUTCOMES, *lockout.UNCOUNTED_OUTCOMES))
        .order_by()
        .values("login")
        .annotate(number=Count("pk"))
        .filter(number__gte=tries)
    )
    logins = [row["login"] for row in failed[:MOST_CASES]]
    if not logins:
        return []
    return [
        Case(str(user.pk), str(user), reverse("admin:accounts_user_change", args=[user.pk]))
        for user in users.filter(pk__in=logins)
        if lockout.is_blocked(user)
    ]


def find_stopped_processes(_groups: Groups) -> list[Case]:
    """Return the processes that do not run."""
    alive = redis.text_client().mget(*map(alive_key, PROCESSES))
    return [
        Case(name, f"{name} is not running", reverse("home"))
        for name, value in zip(PROCESSES, alive, strict=True)
        if value is None
    ]


def find_unsent_mails(_groups: Groups) -> list[Case]:
    """Return the e-mails of the last two days that were given up."""
    rows = OutgoingMail.objects.filter(due=None, sent_at=0, created_at__gt=now() - 2 * DAY_S)
    return [
        Case(
            str(mail.pk),
            f"{mail.subject} to {mail.to}",
            reverse("admin:backoffice_outgoingmail_change", args=[mail.pk]),
        )
        for mail in rows.only("subject", "to").order_by("-pk")[:MOST_CASES]
    ]


def find_old_backup(_groups: Groups) -> list[Case]:
    """Return that the newest backup is older than BACKUP_HOURS; 0 hours: nobody asks."""
    hours: int = settings.BACKUP_HOURS
    if not hours:
        return []
    stored = redis.text_client().get(LAST_BACKUP)
    if stored is None:
        return [Case("none", "no backup since Redis was new")]
    age = now() - int(stored)
    return (
        [Case("old", f"the newest is {format_duration(age * 1000)} old")]
        if age > hours * 3600
        else []
    )


MATTERS = (
    Matter(
        "approvals",
        "Approvals waiting",
        "backoffice.decide_approval",
        "admin:backoffice_approval_changelist",
        find_approvals,
        query=f"?state__exact={Approval.State.WAITING.value}",
        urgent=False,
    ),
    Matter(
        "locked",
        "Staff locked out",
        "accounts.change_user",
        "admin:accounts_user_changelist",
        find_locked_staff,
        once_a_day=True,
        superusers_only=True,
    ),
    Matter(
        "mails",
        "E-mails not sent",
        "backoffice.view_outgoingmail",
        "admin:backoffice_outgoingmail_changelist",
        find_unsent_mails,
        urgent=False,
        once_a_day=True,
    ),
    Matter(
        "processes",
        "Processes not running",
        "realtime.view_accountevent",
        "admin:index",
        find_stopped_processes,
        once_a_day=True,
    ),
    Matter(
        "backup",
        "Backup too old",
        "accounts.change_user",
        "admin:index",
        find_old_backup,
        once_a_day=True,
        superusers_only=True,
    ),
)

"""The roles of the staff, as Django's auth groups. This file is the truth, the groups follow it.

Administrators (session type 3) are superusers besides; a broker's own roles would be groups of
other names, which nothing here touches.
"""

from typing import Any

from django.apps import AppConfig
from django.apps import apps as installed
from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions

SUPPORT = (
    "accounts.view_user",
    "accounts.view_account",
    "accounts.view_group",
    "market.view_symbol",
    "market.view_symbolgroup",
    "market.view_schedule",
    "market.view_groupschedule",
    "market.view_holiday",
    "market.view_lastquote",
    "market.view_watchitem",
    "trading.view_trade",
    "trading.view_fill",
    "trading.view_marginaction",
    "trading.view_rollover",
    "trading.view_swapcharge",
    "alerts.view_alert",
    "alerts.view_alertlog",
    "alerts.view_address",
    "alerts.view_delivery",
    "alerts.resend_delivery",
    "realtime.view_accountevent",
    "api.view_idempotencykey",
)
SESSIONS = tuple(
    f"market.{act}_{model}"
    for model in ("schedule", "groupschedule", "holiday")
    for act in ("view", "add", "change")
)
DEALER = (
    "trading.deal",
    "trading.view_rollover",
    "trading.view_swapcharge",
    "backoffice.export",
    "accounts.view_account",
    "market.view_symbol",
    "market.change_symbol",
    "market.view_symbolgroup",
    "market.change_symbolgroup",
    *SESSIONS,
    "trading.view_exposure",
    "market.view_lastquote",
    "trading.view_trade",
    "trading.view_fill",
    "trading.view_marginaction",
)
ACCOUNTS = tuple(
    f"accounts.{right}" for right in ("open_account", "change_terms", "manage_access", "move_money")
)
APPROVALS = ("backoffice.view_approval", "backoffice.decide_approval")
AUDIT = ("audit.view_entry", "audit.view_signin")
MANAGER = (
    *(*SUPPORT, *AUDIT, *ACCOUNTS, *APPROVALS),
    "accounts.change_user",
    "backoffice.export",
    "trading.correct",
    "trading.view_totals",
)
ADMINISTRATOR = (
    *{*MANAGER, *DEALER},
    "accounts.change_group",
    "scripts.view_script",
    "settings_app.view_setting",
)
ROLES = {
    "administrator": ADMINISTRATOR,
    "manager": MANAGER,
    "dealer": DEALER,
    "support": SUPPORT,
}


def ensure(sender: AppConfig, using: str = "default", apps: Apps = installed, **_: Any) -> None:
    """Give every role exactly the permissions that it has in the app `sender`.

    A receiver of post_migrate: the permissions of an app exist from its turn on, after a flush of
    the test database as well.
    """
    if not any(name.startswith(f"{sender.label}.") for name in ADMINISTRATOR):
        return
    create_permissions(sender, verbosity=0, using=using, apps=apps)
    try:
        group_model = apps.get_model("auth", "Group")
        permission_model = apps.get_model("auth", "Permission")
    except LookupError:  # a partial migration, before auth's tables
        return
    mine = permission_model._base_manager.using(using).filter(content_type__app_label=sender.label)
    for role, names in ROLES.items():
        split = [name.split(".") for name in names]
        codenames = [codename for label, codename in split if label == sender.label]
        if not codenames:
            continue
        group, _created = group_model._base_manager.using(using).get_or_create(name=role)
        group.permissions.remove(*mine.exclude(codename__in=codenames))
        group.permissions.add(*mine.filter(codename__in=codenames))

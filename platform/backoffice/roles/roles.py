"""The roles of the staff, as Django's auth groups, which follow what the code declares.

Sections declare what a role may do there (`role_permissions`).

Administrators (session type 3) are superusers besides. Groups of other names, such as a
broker's own roles, are not touched.
"""

from django.apps import AppConfig
from django.apps import apps as installed_apps
from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions

from core.sections import load_contributions

PLATFORM_PERMISSIONS: dict[str, tuple[str, ...]] = {  # of the platform's apps
    "support": (
        "realtime.view_accountevent",
        "realtime.view_notification",
        "api.view_idempotencykey",
    ),
    "dealer": ("backoffice.export",),
    "manager": (
        "audit.view_entry",
        "audit.view_signin",
        "backoffice.view_approval",
        "backoffice.decide_approval",
        "backoffice.export",
    ),
    "administrator": ("backoffice.view_outgoingmail",),
}


def collect_permissions(role: str) -> tuple[str, ...]:
    """Return what the sections and the platform give to the role, without included roles."""
    declared: list[dict[str, tuple[str, ...]]] = [
        *load_contributions("role_permissions"),
        PLATFORM_PERMISSIONS,
    ]
    return tuple(name for permissions in declared for name in permissions.get(role, ()))


SUPPORT = collect_permissions("support")
DEALER = collect_permissions("dealer")
MANAGER = (*SUPPORT, *collect_permissions("manager"))
ADMINISTRATOR = (*{*MANAGER, *DEALER}, *collect_permissions("administrator"))
ROLES = {
    "administrator": ADMINISTRATOR,
    "manager": MANAGER,
    "dealer": DEALER,
    "support": SUPPORT,
}


def update_role_groups(
    sender: AppConfig, using: str = "default", apps: Apps = installed_apps, **_: object
) -> None:
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
    app_permissions = permission_model._base_manager.using(using).filter(
        content_type__app_label=sender.label
    )
    for role, names in ROLES.items():
        split = [name.split(".") for name in names]
        codenames = [codename for label, codename in split if label == sender.label]
        if not codenames:
            continue
        group, _created = group_model._base_manager.using(using).get_or_create(name=role)
        group.permissions.remove(*app_permissions.exclude(codename__in=codenames))
        group.permissions.add(*app_permissions.filter(codename__in=codenames))

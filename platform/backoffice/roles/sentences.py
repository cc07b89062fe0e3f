"""What permissions allow, in words, and the table that compares roles."""

from collections.abc import Iterable
from itertools import groupby

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db.models import Q, QuerySet
from django.utils.text import capfirst

from backoffice.columns import NO_VALUE
from backoffice.roles.roles import ADMINISTRATOR, ROLES
from backoffice.widgets.content import Section, Table

VERBS = {"view": "See", "add": "Add", "change": "Change"}


def grantable_permissions() -> QuerySet[Permission]:
    """Return the permissions that a role may hold, by section.

    They are those of the administrator's role: what superusers alone may do is in no role.
    """
    names = Q(pk=None)
    for name in ADMINISTRATOR:
        label, codename = name.split(".")
        names |= Q(content_type__app_label=label, codename=codename)
    found = Permission.objects.filter(names).select_related("content_type")
    return found.order_by("content_type__app_label", "content_type__model", "codename")


def describe_permission(permission: Permission) -> str:
    """Return what the permission allows, as a sentence without its subject."""
    verb, _, name = permission.codename.partition("_")
    model = permission.content_type.model_class()
    if model is not None and verb in VERBS and name == model._meta.model_name:
        return f"{VERBS[verb]} {model._meta.verbose_name_plural}"
    text = permission.name.removeprefix("Can ")
    return str(capfirst(f"see {text.removeprefix('view ')}" if text.startswith("view ") else text))


def group_by_section(permissions: Iterable[Permission]) -> list[tuple[str, list[Permission]]]:
    """Return sorted permissions with the titles of their sections."""
    return [
        (str(apps.get_app_config(label).verbose_name), list(some))
        for label, some in groupby(permissions, lambda one: one.content_type.app_label)
    ]


def compare_roles(role: Group) -> Section:
    """Return what the role may do beside the roles that the platform ships."""
    own = set(role.permissions.values_list("pk", flat=True))
    others = [name for name in ROLES if name != role.name]
    tables = [
        Table(
            ["May", role.name, *others],
            [
                [
                    describe_permission(one),
                    _yes(one.pk in own),
                    *(_yes(_full_name(one) in ROLES[name]) for name in others),
                ]
                for one in permissions
            ],
            title=title,
        )
        for title, permissions in group_by_section(grantable_permissions())
    ]
    return Section("What the roles may do", tables)


def _full_name(permission: Permission) -> str:
    return f"{permission.content_type.app_label}.{permission.codename}"


def _yes(is_allowed: bool) -> str:
    return "yes" if is_allowed else NO_VALUE

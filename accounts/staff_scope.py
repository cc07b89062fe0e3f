"""The staff scope: all accounts, or those of the groups that name patterns match."""

from typing import TYPE_CHECKING, TypeVar

from django.apps import apps
from django.db.models import Model, QuerySet

from core import name_patterns

if TYPE_CHECKING:
    from accounts.models import User

M = TypeVar("M", bound=Model)


def managed_group_ids(user: "User") -> list[int] | None:
    """Return the ids of the groups that `user` is limited to; None: not limited."""
    if not user.managed_groups or user.is_superuser:
        return None
    group = apps.get_model("accounts.Group")
    rows = group._default_manager.order_by("pk").values_list("pk", "name")
    return [pk for pk, name in rows if name_patterns.matches_patterns(user.managed_groups, name)]


def rows_visible_to(
    user: "User", rows: QuerySet[M], *, group: str = "", login: str = ""
) -> QuerySet[M]:
    """Return the rows that `user` may see.

    `group` is the lookup from a row to its account group, `login` that to its login. Rows
    without either belong to no account, and all staff see them.
    """
    groups = user.visible_groups
    if groups is None or not (group or login):
        return rows
    if group:
        return rows.filter(**{f"{group}__in": groups})
    account = apps.get_model("accounts.Account")
    logins = account._default_manager.filter(group__in=groups).values("pk")
    return rows.filter(**{f"{login}__in": logins})

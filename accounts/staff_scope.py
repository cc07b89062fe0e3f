"""The staff scope: all accounts, or those of the groups that name patterns match."""

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.models import QuerySet

from core import name_patterns

if TYPE_CHECKING:
    from accounts.models import User


def managed_group_ids(user: "User") -> list[int] | None:
    """Return the ids of the groups that `user` is limited to; None: not limited."""
    if not user.managed_groups or user.is_superuser:
        return None
    group: Any = apps.get_model("accounts.Group")
    rows = group.objects.order_by("pk").values_list("pk", "name")
    return [pk for pk, name in rows if name_patterns.matches_patterns(user.managed_groups, name)]


def rows_visible_to(
    user: "User", rows: QuerySet[Any], *, group: str = "", login: str = ""
) -> QuerySet[Any]:
    """Return the rows that `user` may see.

    `group` is the lookup from a row to its account group, `login` that to its login. Rows
    without either belong to no account, and all staff see them.
    """
    groups = user.visible_groups
    if groups is None or not (group or login):
        return rows
    if group:
        return rows.filter(**{f"{group}__in": groups})
    account: Any = apps.get_model("accounts.Account")
    return rows.filter(**{f"{login}__in": account.objects.filter(group__in=groups).values("pk")})

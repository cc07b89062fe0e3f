"""Which rights a member of staff may be given: a type, roles and the account groups to see."""

from collections.abc import Collection

from django.contrib.auth.models import Group as Role

from accounts.enums import SessionType
from accounts.models import Group
from core import name_patterns

ROLE_MISSING = "Without a role the sign-in shows an empty backoffice: choose at least one."
NO_GROUP_FITS = "No account group fits “{patterns}”: there are {names}."
MOST_NAMES = 10  # group names in a refusal


def find_rights_faults(
    kind: int | None, roles: Collection[Role], managed_groups: str
) -> dict[str, str]:
    """Return why these rights are useless, by the field of `User`; empty if they are not."""
    if kind in (None, SessionType.USER):
        return {}
    faults = {}
    if kind != SessionType.ADMIN and not roles:
        faults["groups"] = ROLE_MISSING
    names = list(Group.objects.order_by("name").values_list("name", flat=True))
    fits = any(name_patterns.matches_patterns(managed_groups, name) for name in names)
    if managed_groups and not fits:
        listed = ", ".join(names[:MOST_NAMES]) + (", …" if len(names) > MOST_NAMES else "")
        faults["managed_groups"] = NO_GROUP_FITS.format(patterns=managed_groups, names=listed)
    return faults

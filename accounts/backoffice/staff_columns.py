"""What the list of users says of staff: their second factor, and who is locked out."""

from django.urls import reverse

from accounts.models import User
from backoffice.columns import NO_VALUE, Column
from backoffice.pages.lists import IndexedChangeList
from staff_auth import lockout, second_factor

FACTOR, LOCKED, UNLOCK = "has_factor", "is_locked_out", "unlock_url"  # attributes of list rows


class UserList(IndexedChangeList):
    """The list of users; superusers see how staff sign in."""

    def complete(self, rows: list[User]) -> None:
        """Read the second factors and lockouts of the rows, each by one query."""
        if not self.user.is_superuser:
            return
        logins = [row.pk for row in rows]
        enrolled = second_factor.enrolled_among(logins)
        locked = {row.pk for row in lockout.find_blocked(rows)}
        for row in rows:
            may_unlock = row.pk in locked and row.pk != self.user.pk
            url = reverse("admin:accounts_user_act", args=[row.pk, "unlock"]) if may_unlock else ""
            vars(row).update({FACTOR: row.pk in enrolled, LOCKED: row.pk in locked, UNLOCK: url})


def second_factor_column(user: User) -> str:
    """Return whether a member of staff has a second factor."""
    if not user.is_staff:
        return NO_VALUE
    return "yes" if vars(user).get(FACTOR) else "no"


def lockout_column(user: User) -> str:
    """Return whether the login is locked out or slowed down now."""
    if not vars(user).get(LOCKED):
        return NO_VALUE
    return "locked out: unlock" if vars(user).get(UNLOCK) else "locked out"


def _titled(column: Column, title: str) -> Column:
    column.short_description = title
    return column


_lockout: Column = _titled(lockout_column, "sign-in")
_lockout.link = lambda user: vars(user).get(UNLOCK, "")
_lockout.tone = lambda user: "bad" if vars(user).get(LOCKED) else ""
STAFF_COLUMNS: tuple[Column, ...] = (_titled(second_factor_column, "second factor"), _lockout)

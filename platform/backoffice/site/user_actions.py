"""What administrators do for a colleague who cannot come in."""

from typing import Any

from backoffice.acting.action import Action, Done
from door import factors, lockout


class ForStaff(Action):
    """On the page of a user, by administrators alone: each is a way past a colleague's door."""

    model = "accounts.user"
    right = "accounts.change_user"
    danger = True

    def allowed(self, user: Any, row: Any) -> bool:
        own = row is not None and row.pk == user.pk  # for that there is the page of one's own
        return bool(user.is_superuser) and not own and super().allowed(user, row)


class ResetSecondFactor(ForStaff):
    """Take a lost second factor away; the login's sessions end."""

    name = "reset_second_factor"
    title = "Reset second factor"
    icon = "phonelink_erase"

    def applies(self, row: Any) -> bool:
        return factors.has(row)

    def state(self, row: Any) -> dict[str, Any]:
        return {"second_factor": factors.has(row)}

    def run(self, by: Any, row: Any, data: dict[str, Any]) -> Done:
        factors.remove(user=row)
        return Done(f"{row} has no second factor any more and is signed out.", row)


class Unlock(ForStaff):
    """Let in a login that was locked out, or slowed down by a stranger's tries."""

    name = "unlock"
    title = "Unlock"
    icon = "lock_open"
    danger = False

    def applies(self, row: Any) -> bool:
        return lockout.blocked(row)

    def state(self, row: Any) -> dict[str, Any]:
        return {"locked_out": lockout.blocked(row)}

    def run(self, by: Any, row: Any, data: dict[str, Any]) -> Done:
        lockout.unlock(row.pk)
        return Done(f"{row} can sign in again.", row)


ACTIONS = (ResetSecondFactor, Unlock)

"""Staff actions of administrators for colleagues who cannot sign in."""

from typing import Any

from backoffice.acting.action import Action, Done
from door import factors, lockout


class ForStaff(Action):
    """An action on another user's page, for superusers only: it weakens a colleague's sign-in."""

    model = "accounts.user"
    right = "accounts.change_user"
    danger = True

    def allowed(self, user: Any, row: Any) -> bool:
        own = row is not None and row.pk == user.pk  # one's own is changed on its own page
        return bool(user.is_superuser) and not own and super().allowed(user, row)


class ResetSecondFactor(ForStaff):
    """Remove a lost second factor; the sessions of the login end."""

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
    """End the lockout or slow-down of a login."""

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

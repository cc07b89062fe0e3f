"""Staff actions of administrators for colleagues who cannot sign in."""

from backoffice.actions.action import Action, ActionResult, AuditValues, ReasonAnswers
from core.users import User
from staff_auth import lockout, second_factor


class StaffAccessAction(Action[User, ReasonAnswers]):
    """An action on another user's page, for superusers only: it weakens a colleague's sign-in."""

    model = "accounts.user"
    permission = "accounts.change_user"
    danger = True

    def allowed(self, user: User, obj: User) -> bool:
        own = obj is not None and obj.pk == user.pk  # one's own is changed on its own page
        return bool(user.is_superuser) and not own and super().allowed(user, obj)


class ResetSecondFactor(StaffAccessAction):
    """Remove a lost second factor; the sessions of the login end."""

    name = "reset_second_factor"
    title = "Reset second factor"
    icon = "phonelink_erase"

    def applies(self, obj: User) -> bool:
        return second_factor.is_enrolled(obj)

    def state(self, obj: User) -> AuditValues:
        return {"second_factor": second_factor.is_enrolled(obj)}

    def run(self, actor: User, obj: User, data: ReasonAnswers) -> ActionResult:
        second_factor.remove_factor(user=obj)
        return ActionResult(f"{obj} has no second factor any more and is signed out.", obj)


class UnlockLogin(StaffAccessAction):
    """End the lockout or slow-down of a login."""

    name = "unlock"
    title = "Unlock"
    icon = "lock_open"
    danger = False

    def applies(self, obj: User) -> bool:
        return lockout.is_blocked(obj)

    def state(self, obj: User) -> AuditValues:
        return {"locked_out": lockout.is_blocked(obj)}

    def run(self, actor: User, obj: User, data: ReasonAnswers) -> ActionResult:
        lockout.unlock_login(obj.pk)
        return ActionResult(f"{obj} can sign in again.", obj)


ACTIONS = (ResetSecondFactor, UnlockLogin)

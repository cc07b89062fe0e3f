"""What staff do to what others have asked for, and for colleagues who cannot sign in."""

from typing import Any

from backoffice.acting.action import Action, Done
from backoffice.approvals import deciding
from backoffice.models import Approval
from backoffice.site import user_actions


class Decision(Action):
    """Approving or refusing: never by who has asked, nor of money of the own account."""

    model = "backoffice.approval"
    right = "backoffice.decide_approval"

    def allowed(self, user: Any, row: Any) -> bool:
        """Whether this person may decide it."""
        return super().allowed(user, row) and user.pk not in (row.asked_by_id, row.login)

    def applies(self, row: Any) -> bool:
        return bool(row.is_open)

    def locked(self, row: Any) -> Any:
        """The approval, after the lock of what it is about."""
        return deciding.locked(row)

    def state(self, row: Approval) -> dict[str, Any]:
        return {"state": row.state, "amount": row.amount, "currency": row.currency}


class Approve(Decision):
    """Does at once what was asked for."""

    name, title, icon = "approve", "Approve", "check"

    def run(self, by: Any, row: Any, data: dict[str, Any]) -> Done:
        return deciding.approve(by=by, approval=row, reason=data["reason"])


class Refuse(Decision):
    """Nothing is done."""

    name, title, icon, danger = "refuse", "Refuse", "close", True

    def run(self, by: Any, row: Any, data: dict[str, Any]) -> Done:
        return deciding.refuse(by=by, approval=row, reason=data["reason"])


ACTIONS = (*user_actions.ACTIONS, Approve, Refuse)

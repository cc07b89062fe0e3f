"""Staff actions on approvals."""

from typing import Any

from backoffice.acting.action import Action, Done
from backoffice.approvals import deciding
from backoffice.models import Approval
from backoffice.site import user_actions


class Decision(Action):
    """An action that decides: never by the requester, nor about money of the own account."""

    model = "backoffice.approval"
    right = "backoffice.decide_approval"

    def allowed(self, user: Any, row: Any) -> bool:
        """Return whether the user may decide it."""
        return super().allowed(user, row) and user.pk not in (row.asked_by_id, row.login)

    def applies(self, row: Any) -> bool:
        return bool(row.is_open)

    def locked(self, row: Any) -> Any:
        """Lock the approval, after the object that it is about."""
        return deciding.locked(row)

    def state(self, row: Approval) -> dict[str, Any]:
        return {"state": row.state, "amount": row.amount, "currency": row.currency}


class Approve(Decision):
    """An action that executes at once what was requested."""

    name, title, icon = "approve", "Approve", "check"

    def run(self, by: Any, row: Any, data: dict[str, Any]) -> Done:
        return deciding.approve(by=by, approval=row, reason=data["reason"])


class Refuse(Decision):
    """An action that refuses what was requested; nothing else is done."""

    name, title, icon, danger = "refuse", "Refuse", "close", True

    def run(self, by: Any, row: Any, data: dict[str, Any]) -> Done:
        return deciding.refuse(by=by, approval=row, reason=data["reason"])


ACTIONS = (*user_actions.ACTIONS, Approve, Refuse)

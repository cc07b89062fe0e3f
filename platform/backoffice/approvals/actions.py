"""Staff actions on approvals."""

from backoffice.actions.action import (
    Action,
    ActionPreview,
    ActionResult,
    AuditValues,
    ReasonAnswers,
)
from backoffice.approvals import decide
from backoffice.models import Approval
from backoffice.site import user_actions
from core.users import User


class DecisionAction(Action[Approval, ReasonAnswers]):
    """An action that decides: never by the requester, nor about money of the own account."""

    model = "backoffice.approval"
    permission = "backoffice.decide_approval"

    def allowed(self, user: User, obj: Approval) -> bool:
        """Return whether the user may decide it."""
        return super().allowed(user, obj) and user.pk not in (obj.asked_by_id, obj.login)

    def applies(self, obj: Approval) -> bool:
        return obj.is_open

    def locked(self, obj: Approval) -> Approval:
        """Lock the approval, after the object that it is about."""
        return decide.lock_approval(obj)

    def state(self, obj: Approval) -> AuditValues:
        return {"state": obj.state, "amount": obj.amount, "currency": obj.currency}


class ApproveRequest(DecisionAction):
    """An action that executes at once what was requested."""

    name, title, icon = "approve", "Approve", "check"

    def outlook(self, obj: Approval) -> ActionPreview:
        """Return what it would book now, in a sentence and as figures."""
        return decide.preview_request(obj)

    def run(self, actor: User, obj: Approval, data: ReasonAnswers) -> ActionResult:
        return decide.approve_request(actor=actor, approval=obj, reason=data["reason"])


class RefuseRequest(DecisionAction):
    """An action that refuses what was requested; nothing else is done."""

    name, title, icon, danger = "refuse", "Refuse", "close", True

    def run(self, actor: User, obj: Approval, data: ReasonAnswers) -> ActionResult:
        return decide.refuse_request(actor=actor, approval=obj, reason=data["reason"])


class CancelRequest(DecisionAction):
    """An action by which the requester takes the request back; nothing else is done."""

    name, title, icon, danger = "cancel", "Cancel request", "undo", True
    permission = "backoffice.view_approval"

    def allowed(self, user: User, obj: Approval) -> bool:
        """Return whether the user has requested it and it still waits."""
        return Action.allowed(self, user, obj) and user.pk == obj.asked_by_id

    def run(self, actor: User, obj: Approval, data: ReasonAnswers) -> ActionResult:
        return decide.cancel_request(actor=actor, approval=obj, reason=data["reason"])


ACTIONS = (*user_actions.ACTIONS, ApproveRequest, RefuseRequest, CancelRequest)

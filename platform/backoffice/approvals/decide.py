"""Deciding what another person has requested: once, by the rules and state at that time."""

import uuid

from django.apps import apps
from django.db.models import Model

from audit import recording
from backoffice.actions import registry
from backoffice.actions.action import ActionResult, AnyAction, AuditNote, Money, can_see
from backoffice.columns import format_amount
from backoffice.models import Approval
from core.clock import now_ms
from core.errors import Refused
from core.locks import transactional
from core.users import User

EXPIRE_BATCH = 500  # rows of one transaction


class AlreadyDecided(Refused):
    """The approval was decided or has expired, or the actor has requested it."""

    code = "DECIDED_BEFORE"
    default = "this was decided already, or has expired"


class NotPossible(Refused):
    """What was requested cannot be done any more."""


def action_and_object(approval: Approval) -> tuple[AnyAction, Model]:
    """Return the action that was requested and the object it is about."""
    model = apps.get_model(approval.model)
    return (
        registry.all_actions()[approval.model, approval.action],
        model._default_manager.get(pk=approval.key),
    )


def lock_approval(approval: Approval) -> Approval:
    """Lock the object that the approval is about, then the approval; return the approval.

    In this order, as everything that changes the object locks it first.
    """
    action, obj = action_and_object(approval)
    action.locked(obj)
    rows = Approval.objects.select_related("asked_by").select_for_update(of=("self",), no_key=True)
    return rows.get(pk=approval.pk)


def record_decision(approval: Approval, state: Approval.State, *, actor: User, reason: str) -> None:
    """Write the decision.

    Raises:
        AlreadyDecided: it waits no more, or `actor` has requested it.
    """
    now = now_ms()
    waiting = Approval.objects.filter(
        pk=approval.pk, state=Approval.State.WAITING, expires_at__gt=now
    ).exclude(asked_by=actor)
    if not waiting.update(state=state, decided_by=actor, decided_at=now, decision=reason):
        raise AlreadyDecided


def can_still_execute(requester: User, action: AnyAction, obj: Model) -> bool:
    """Return whether the requester may still do it, and still sees the object."""
    is_active_staff = requester.is_active and requester.is_staff
    return bool(is_active_staff and can_see(requester, obj) and action.allowed(requester, obj))


@transactional
def approve_request(*, actor: User, approval: Approval, reason: str) -> ActionResult:
    """Execute what was requested, in the name of the requester.

    Raises:
        AlreadyDecided: it waits no more, or `actor` has requested it.
        NotPossible: the requester may not do it any more, the form is not valid any more, or it
            would move another amount now.
        BrokerError: the action's own rules refuse now.
    """
    record_decision(approval, Approval.State.APPROVED, actor=actor, reason=reason)
    action, row = action_and_object(approval)
    row, asker = action.locked(row), approval.asked_by
    if not can_still_execute(asker, action, row):
        raise NotPossible("who asked for it may not do it any more")
    form = action.form({**approval.data, "form": str(uuid.uuid4())}, obj=row, actor=asker)
    if not form.is_valid():
        raise NotPossible(
            " ".join(str(error) for errors in form.errors.values() for error in errors)
        )
    current_money = action.amount_moved(row, form.answers)
    if current_money is not None and current_money != Money(approval.amount, approval.currency):
        currency = current_money.currency
        current_amount = f"{format_amount(current_money.amount, currency)} {currency}"
        raise NotPossible(
            f"it would be {current_amount} by now: refuse it, and let it be asked for anew"
        )
    before = action.state(row)
    result = action.run(asker, row, form.answers)
    answers = {name: value for name, value in form.answers.items() if name != "reason"}
    after = {**answers, **action.state(action.locked(row))}
    audited = {**after, "asked_by": asker.pk, "approval": approval.pk}
    audit_note = AuditNote(action.name, row, approval.reason, before, audited)
    return ActionResult(
        f"Approved. {result.message}", approval, secret=result.secret, audit_notes=(audit_note,)
    )


@transactional
def refuse_request(*, actor: User, approval: Approval, reason: str) -> ActionResult:
    """Refuse what was requested; nothing else is done.

    Raises:
        AlreadyDecided: it waits no more, or `actor` has requested it.
    """
    record_decision(approval, Approval.State.REFUSED, actor=actor, reason=reason)
    return ActionResult("Refused: nothing was done.", approval)


@transactional
def expire_overdue() -> int:
    """Mark as expired what nobody has decided in time; return the number of rows.

    At most EXPIRE_BATCH rows a call.
    """
    overdue = Approval.objects.filter(state=Approval.State.WAITING, expires_at__lte=now_ms())
    rows = list(
        overdue.order_by("pk").select_for_update(skip_locked=True, no_key=True)[:EXPIRE_BATCH]
    )
    for approval in rows:
        approval.state = Approval.State.EXPIRED
        approval.save(update_fields=["state"])
        recording.record_entry(None, "expire", approval, before={"state": Approval.State.WAITING})
    return len(rows)

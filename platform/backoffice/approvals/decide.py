"""Deciding what another person has requested: once, by the rules and state at that time."""

import uuid

from django.apps import apps
from django.db.models import Model, Q

from audit import recording
from audit.recording import AuditNote
from backoffice.actions import registry
from backoffice.actions.action import (
    ActionPreview,
    ActionResult,
    AnyAction,
    Money,
    can_see,
)
from backoffice.actions.forms import AnyActionForm
from backoffice.approvals.booked_rows import name_row
from backoffice.columns import format_amount
from backoffice.models import Approval
from core.clock import now_ms
from core.errors import BrokerError, Refused
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
    """Write the decision; only the requester cancels, and anybody else decides.

    Raises:
        AlreadyDecided: it waits no more, or is not `actor`'s to decide so.
    """
    now = now_ms()
    is_own = Q(asked_by=actor)
    waiting = Approval.objects.filter(
        is_own if state == Approval.State.CANCELLED else ~is_own,
        pk=approval.pk,
        state=Approval.State.WAITING,
        expires_at__gt=now,
    )
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
    form = filled_form(approval, action, row)
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
    reason = f"{approval.reason} (asked by {asker}, approved by {actor})"
    audit_note = AuditNote(action.name, row, reason, before, audited)
    approval.outcome = result.message[:256]
    approval.booked = name_row(result.booked or result.obj)
    approval.save(update_fields=["outcome", "booked"])
    return ActionResult(
        f"Approved, and booked in the name of {asker}, who asked for it. {result.message}",
        approval,
        secret=result.secret,
        audit_notes=(audit_note,),
    )


def filled_form(approval: Approval, action: AnyAction, obj: Model) -> AnyActionForm:
    """Return the form as the requester filled it in.

    Raises:
        NotPossible: the requester may not do it any more, or the form is not valid any more.
    """
    asker = approval.asked_by
    if not can_still_execute(asker, action, obj):
        raise NotPossible("who asked for it may not do it any more")
    form = action.form({**approval.data, "form": str(uuid.uuid4())}, obj=obj, actor=asker)
    if not form.is_valid():
        raise NotPossible(
            " ".join(str(error) for errors in form.errors.values() for error in errors)
        )
    return form


def preview_request(approval: Approval) -> ActionPreview:
    """Return what an approval would lead to now, or why it would be refused."""
    action, obj = action_and_object(approval)
    try:
        form = filled_form(approval, action, obj)
        action.approval_needed(obj, form.answers)
        return action.preview(obj, form.answers) if action.previews else ActionPreview([])
    except BrokerError as error:
        return ActionPreview([], [f"It would be refused now: {error.form_message}"])


@transactional
def cancel_request(*, actor: User, approval: Approval, reason: str) -> ActionResult:
    """Cancel what `actor` has requested; nothing else is done.

    Raises:
        AlreadyDecided: it waits no more, or another person has requested it.
    """
    record_decision(approval, Approval.State.CANCELLED, actor=actor, reason=reason)
    return ActionResult("The request is cancelled: nothing was booked.", approval)


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

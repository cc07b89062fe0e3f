"""Deciding what another person has requested: once, by the rules and state at that time."""

import uuid
from typing import Any

from django.apps import apps

from audit import recording
from backoffice.acting import registry
from backoffice.acting.action import Action, Done, Noted, Sum, sees
from backoffice.columns import amount
from backoffice.models import Approval
from core.clock import now_ms
from core.errors import Refused
from core.locks import transactional

ROWS = 500  # rows of one transaction


class DecidedBefore(Refused):
    """The approval was decided or has expired, or the actor has requested it."""

    code = "DECIDED_BEFORE"
    default = "this was decided already, or has expired"


class NotPossible(Refused):
    """What was requested cannot be done any more."""


def subject(approval: Approval) -> tuple[Action, Any]:
    """Return the action that was requested and the object it is about."""
    model = apps.get_model(approval.model)
    return (
        registry.actions()[approval.model, approval.action],
        model._default_manager.get(pk=approval.key),
    )


def locked(approval: Approval) -> Approval:
    """Lock the object that the approval is about, then the approval; return the approval.

    In this order, as everything that changes the object locks it first.
    """
    action, row = subject(approval)
    action.locked(row)
    rows = Approval.objects.select_related("asked_by").select_for_update(of=("self",), no_key=True)
    return rows.get(pk=approval.pk)


def claim(approval: Approval, state: Approval.State, *, by: Any, reason: str) -> None:
    """Write the decision.

    Raises:
        AlreadyDecided: it waits no more, or `actor` has requested it.
    """
    moment = now_ms()
    waiting = Approval.objects.filter(
        pk=approval.pk, state=Approval.State.WAITING, expires_at__gt=moment
    ).exclude(asked_by=by)
    if not waiting.update(state=state, decided_by=by, decided_at=moment, decision=reason):
        raise DecidedBefore


def may_still(asker: Any, action: Action, row: Any) -> bool:
    """Return whether the requester may still do it, and still sees the object."""
    comes_in = asker.is_active and asker.is_staff
    return bool(comes_in and sees(asker, row) and action.allowed(asker, row))


@transactional
def approve(*, by: Any, approval: Approval, reason: str) -> Done:
    """Execute what was requested, in the name of the requester.

    Raises:
        AlreadyDecided: it waits no more, or `actor` has requested it.
        NotPossible: the requester may not do it any more, the form is not valid any more, or it
            would move another amount now.
        BrokerError: the action's own rules refuse now.
    """
    claim(approval, Approval.State.APPROVED, by=by, reason=reason)
    action, row = subject(approval)
    row, asker = action.locked(row), approval.asked_by
    if not may_still(asker, action, row):
        raise NotPossible("who asked for it may not do it any more")
    form = action.form({**approval.data, "form": str(uuid.uuid4())}, obj=row, actor=asker)
    if not form.is_valid():
        raise NotPossible(
            " ".join(str(error) for errors in form.errors.values() for error in errors)
        )
    now_worth = action.moves(row, form.answers)
    if now_worth is not None and now_worth != Sum(approval.amount, approval.currency):
        worth = f"{amount(now_worth.amount, now_worth.currency)} {now_worth.currency}"
        raise NotPossible(f"it would be {worth} by now: refuse it, and let it be asked for anew")
    before = action.state(row)
    done = action.run(asker, row, form.answers)
    asked = {name: value for name, value in form.answers.items() if name != "reason"}
    after = {**asked, **action.state(action.locked(row))}
    told = {**after, "asked_by": asker.pk, "approval": approval.pk}
    noted = Noted(action.name, row, approval.reason, before, told)
    return Done(f"Approved. {done.words}", approval, secret=done.secret, noted=(noted,))


@transactional
def refuse(*, by: Any, approval: Approval, reason: str) -> Done:
    """Refuse what was requested; nothing else is done.

    Raises:
        AlreadyDecided: it waits no more, or `actor` has requested it.
    """
    claim(approval, Approval.State.REFUSED, by=by, reason=reason)
    return Done("Refused: nothing was done.", approval)


@transactional
def expire() -> int:
    """Mark as expired what nobody has decided in time; return the number of rows.

    At most EXPIRE_BATCH rows a call.
    """
    late = Approval.objects.filter(state=Approval.State.WAITING, expires_at__lte=now_ms())
    rows = list(late.order_by("pk").select_for_update(skip_locked=True, no_key=True)[:ROWS])
    for approval in rows:
        approval.state = Approval.State.EXPIRED
        approval.save(update_fields=["state"])
        recording.record(None, "expire", approval, before={"state": Approval.State.WAITING})
    return len(rows)

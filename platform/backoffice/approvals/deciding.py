"""Decide what another person has asked for: once, and by what holds at that moment."""

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

ROWS = 500  # of one transaction


class DecidedBefore(Refused):
    code = "DECIDED_BEFORE"
    default = "this was decided already, or has expired"


class NotPossible(Refused):
    """What was asked for cannot be done as things stand now."""


def subject(approval: Approval) -> tuple[Action, Any]:
    """The action that was asked for, and its row."""
    model = apps.get_model(approval.model)
    return (
        registry.actions()[approval.model, approval.action],
        model._default_manager.get(pk=approval.key),
    )


def locked(approval: Approval) -> Approval:
    """Under lock after the row that it is about, as everything that changes that row locks it."""
    action, row = subject(approval)
    action.locked(row)
    rows = Approval.objects.select_related("asked_by").select_for_update(of=("self",), no_key=True)
    return rows.get(pk=approval.pk)


def claim(approval: Approval, state: Approval.State, *, by: Any, reason: str) -> None:
    """Write the decision; raises DecidedBefore where there is one, or nobody waits any more."""
    moment = now_ms()
    waiting = Approval.objects.filter(
        pk=approval.pk, state=Approval.State.WAITING, expires_at__gt=moment
    ).exclude(asked_by=by)
    if not waiting.update(state=state, decided_by=by, decided_at=moment, decision=reason):
        raise DecidedBefore


def may_still(asker: Any, action: Action, row: Any) -> bool:
    """Whether who has asked may do it, and see the account, as things stand now."""
    comes_in = asker.is_active and asker.is_staff
    return bool(comes_in and sees(asker, row) and action.allowed(asker, row))


@transactional
def approve(*, by: Any, approval: Approval, reason: str) -> Done:
    """Do what was asked for, in the name of who asked for it.

    Raises:
        DecidedBefore: it waits no more, or `by` has asked for it.
        NotPossible: who asked may not do it any more, the form is not valid any more, or it is
            another sum by now.
        BrokerError: what the action's own rules refuse as things stand now.
    """
    claim(approval, Approval.State.APPROVED, by=by, reason=reason)
    action, row = subject(approval)
    row, asker = action.locked(row), approval.asked_by
    if not may_still(asker, action, row):
        raise NotPossible("who asked for it may not do it any more")
    form = action.form({**approval.data, "form": str(uuid.uuid4())}, row=row, by=asker)
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
    """Nothing is done. Raises DecidedBefore as `approve` does."""
    claim(approval, Approval.State.REFUSED, by=by, reason=reason)
    return Done("Refused: nothing was done.", approval)


@transactional
def expire() -> int:
    """Write down which ones nobody has decided in time; answers how many of them."""
    late = Approval.objects.filter(state=Approval.State.WAITING, expires_at__lte=now_ms())
    rows = list(late.order_by("pk").select_for_update(skip_locked=True, no_key=True)[:ROWS])
    for approval in rows:
        approval.state = Approval.State.EXPIRED
        approval.save(update_fields=["state"])
        recording.record(None, "expire", approval, before={"state": Approval.State.WAITING})
    return len(rows)

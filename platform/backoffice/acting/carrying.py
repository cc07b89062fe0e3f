"""Executing a staff action: once, in one transaction with its audit entry."""

from typing import Any

from django.db import IntegrityError
from django.http import HttpRequest

from audit import recording
from audit.models import Entry
from backoffice.acting import request_approval
from backoffice.acting.action import Action, Done, sees
from core.errors import Denied, Refused
from core.locks import transactional


class DoneBefore(Refused):
    """The same form was sent before, and its action was executed."""

    code = "DONE_BEFORE"
    default = "this was done already"


class NoLonger(Refused):
    """The state has changed since the form was shown."""

    default = "this cannot be done any more: somebody was faster"


def carry_out(
    request: HttpRequest, action: Action, row: Any, data: dict[str, Any], form: str
) -> Done:
    """Execute the action and write its audit entry; `form` is the form's key.

    Raises:
        AlreadyExecuted: the form was sent twice.
        Denied: the object has left the user's staff scope.
        BrokerError: a rule refuses; nothing is changed.
    """
    try:
        return _carried_out(request, action, row, data, form)
    except IntegrityError:
        if was_sent(form):
            raise DoneBefore from None
        raise


def was_sent(form: str) -> bool:
    """Return whether the form with this key was executed."""
    return Entry.objects.filter(form=form).exists()


@transactional
def _carried_out(
    request: HttpRequest, action: Action, row: Any, data: dict[str, Any], form: str
) -> Done:
    before: dict[str, Any] = {}
    if row is not None:
        row = action.locked(row)
    if was_sent(form):
        raise DoneBefore
    if row is not None:
        still_allowed(request.user, action, row)
        before = action.state(row)
        wanted = action.second_person(row, data)
        if wanted is not None:
            return request_approval.ask(request, action, row, data, wanted, form)
    done = action.run(request.user, row, data)
    asked = {name: value for name, value in data.items() if name != "reason"}
    after = action.state(action.locked(done.row))
    for one in done.noted:
        recording.record(
            request, one.action, one.row, reason=one.reason, before=one.before, after=one.after
        )
    recording.record(
        request,
        action.name,
        done.row if row is None else row,
        reason=data.get("reason", ""),
        before=before,
        after={**asked, **after},
        form=form,
    )
    return done


def still_allowed(user: Any, action: Action, row: Any) -> None:
    """Check under lock what was allowed when the form was shown.

    Raises:
        Denied: the object has left the user's staff scope.
        NoLongerPossible: its state has changed.
    """
    if not sees(user, row):
        raise Denied("this is not yours to change any more")
    if not action.allowed(user, row):
        raise NoLonger

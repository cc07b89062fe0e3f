"""Carry an action out: once, in one transaction with its audit entry."""

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
    """The same form was sent before, and what it asks for was done."""

    code = "DONE_BEFORE"
    default = "this was done already"


class NoLonger(Refused):
    """What could be done when the form was shown cannot any more."""

    default = "this cannot be done any more: somebody was faster"


def carry_out(
    request: HttpRequest, action: Action, row: Any, data: dict[str, Any], form: str
) -> Done:
    """Do it and write it down.

    Raises:
        DoneBefore: the form was sent twice.
        BrokerError: a rule refuses; nothing is changed.
    """
    try:
        return _carried_out(request, action, row, data, form)
    except IntegrityError:
        if was_sent(form):
            raise DoneBefore from None
        raise


def was_sent(form: str) -> bool:
    """Whether the form with this key was carried out."""
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
    """What the form was allowed for must stand under lock as well.

    Raises:
        Denied: the row has left what this person may see.
        NoLonger: its state has changed.
    """
    if not sees(user, row):
        raise Denied("this is not yours to change any more")
    if not action.allowed(user, row):
        raise NoLonger

"""Executing a staff action: once, in one transaction with its audit entry."""

from collections.abc import Callable, Mapping
from functools import partial

from django.db import IntegrityError
from django.db.models import Model

from audit import recording
from audit.models import Entry
from backoffice.actions import request_approval
from backoffice.actions.action import ActionResult, AnyAction, AuditValues, can_see
from core.errors import Denied, Refused
from core.locks import transactional
from core.users import StaffRequest, User


class AlreadyExecuted(Refused):
    """The same form was sent before, and its action was executed."""

    code = "DONE_BEFORE"
    default = "this was done already"


class UnansweredQuestion(Refused):
    """Something has happened since the preview that the staff member is to be asked about."""

    default = "something has happened meanwhile: confirm it once more"


class NoLongerPossible(Refused):
    """The state has changed since the form was shown."""

    default = "this cannot be done any more: somebody was faster"


def execute_action(
    request: StaffRequest,
    action: AnyAction,
    obj: Model | None,
    data: Mapping[str, object],
    form: str,
    confirms: Callable[[str], bool] = lambda _: False,
) -> ActionResult:
    """Execute the action and write its audit entry; `form` is the form's key.

    `confirms` says whether the staff member was asked a question of the action.

    Raises:
        AlreadyExecuted: the form was sent twice.
        UnansweredQuestion: the action has a question that was not asked.
        Denied: the object has left the user's staff scope.
        BrokerError: a rule refuses; nothing is changed.
    """
    try:
        if action.in_portions:
            return _execute_in_portions(request, action, obj, data, form)
        return _execute_once(request, action, obj, data, form, confirms)
    except IntegrityError:
        if was_executed(form):
            raise AlreadyExecuted from None
        raise


def was_executed(form: str) -> bool:
    """Return whether the form with this key was executed."""
    return Entry.objects.filter(form=form).exists()


@transactional
def _execute_once(
    request: StaffRequest,
    action: AnyAction,
    obj: Model | None,
    data: Mapping[str, object],
    form: str,
    confirms: Callable[[str], bool],
) -> ActionResult:
    before: AuditValues = {}
    if obj is not None:
        obj = action.locked(obj)
    if was_executed(form):
        raise AlreadyExecuted
    if obj is not None:
        check_still_allowed(request.user, action, obj)
        if not all(map(confirms, action.questions(obj, data))):
            raise UnansweredQuestion
        before = action.state(obj)
        money = action.approval_needed(obj, data)
        if money is not None:
            return request_approval.request_approval(request, action, obj, data, money, form)
    done = action.run(request.user, obj, data)
    answers = {name: value for name, value in data.items() if name != "reason"}
    after = action.state(action.locked(done.obj))
    recording.record_entries(request, done.audit_notes)
    recording.record_entry(
        request,
        action.name,
        done.obj if obj is None else obj,
        reason=str(data.get("reason", "")),
        before=before,
        after={**answers, **after},
        form=form,
    )
    return done


def _execute_in_portions(
    request: StaffRequest,
    action: AnyAction,
    obj: Model | None,
    data: Mapping[str, object],
    form: str,
) -> ActionResult:
    """Write the entry, then run the action, which writes its notes with what they are about."""
    _begin_portions(request, action, obj, data, form)
    record = partial(recording.record_entries, request)
    return action.run_in_portions(request.user, obj, data, record)


@transactional
def _begin_portions(
    request: StaffRequest,
    action: AnyAction,
    obj: Model | None,
    data: Mapping[str, object],
    form: str,
) -> None:
    """Write the entry of an action that is about to begin; a form that was sent twice has one."""
    if obj is not None:
        obj = action.locked(obj)
    if was_executed(form):
        raise AlreadyExecuted
    before: AuditValues = {}
    if obj is not None:
        check_still_allowed(request.user, action, obj)
        before = action.state(obj)
    answers = {name: value for name, value in data.items() if name != "reason"}
    reason = str(data.get("reason", ""))
    recording.record_entry(
        request, action.name, obj, reason=reason, before=before, after=answers, form=form
    )


def check_still_allowed(user: User, action: AnyAction, obj: Model) -> None:
    """Check under lock what was allowed when the form was shown.

    Raises:
        Denied: the object has left the user's staff scope.
        NoLongerPossible: its state has changed.
    """
    if not can_see(user, obj):
        raise Denied("this is not yours to change any more")
    if not action.allowed(user, obj):
        raise NoLongerPossible

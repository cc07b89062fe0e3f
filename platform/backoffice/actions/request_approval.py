"""Requesting an approval instead of executing an action."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Model
from django.http import HttpRequest

from audit import recording
from backoffice.actions.action import Action, ActionResult, Money
from backoffice.models import Approval
from core.clock import DAY_MS, now_ms
from core.json import plain_digits

if TYPE_CHECKING:
    from collections.abc import Mapping

WAITING_MESSAGE = "Nothing is done yet: a second person has to approve it (no. {})."


def request_approval(
    request: HttpRequest, action: Action, obj: Model, data: dict[str, Any], money: Money, form: str
) -> ActionResult:
    """Store the request in the caller's transaction.

    `form` is the form's key, by which it is stored once.
    """
    user: Any = request.user
    now = now_ms()
    approval = Approval.objects.create(
        asked_by=user,
        asked_at=now,
        expires_at=now + settings.APPROVAL_DAYS * DAY_MS,
        model=action.model,
        key=str(obj.pk),
        action=action.name,
        title=action.title,
        login=recording.owner_login(obj),
        amount=money.amount,
        currency=money.currency,
        reason=data["reason"],
        data=as_form_data(data),
    )
    recording.record_entry(
        request,
        "ask",
        approval,
        reason=approval.reason,
        after={"action": action.name, "amount": money.amount, "currency": money.currency},
        form=form,
    )
    return ActionResult(WAITING_MESSAGE.format(approval.pk), obj)


def as_form_data(data: "Mapping[str, Any]") -> dict[str, Any]:
    """Return the answers as the form reads them again; empty ones are left out."""
    return {name: _as_form_value(value) for name, value in data.items() if value is not None}


def _as_form_value(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain_digits(value)
    return value.pk if isinstance(value, Model) else value

"""Requesting an approval instead of executing an action."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Model
from django.http import HttpRequest

from audit import recording
from backoffice.acting.action import Action, Done, Sum
from backoffice.models import Approval
from core.clock import DAY_MS, now_ms
from core.json import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

ASKED = "Nothing is done yet: a second person has to approve it (no. {})."


def ask(
    request: HttpRequest, action: Action, row: Model, data: dict[str, Any], of: Sum, form: str
) -> Done:
    """Store the request in the caller's transaction.

    `form` is the form's key, by which it is stored once.
    """
    user: Any = request.user
    moment = now_ms()
    approval = Approval.objects.create(
        asked_by=user,
        asked_at=moment,
        expires_at=moment + settings.APPROVAL_DAYS * DAY_MS,
        model=action.model,
        key=str(row.pk),
        action=action.name,
        title=action.title,
        login=recording.about(row),
        amount=of.amount,
        currency=of.currency,
        reason=data["reason"],
        data=spelt(data),
    )
    recording.record(
        request,
        "ask",
        approval,
        reason=approval.reason,
        after={"action": action.name, "amount": of.amount, "currency": of.currency},
        form=form,
    )
    return Done(ASKED.format(approval.pk), row)


def spelt(data: "Mapping[str, Any]") -> dict[str, Any]:
    """Return the answers as the form reads them again; empty ones are left out."""
    return {name: _spelt(value) for name, value in data.items() if value is not None}


def _spelt(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain(value)
    return value.pk if isinstance(value, Model) else value

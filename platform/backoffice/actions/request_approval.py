"""Requesting an approval instead of executing an action."""

from collections.abc import Mapping
from decimal import Decimal

from django.conf import settings
from django.db.models import Model
from django.urls import reverse

from audit import recording
from backoffice.actions.action import ActionResult, AnyAction, Money
from backoffice.columns import format_amount
from backoffice.models import Approval
from backoffice.widgets.content import Link
from core.clock import DAY_MS, now_ms
from core.json import plain_digits
from core.users import StaffRequest

WAITING_MESSAGE = "Nothing is done yet: a second person has to approve it (no. {})."


def request_approval(
    request: StaffRequest,
    action: AnyAction,
    obj: Model,
    data: Mapping[str, object],
    money: Money,
    form: str,
) -> ActionResult:
    """Store the request in the caller's transaction.

    `form` is the form's key, by which it is stored once.
    """
    now = now_ms()
    approval = Approval.objects.create(
        asked_by=request.user,
        asked_at=now,
        expires_at=now + settings.APPROVAL_DAYS * DAY_MS,
        model=action.model,
        key=str(obj.pk),
        action=action.name,
        title=action.title,
        login=recording.owner_login(obj),
        amount=money.amount,
        currency=money.currency,
        reason=str(data["reason"]),
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
    link = None
    if request.user.has_perm("backoffice.view_approval"):
        url = reverse("admin:backoffice_approval_change", args=[approval.pk])
        link = Link(f"Request {approval.pk}", url)
    return ActionResult(WAITING_MESSAGE.format(approval.pk), obj, is_done=False, link=link)


def approval_warnings(money: Money | None) -> list[str]:
    """Return what a preview says of money that has to be approved; nothing without any."""
    if money is None:
        return []
    currency = settings.APPROVAL_CURRENCY
    limit = f"{format_amount(Decimal(settings.APPROVAL_ABOVE), currency)} {currency}"
    return [f"Above {limit} nothing is booked until a second person has approved it."]


def as_form_data(data: Mapping[str, object]) -> dict[str, object]:
    """Return the answers as the form reads them again; empty ones are left out."""
    return {name: _as_form_value(value) for name, value in data.items() if value is not None}


def _as_form_value(value: object) -> object:
    if isinstance(value, Decimal):
        return plain_digits(value)
    return value.pk if isinstance(value, Model) else value

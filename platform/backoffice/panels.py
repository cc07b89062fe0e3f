"""The panel of an account's page with the approvals that wait."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from backoffice.acting.panel import Content, Link, Panel
from backoffice.audit_pages import panels as audit_panels
from backoffice.columns import amount, utc_ms
from backoffice.models import Approval
from backoffice.pages import event_log_panel

LATEST = 20


def waiting(request: HttpRequest, row: Any) -> Content:
    """Return the newest approvals about the login that are not decided."""
    found = Approval.objects.filter(login=row.pk, state=Approval.State.WAITING).order_by("-id")
    every = f"{reverse('admin:backoffice_approval_changelist')}?q={row.pk}"
    return Content(
        ("No.", "What", "Amount", "Asked by", "Asked (UTC)", "Reason", "State"),
        [
            (
                Link(str(one.pk), reverse("admin:backoffice_approval_change", args=[one.pk])),
                one.title,
                f"{amount(one.amount, one.currency)} {one.currency}",
                one.asked_by_id,
                utc_ms(one.asked_at),
                one.reason,
                one.standing,
            )
            for one in found[:LATEST]
        ],
        more=Link("All approvals", every),
    )


PANELS = (
    *event_log_panel.PANELS,
    *audit_panels.PANELS,
    Panel("accounts.account", "Waiting for a second person", "backoffice.view_approval", waiting),
)

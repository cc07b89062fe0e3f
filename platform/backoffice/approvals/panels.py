"""The panel of an account's page with the approvals that wait."""

from django.http import HttpRequest
from django.urls import reverse

from backoffice.audit_pages import panels as audit_panels
from backoffice.columns import format_amount, format_utc_ms
from backoffice.models import Approval
from backoffice.pages import event_log_panel, notification_panel
from backoffice.widgets.content import Link, Table
from backoffice.widgets.panel import Panel
from core.users import Account

MAX_ROWS = 20


def load_waiting_approvals(request: HttpRequest, account: Account) -> Table:
    """Return the newest approvals about the login that are not decided."""
    approvals = Approval.objects.filter(login=account.pk, state=Approval.State.WAITING).order_by(
        "-id"
    )
    list_url = f"{reverse('admin:backoffice_approval_changelist')}?q={account.pk}"
    return Table(
        ("No.", "What", "Amount", "Asked by", "Asked (UTC)", "Reason", "State"),
        [
            (
                Link(str(one.pk), reverse("admin:backoffice_approval_change", args=[one.pk])),
                one.title,
                f"{format_amount(one.amount, one.currency)} {one.currency}",
                one.asked_by_id,
                format_utc_ms(one.asked_at),
                one.reason,
                one.state_label,
            )
            for one in approvals[:MAX_ROWS]
        ],
        more=Link("All approvals", list_url),
    )


PANELS = (
    *notification_panel.PANELS,
    *event_log_panel.PANELS,
    *audit_panels.PANELS,
    Panel(
        "accounts.account",
        "Waiting for a second person",
        "backoffice.view_approval",
        load_waiting_approvals,
    ),
)

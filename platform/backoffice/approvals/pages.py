"""Admin page of approvals: those that wait and those that were decided."""

from django.contrib import admin
from django.http import HttpRequest

from backoffice.columns import NO_VALUE, field_column, money_column, time_ms_column
from backoffice.models import Approval
from backoffice.pages.admin_pages import ReadOnlyPage
from backoffice.pages.client_columns import client_columns
from backoffice.pages.list_cards import CardColumns
from backoffice.pages.list_filters import ChoicesDropdownFilter, MillisecondsRange
from backoffice.widgets.content import Note, Section
from core.users import User, signed_in_user

ASKED_AT_COLUMN, EXPIRES_AT_COLUMN, DECIDED_AT_COLUMN = (
    time_ms_column(f"{name}_at", name) for name in ("asked", "expires", "decided")
)
STATE_COLUMN = field_column("state_label", "state", str)
del STATE_COLUMN.admin_order_field  # a property: the database cannot sort by it


@admin.register(Approval)
class ApprovalPage(ReadOnlyPage[Approval]):
    """Approvals, read-only: approving and refusing are staff actions."""

    login_path = "login"
    card = CardColumns(title=("title", "login"), figure="amount", texts=("currency", "state_label"))
    list_display = (
        "id",
        ASKED_AT_COLUMN,
        field_column("asked_by_id", "asked by", str),
        "title",
        *client_columns("login"),
        money_column("amount", "amount", "currency"),
        "currency",
        "reason",
        STATE_COLUMN,
        field_column("decided_by_id", "decided by", lambda login: str(login or NO_VALUE)),
        EXPIRES_AT_COLUMN,
    )
    list_filter = (("state", ChoicesDropdownFilter), ("asked_at", MillisecondsRange))
    search_numbers = ("id", "login")
    search_clients = ("login",)
    fields = (
        ("title", "login"),
        (money_column("amount", "amount", "currency"), "currency"),
        ("asked_by", ASKED_AT_COLUMN),
        ("reason", EXPIRES_AT_COLUMN),
        (STATE_COLUMN, "decision"),
        ("decided_by", DECIDED_AT_COLUMN),
        "outcome",
    )

    def sections(self, request: HttpRequest, obj: Approval) -> list[Section]:
        """Say who decides it, why the reader may not, and what became of it."""
        return [Section("Decision", [Note(explain_state(signed_in_user(request), obj))])]


def explain_state(reader: User, approval: Approval) -> str:
    """Return for the reader what can be done with the request, or what became of it."""
    if approval.is_open:
        return f"Nothing is booked yet. {explain_waiting(reader, approval)}"
    asker, decided_by = approval.asked_by, approval.decided_by
    return {
        Approval.State.APPROVED: (
            f"{decided_by} approved it; it was booked in the name of {asker}, who asked for it."
        ),
        Approval.State.CANCELLED: f"{asker}, who asked for it, cancelled it. Nothing was booked.",
        Approval.State.REFUSED: f"{decided_by} refused it. Nothing was booked.",
    }.get(Approval.State(approval.state), "Nobody decided it in time. Nothing was booked.")


def explain_waiting(reader: User, approval: Approval) -> str:
    """Return who decides the request, and why that is not the reader."""
    if reader.pk == approval.asked_by_id:
        return (
            "You asked for it, so another person has to approve or refuse it; "
            "you can cancel the request."
        )
    if reader.pk == approval.login:
        return "It is about your own account: another person has to decide."
    if not reader.has_perm("backoffice.decide_approval"):
        return "Your role does not decide requests: another person has to."
    return f"Once approved it is booked in the name of {approval.asked_by}, who asked for it."

"""Admin page of approvals: those that wait and those that were decided."""

from django.contrib import admin

from backoffice.columns import NO_VALUE, field_column, money_column, time_ms_column
from backoffice.models import Approval
from backoffice.pages.admin_pages import ReadOnlyPage
from backoffice.pages.list_filters import ChoicesDropdownFilter, MillisecondsRange

ASKED_AT_COLUMN, EXPIRES_AT_COLUMN, DECIDED_AT_COLUMN = (
    time_ms_column(f"{name}_at", name) for name in ("asked", "expires", "decided")
)
STATE_COLUMN = field_column("state_label", "state", str)
del STATE_COLUMN.admin_order_field  # a property: the database cannot sort by it


@admin.register(Approval)
class ApprovalPage(ReadOnlyPage[Approval]):
    """Approvals, read-only: approving and refusing are staff actions."""

    login_path = "login"
    list_display = (
        "id",
        ASKED_AT_COLUMN,
        field_column("asked_by_id", "asked by", str),
        "title",
        field_column("login", "login", str),
        money_column("amount", "amount", "currency"),
        "currency",
        "reason",
        STATE_COLUMN,
        field_column("decided_by_id", "decided by", lambda login: str(login or NO_VALUE)),
        EXPIRES_AT_COLUMN,
    )
    list_filter = (("state", ChoicesDropdownFilter), ("asked_at", MillisecondsRange))
    search_numbers = ("id", "login")
    fields = (
        ("title", "login"),
        (money_column("amount", "amount", "currency"), "currency"),
        ("asked_by", ASKED_AT_COLUMN),
        ("reason", EXPIRES_AT_COLUMN),
        (STATE_COLUMN, "decision"),
        ("decided_by", DECIDED_AT_COLUMN),
    )

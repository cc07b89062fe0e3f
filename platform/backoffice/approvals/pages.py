"""Admin page of approvals: those that wait and those that were decided."""

from django.contrib import admin

from backoffice.base import ReadOnlyPage
from backoffice.columns import NOTHING, column, money, time_ms
from backoffice.filters import ChoicesDropdownFilter, MillisecondsRange
from backoffice.models import Approval

ASKED, EXPIRES, DECIDED = (time_ms(f"{name}_at", name) for name in ("asked", "expires", "decided"))
STANDING = column("standing", "state", str)
del STANDING.admin_order_field  # a property: the database cannot sort by it


@admin.register(Approval)
class ApprovalPage(ReadOnlyPage[Approval]):
    """Approvals, read-only: approving and refusing are staff actions."""

    login_path = "login"
    list_display = (
        "id",
        ASKED,
        column("asked_by_id", "asked by", str),
        "title",
        column("login", "login", str),
        money("amount", "amount", "currency"),
        "currency",
        "reason",
        STANDING,
        column("decided_by_id", "decided by", lambda login: str(login or NOTHING)),
        EXPIRES,
    )
    list_filter = (("state", ChoicesDropdownFilter), ("asked_at", MillisecondsRange))
    search_numbers = ("id", "login")
    fields = (
        ("title", "login"),
        (money("amount", "amount", "currency"), "currency"),
        ("asked_by", ASKED),
        ("reason", EXPIRES),
        (STANDING, "decision"),
        ("decided_by", DECIDED),
    )

"""Read-only admin pages of audit entries and sign-ins."""

from django.contrib import admin

from audit.models import CAME, WHAT, Entry, SignIn
from backoffice.audit_pages import diff_table
from backoffice.audit_pages.filters import ByAction, ByModel, ByOutcome
from backoffice.base import ReadOnlyPage
from backoffice.columns import NOTHING, column, time_ms
from backoffice.filters import ChoicesDropdownFilter, MillisecondsRange


@admin.register(Entry)
class EntryPage(ReadOnlyPage[Entry]):
    """Changes by staff. An object's own history is this list by `model` and `key`."""

    login_path = "login"
    list_display = (
        time_ms("time", "time"),
        column("staff_id", "staff", lambda login: str(login or "system")),
        "action",
        "model",
        "label",
        column("login", "login", lambda login: str(login or NOTHING)),
        "reason",
        "address",
    )
    list_filter = (ByAction, ByModel, ("time", MillisecondsRange))
    search_numbers = ("staff", "login")
    search_words = (WHAT,)
    fields = (
        (time_ms("time", "time"), "staff"),
        ("action", "address"),
        ("model", "key"),
        ("label", "login"),
        "reason",
        "changes",
    )

    @admin.display(description="changes")
    def changes(self, obj: Entry) -> str:
        return diff_table.table(obj)


@admin.register(SignIn)
class SignInPage(ReadOnlyPage[SignIn]):
    """Sign-in attempts, successful or not."""

    login_path = "login"
    list_display = (time_ms("time", "time"), "login", "outcome", "door", "address", "agent")
    list_filter = (ByOutcome, ("door", ChoicesDropdownFilter), ("time", MillisecondsRange))
    search_numbers = ("login",)
    search_words = (CAME,)
    fields = ((time_ms("time", "time"), "login"), ("outcome", "door"), "address", "agent")

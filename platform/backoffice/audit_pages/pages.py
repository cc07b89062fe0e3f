"""Read-only admin pages of audit entries and sign-ins."""

from django.contrib import admin

from audit.models import ENTRY_WORDS, SIGN_IN_WORDS, Entry, SignIn
from backoffice.audit_pages import audit_words, diff_table
from backoffice.audit_pages.audit_filters import ActionFilter, ModelFilter, SignInOutcomeFilter
from backoffice.columns import NO_VALUE, Column, field_column, time_ms_column
from backoffice.pages.admin_pages import ReadOnlyPage
from backoffice.pages.client_columns import USER, client_columns
from backoffice.pages.list_cards import CardColumns
from backoffice.pages.list_filters import ChoicesDropdownFilter, MillisecondsRange, titled_filter

WHAT = field_column("model", "what", audit_words.model_word)
OUTCOME = field_column("outcome", "outcome", audit_words.outcome_word)


@admin.display(description="action", ordering="action")
def action(entry: Entry) -> str:
    """Return what staff did."""
    return audit_words.action_word(entry.model, entry.action)


ACTION: Column = action


@admin.register(Entry)
class EntryPage(ReadOnlyPage[Entry]):
    """Changes by staff. An object's own history is this list by `model` and `key`."""

    login_path = "login"
    card = CardColumns(title=("action", "label"), texts=("time",), details=("staff_id",))
    list_display = (
        time_ms_column("time", "time"),
        field_column("staff_id", "staff", lambda login: str(login or "system")),
        ACTION,
        WHAT,
        "label",
        *client_columns("login", USER),
        "changed",
        "reason",
    )
    export_columns = ("address",)
    list_filter = (ActionFilter, ModelFilter, ("time", titled_filter(MillisecondsRange, "time")))
    search_numbers = ("staff", "login")
    search_clients = ("login",)
    search_words = (ENTRY_WORDS,)
    fields = (
        (time_ms_column("time", "time"), "staff"),
        (ACTION, "address"),
        (WHAT, "key"),
        ("label", field_column("login", "client", lambda login: str(login or NO_VALUE))),
        "reason",
        "changes",
    )

    @admin.display(description="changed")
    def changed(self, obj: Entry) -> str:
        return audit_words.changes_in_short(obj)

    changed.css_class = "text"  # type: ignore[attr-defined]  # read by `ListTable`

    @admin.display(description="changes")
    def changes(self, obj: Entry) -> str:
        return diff_table.render_changes(obj)


@admin.register(SignIn)
class SignInPage(ReadOnlyPage[SignIn]):
    """Sign-in attempts, successful or not."""

    login_path = "login"
    card = CardColumns(title=("login", "outcome"), texts=("client_name", "time"))
    list_display = (
        time_ms_column("time", "time"),
        *client_columns("login", USER),
        OUTCOME,
        "door",
        "address",
        "agent",
    )
    list_filter = (
        SignInOutcomeFilter,
        ("door", ChoicesDropdownFilter),
        ("time", titled_filter(MillisecondsRange, "time")),
    )
    search_numbers = ("login",)
    search_clients = ("login",)
    search_words = (SIGN_IN_WORDS,)
    fields = ((time_ms_column("time", "time"), "login"), (OUTCOME, "door"), "address", "agent")

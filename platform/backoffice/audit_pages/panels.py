"""The audit's panels on the pages of accounts and users."""

from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from audit.models import Entry, SignIn
from backoffice.audit_pages import audit_words
from backoffice.columns import format_utc_ms
from backoffice.widgets.content import Link, Table
from backoffice.widgets.panel import Panel

MAX_PANEL_ROWS = 10  # the newest ones


def load_sign_ins(request: HttpRequest, obj: Model) -> Table:
    """Return the newest sign-in attempts of the login."""
    latest = SignIn.objects.filter(login=obj.pk).order_by("-id")[:MAX_PANEL_ROWS]
    rows = [
        (
            Link(format_utc_ms(each.time), _page_url("signin", each.pk)),
            audit_words.outcome_word(each.outcome),
            each.get_door_display(),
            each.address,
            each.agent,
        )
        for each in latest
    ]
    headers = ("Time (UTC)", "Outcome", "Where", "Address", "Browser or program")
    return Table(headers, rows, _link_to_list("signin", obj.pk))


def load_changes(request: HttpRequest, obj: Model) -> Table:
    """Return the newest changes by staff that are about the login."""
    latest = Entry.objects.filter(login=obj.pk).order_by("-id")[:MAX_PANEL_ROWS]
    rows = [
        (
            Link(format_utc_ms(each.time), _page_url("entry", each.pk)),
            str(each.staff_id or "system"),
            audit_words.action_word(each.model, each.action),
            each.label,
            audit_words.changes_in_short(each),
            each.reason,
        )
        for each in latest
    ]
    headers = ("Time (UTC)", "Staff", "Action", "Which", "Changed", "Reason")
    return Table(headers, rows, _link_to_list("entry", obj.pk))


def _page_url(model: str, key: int) -> str:
    return reverse(f"admin:audit_{model}_change", args=[key])


def _link_to_list(model: str, login: int) -> Link:
    query = urlencode({"login": login})
    return Link("All", f"{reverse(f'admin:audit_{model}_changelist')}?{query}")


PANELS = tuple(
    panel
    for model in ("accounts.account", "accounts.user")
    for panel in (
        Panel(model, "Sign-ins", "audit.view_signin", load_sign_ins),
        Panel(model, "Audit", "audit.view_entry", load_changes),
    )
)

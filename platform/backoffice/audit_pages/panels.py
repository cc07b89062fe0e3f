"""The audit's panels on the pages of accounts and users."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from audit.models import Entry, SignIn
from backoffice.acting.panel import Content, Link, Panel
from backoffice.columns import utc_ms

LATEST = 10  # the newest ones


def sign_ins(request: HttpRequest, row: Any) -> Content:
    """Return the newest sign-in attempts of the login."""
    latest = SignIn.objects.filter(login=row.pk).order_by("-id")[:LATEST]
    rows = [
        (
            Link(utc_ms(each.time), _page("signin", each.pk)),
            each.outcome,
            each.get_door_display(),
            each.address,
            each.agent,
        )
        for each in latest
    ]
    headers = ("time (UTC)", "outcome", "door", "address", "browser or program")
    return Content(headers, rows, _all("signin", row.pk))


def changes(request: HttpRequest, row: Any) -> Content:
    """Return the newest changes by staff that are about the login."""
    latest = Entry.objects.filter(login=row.pk).order_by("-id")[:LATEST]
    rows = [
        (
            Link(utc_ms(each.time), _page("entry", each.pk)),
            str(each.staff_id or "system"),
            each.action.replace("_", " "),
            each.label,
            each.reason,
        )
        for each in latest
    ]
    headers = ("time (UTC)", "staff", "action", "which", "reason")
    return Content(headers, rows, _all("entry", row.pk))


def _page(model: str, key: int) -> str:
    return reverse(f"admin:audit_{model}_change", args=[key])


def _all(model: str, login: int) -> Link:
    query = urlencode({"login": login})
    return Link("All", f"{reverse(f'admin:audit_{model}_changelist')}?{query}")


PANELS = tuple(
    panel
    for model in ("accounts.account", "accounts.user")
    for panel in (
        Panel(model, "Sign-ins", "audit.view_signin", sign_ins),
        Panel(model, "Audit", "audit.view_entry", changes),
    )
)

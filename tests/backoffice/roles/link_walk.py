"""Opens what each role sees in the backoffice, and follows every link that it is offered."""

import html
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

from django.db.models import Model
from django.test import Client
from django.urls import reverse

from backoffice.actions import registry
from tests.backoffice.roles import matrix_visitor

ROW = re.compile(r"^/admin/(\w+)/(\w+)/([^/]+)/(.+)$")
LINK = re.compile(r'<a\b[^>]*?\bhref="([^"#?]*)', re.DOTALL)
MOST_ROWS = 1  # of a model: the newest, and the oldest one


class Walk:
    """One role's walk: what each page answered, and which pages offer a link to it."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.answers: dict[str, Any] = {}
        self.offered: dict[str, str] = {}  # link → a page that offers it

    def open(self, url: str) -> None:
        """Open a page, once, and note its links."""
        if url in self.answers:
            return
        answer: Any = self.client.get(url)
        self.answers[url] = status = answer.status_code
        if status == 302:
            self.answers[url] = answer["Location"]
        if status == 200 and answer["Content-Type"].startswith("text/html"):
            for link in LINK.findall(answer.content.decode()):
                target = urljoin(url, html.unescape(link))
                if target.startswith("/admin/"):
                    self.offered.setdefault(target, url)

    def dead_links(self) -> list[str]:
        """Follow the links that were offered and not opened yet; return those that lead nowhere.

        Of pages below a row's, such as the form of an action, one of a kind.
        """
        chosen = {kind_of(link): link for link in self.offered}.values()
        for link in chosen:
            self.open(link)
        return [
            f"{self.offered[link]} → {link}: {self.answers[link]}"
            for link in chosen
            if self.answers[link] != 200 and not is_history(link, self.answers[link])
        ]


def kind_of(link: str) -> str:
    """Return the link without its row, but for a row's page, which may be out of scope."""
    found = ROW.match(link)
    return link if found is None or found[4] == "change/" else f"{found[1]} {found[2]} {found[4]}"


def is_history(link: str, answer: object) -> bool:
    """Return whether the link is a history, which leads to the row's audit entries."""
    entries = reverse("admin:audit_entry_changelist")
    return link.endswith("/history/") and str(answer).startswith(entries)


def visible_addresses() -> Iterator[str]:
    """Yield the dashboard with its tiles, and of each model the list, rows and their forms."""
    yield reverse("admin:index")
    yield reverse("dashboard_data")
    yield reverse("admin:market_feed_health_data")
    for label, model in matrix_visitor.admin_models().items():
        yield matrix_visitor.address(model, "changelist")
        rows = model._base_manager.order_by("-pk")
        for row in {*rows[:MOST_ROWS], *rows.reverse()[:1]}:
            yield from row_addresses(label, model, row)


def row_addresses(label: str, model: type[Model], row: Model) -> Iterator[str]:
    """Yield a row's page, its live tiles and the form of one action."""
    yield matrix_visitor.address(model, "change", row.pk)
    yield matrix_visitor.address(model, "live", row.pk)
    actions = [a for (of, _), a in registry.all_actions().items() if of == label and not a.on_list]
    if actions:
        yield actions[0].form_url(row)

"""Every page of the backoffice can be used by keyboard and read by a screen reader."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from django.test import Client

from accounts.models import Account, User
from backoffice.templatetags.accessible import OVERLAYS, make_accessible
from tests.backoffice.roles.link_walk import visible_addresses
from tests.backoffice.roles.matrix_rows import create_rows
from trading.models import Trade

Attributes = dict[str, str | None]
NATIVE = ("button", "input", "select", "textarea", "summary")
FIELDS = ("input", "select", "textarea")
ICON = "material-symbols-outlined"
SCRIPTS = re.compile(r"(chart|xregexp|prepopulate|urlify|alpine\.sort)[\w.]*\.js")


class PageReader(HTMLParser):
    """The elements of a page, and which texts are labels."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, Attributes]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the element."""
        self.elements.append((tag, dict(attrs)))

    def count(self, tag: str) -> int:
        return sum(tag == name for name, _ in self.elements)

    def values(self, attribute: str) -> list[str]:
        """Return the values of the attribute, of all elements."""
        return [str(found[attribute]) for _, found in self.elements if attribute in found]


def faults(html: str) -> Iterator[str]:
    """Yield what hinders somebody without a mouse or without eyes."""
    page = PageReader(html)
    ids = page.values("id")
    if page.count("main") != 1 or page.count("h1") != 1:
        yield f"{page.count('main')} main, {page.count('h1')} h1"
    if "#main" not in page.values("href"):
        yield "no skip link"
    yield from (f"id {key} twice" for key in set(ids) if ids.count(key) > 1)
    described = " ".join(page.values("aria-describedby")).split()
    yield from (f"no {key} to describe" for key in described if key not in ids)
    labelled = page.values("for")
    for tag, found in page.elements:
        yield from element_faults(tag, found, labelled)
    yield from (f"script {found[0]}" for found in SCRIPTS.finditer(html))


def element_faults(tag: str, found: Attributes, labelled: list[str]) -> Iterator[str]:
    """Yield what is wrong with one element."""
    reached = tag in NATIVE or "href" in found or found.get("tabindex") == "0"
    if "x-on:click" in found and not reached and found.get("id") not in OVERLAYS:
        yield f"{tag} that only a mouse reaches: {found}"
    classes = (found.get("class") or "").split()
    if ICON in classes and not found.keys() & {"aria-hidden", "aria-label"}:
        yield f"an icon is read: {found}"
    if tag == "th" and "scope" not in found:
        yield f"th without scope: {found}"
    named = found.get("id") in labelled or found.keys() & {"aria-label", "title"}
    if tag in FIELDS and found.get("type") not in ("hidden", "submit") and not named:
        yield f"no label: {tag} {found.get('name')} {found.get('id')}"


@pytest.mark.usefixtures("everything", "no_contexts")
def test_every_page_can_be_used_without_a_mouse(
    admin: User, alice: Account, position: Trade, pending: Trade, client: Client
) -> None:
    create_rows(alice, position, pending)
    client.force_login(admin)
    found: dict[str, str] = {}
    for url in visible_addresses():
        answer = client.get(url)
        html = answer.content.decode() if answer.status_code == 200 else ""
        if "</html>" in html:
            found.update(dict.fromkeys(faults(html), url))
    assert [f"{url}: {fault}" for fault, url in found.items()] == []


def test_what_can_only_be_clicked_becomes_a_button() -> None:
    html = make_accessible('<span class="a" x-on:click="open = !open; more()">menu</span>')
    assert 'role="button" tabindex="0"' in html
    assert 'x-bind:aria-expanded="open"' in html
    for unchanged in (
        '<a href="/" x-on:click="x">',
        '<div role="tab" x-on:click="x">',
        "<span>a</span>",
    ):
        assert make_accessible(unchanged) == unchanged

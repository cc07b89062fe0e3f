"""unfold's setting: title, colours, and the sidebar by section.

Read while the settings load, so nothing here may touch a model: links and permissions are lazy,
and what the sections declare is loaded by the first page.
"""

from collections import defaultdict
from collections.abc import Callable
from functools import cache
from typing import TypedDict

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse, reverse_lazy

from backoffice.site import brand_files
from core.sections import load_items


class PageLink(TypedDict):
    """A link of the sidebar; it is offered to whom `permission` allows the page."""

    title: str
    icon: str
    link: object  # text, reversed when it is first asked for
    permission: Callable[[HttpRequest], bool]


class LinkGroup(TypedDict):
    """A heading of the sidebar with its links."""

    title: str
    items: list[PageLink]


def may_view(model: str) -> Callable[[HttpRequest], bool]:
    """Return a check whether the user of a request may view `section.model`."""
    section, name = model.split(".")
    return lambda request: request.user.has_perm(f"{section}.view_{name}")


def page_link(title: str, icon: str, model: str, route: str = "") -> PageLink:
    """Return a link of the sidebar to the list of `section.model`, or to the page `route`."""
    link = reverse_lazy(route or f"admin:{model.replace('.', '_')}_changelist")
    return {"title": title, "icon": icon, "link": link, "permission": may_view(model)}


def link_group(title: str, *links: PageLink) -> LinkGroup:
    """Return a heading of the sidebar with its links."""
    return {"title": title, "items": list(links)}


def list_tabs(model: str, parameter: str, *choices: str) -> dict[str, object]:
    """Return tabs above the list of `section.model`: all rows, and one for each choice.

    `parameter` is that of the list's filter with these choices.
    """
    route = f"admin:{model.replace('.', '_')}_changelist"

    def tab(choice: str) -> dict[str, object]:
        query = f"?{parameter}={choice}" if choice else ""
        return {
            "title": (choice or "all").capitalize(),
            "link": lambda _request: f"{reverse(route)}{query}",
            "active": lambda request: request.GET.get(parameter, "") == choice,
            "permission": may_view(model),
        }

    return {"models": [model], "items": [tab(choice) for choice in ("", *choices)]}


TOP_LINKS = link_group(
    "Today",
    {
        "title": "Dashboard",
        "icon": "dashboard",
        "link": reverse_lazy("admin:index"),
        "permission": lambda _request: True,
    },
    page_link("Approvals", "approval", "backoffice.approval"),
)
ACCESS_LINKS = link_group(
    "Access",
    page_link("Staff roles", "shield_person", "auth.group"),
    page_link("Audit", "fact_check", "audit.entry"),
    page_link("Sign-ins", "login", "audit.signin"),
    page_link("E-mails", "mail", "backoffice.outgoingmail"),
)


@cache
def load_navigation() -> list[LinkGroup]:
    """Return the headings that the sections declare, merged by title, amid our own."""
    headings: dict[str, list[PageLink]] = defaultdict(list)
    for heading in [TOP_LINKS, *load_items("navigation"), ACCESS_LINKS]:
        # Resolved once a process: a lazy link is reversed anew at each use, and a page has many.
        headings[heading["title"]] += [
            item | {"link": str(item["link"])} for item in heading["items"]
        ]
    return [link_group(title, *pages) for title, pages in headings.items()]


@cache
def sidebar_links() -> list[str]:
    """Return the addresses of the sidebar's links, longest first."""
    links = (str(item["link"]) for heading in load_navigation() for item in heading["items"])
    return sorted(links, key=len, reverse=True)


def active_link(path: str) -> str:
    """Return the sidebar's link to the page at `path`, or to the list that it is below."""
    index = reverse("admin:index")  # every page is below it
    for link in sidebar_links():
        if path == link or (link != index and path.startswith(link)):
            return link
    return ""


@cache
def load_menu_places() -> dict[str, tuple[str, str]]:
    """Return the heading and the title of each of the sidebar's links."""
    return {
        str(item["link"]): (heading["title"], item["title"])
        for heading in load_navigation()
        for item in heading["items"]
    }


@cache
def load_list_tabs() -> list[dict[str, object]]:
    """Return the tabs that the sections declare."""
    return load_items("list_tabs")


UNFOLD: dict[str, object] = {
    "SITE_TITLE": lambda _request: settings.BRAND_NAME,
    "SITE_HEADER": lambda _request: settings.BRAND_NAME,
    "SITE_ICON": lambda _request: brand_files.icon_url() if settings.BRAND_LOGO else None,
    "SITE_SYMBOL": "candlestick_chart",
    "SITE_URL": "/",
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "href": lambda _request: brand_files.icon_url(),
        }
    ],
    "STYLES": [
        lambda _request: static("backoffice/colors.css"),
        lambda _request: reverse("brand_colors"),
        lambda _request: static("backoffice/admin.css"),
        lambda _request: static("door/door.css"),
    ],
    "SCRIPTS": [lambda _request: static("door/htmx.js")],
    "ACCOUNT": {
        "navigation": [
            {"title": "Change password", "link": reverse_lazy("admin:password_change")},
            {"title": "Second factor", "link": reverse_lazy("admin:second_factor")},
        ]
    },
    "DASHBOARD_CALLBACK": "backoffice.widgets.dashboard.dashboard_context",
    "SHOW_HISTORY": may_view("audit.entry"),  # histories are audit entries
    "SHOW_VIEW_ON_SITE": False,
    "TABS": lambda _request: load_list_tabs(),
    "SIDEBAR": {
        "show_search": True,
        "command_search": True,
        "navigation": lambda _request: load_navigation(),
    },
}

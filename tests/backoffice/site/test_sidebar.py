"""The sidebar marks the one link whose page it is."""

import re
from typing import Any

import pytest

from accounts.models import User
from tests.backoffice.fixtures import Browser


@pytest.mark.parametrize(
    ("page", "title"),
    [
        ("/admin/", "Dashboard"),
        ("/admin/trading/trade/", "Trades"),
        ("/admin/trading/trade/?kind=open", "Trades"),
        ("/admin/trading/trade/report/", "Reports"),
        ("/admin/market/lastquote/", "Last quotes"),
        ("/admin/market/lastquote/health/", "Feed health"),
    ],
)
def test_one_link_is_marked(admin: User, browser: Browser, page: str, title: str) -> None:
    answer: Any = browser(admin).get(page)
    marked = [
        item["title"]
        for heading in answer.context["sidebar_navigation"]
        for item in heading["items"]
        if item["active"]
    ]
    assert marked == [title]


@pytest.mark.parametrize(
    ("page", "path"),
    [
        ("/admin/auth/group/add/", ["Access", "Staff roles"]),
        ("/admin/accounts/user/1/change/", ["Clients", "Clients", "1 Administrator"]),
        ("/admin/audit/entry/", ["Access", "Audit"]),
    ],
)
def test_the_path_of_a_page_has_the_words_of_the_sidebar(
    admin: User, browser: Browser, page: str, path: list[str]
) -> None:
    html = browser(admin).get(page).content.decode()
    crumbs = re.findall(
        r'<(?:a|span)[^>]*class="align-middle inline-block[^>]*>\s*([^<]*?)\s*<', html
    )
    assert crumbs[-len(path) :] == path
    assert "Authentication and Authorization" not in html

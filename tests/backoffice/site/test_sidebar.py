"""The sidebar marks the one link whose page it is."""

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

"""What goes wrong in the backoffice is a page with a way back; elsewhere it stays JSON."""

from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from accounts.backoffice.pages import AccountPage
from accounts.models import Account, User
from tests.backoffice.fixtures import Browser
from tests.conftest import error_of

FROM = "http://testserver/admin/accounts/account/"


def check_page(answer: Any, status: int, title: str) -> str:
    """Check status and title of an error page without scripts of its own; return its HTML."""
    assert answer.status_code == status
    assert answer["Content-Type"].startswith("text/html")
    page: str = answer.content.decode()
    assert title in page
    assert 'href="/admin/"' in page
    assert "no-store" in answer["Cache-Control"]
    return page


@pytest.mark.parametrize(
    ("path", "status", "title"),
    [
        ("/admin/nope/", 404, "Not found"),
        ("/admin/accounts/account/9/do/deposit/", 404, "Not found"),
        ("/admin/accounts/group/", 403, "Not allowed"),
        ("/admin/audit/entry/export/csv/", 403, "Not allowed"),
    ],
)
def test_a_refused_page_keeps_the_menu_and_leads_back(
    browser: Browser, dan: User, path: str, status: int, title: str
) -> None:
    page = check_page(browser(dan).get(path, headers={"referer": FROM}), status, title)
    assert "/admin/trading/trade/" in page  # of the sidebar
    assert f'href="{FROM}"' in page


@pytest.mark.parametrize(
    "referer", ["", "https://elsewhere.example/", "http://testserver/admin/nope/", "javascript:1"]
)
def test_only_another_page_of_this_site_is_a_way_back(
    browser: Browser, dan: User, referer: str
) -> None:
    page = check_page(
        browser(dan).get("/admin/nope/", headers={"referer": referer}), 404, "Not found"
    )
    assert ">Back<" not in page.replace(" ", "").replace("\n", "")


@pytest.mark.parametrize(
    ("error", "status", "title"),
    [
        (ValueError("a bug"), 500, "Something went wrong"),
        (OperationalError("gone"), 503, "A server does not answer"),
    ],
)
def test_an_unexpected_error_has_a_page_that_needs_no_database(
    browser: Browser,
    dan: User,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    status: int,
    title: str,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    client = browser(dan)
    client.raise_request_exception = False
    monkeypatch.setattr(AccountPage, "changelist_view", fail)
    monkeypatch.setattr("django.contrib.admin.site.each_context", fail)
    page = check_page(client.get("/admin/accounts/account/"), status, title)
    assert str(error) not in page


def test_a_form_without_its_token_is_answered_by_a_page(dan: User, alice: Account) -> None:
    client = Client(enforce_csrf_checks=True)
    page = check_page(client.post("/admin/login/", {}), 403, "The form has expired")
    assert "sidebar" not in page
    client.force_login(dan)
    page = check_page(client.post("/admin/password_change/", {}), 403, "The form has expired")
    assert "/admin/trading/trade/" in page


def test_scripts_and_other_paths_get_json(browser: Browser, dan: User) -> None:
    client = browser(dan)
    polled = client.get("/admin/audit/entry/1/live/", headers={"x-background": "1"})
    assert error_of(polled)[0] in (403, 404)
    only_json = client.get("/admin/nope/", headers={"accept": "application/json"})
    assert error_of(only_json) == (404, "NOT_FOUND")
    assert error_of(client.get("/nope")) == (404, "NOT_FOUND")

"""The content security policy, and that all pages obey it."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib import admin as django_admin
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.backoffice.pages.test_pages import address

MODELS = sorted(django_admin.site._registry, key=lambda model: model._meta.label)
DATA = ("application/json", "application/ld+json")  # of scripts that nobody runs


class PolicyViolations(HTMLParser):
    """Everything in a page that the policy forbids."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: (value or "").strip().lower() for name, value in attrs}
        if tag == "script" and "src" not in values and values.get("type") not in DATA:
            self.found.append("inline script")
        if tag == "style":
            self.found.append("inline style")
        if tag == "base":
            self.found.append("base")
        for name, value in values.items():
            if name.startswith("on") or name == "style":
                self.found.append(f"{tag} {name}={value}")
            if name in ("href", "src", "action", "formaction") and (
                value.startswith(("javascript:", "data:text", "http:", "https:", "//"))
            ):
                self.found.append(f"{tag} {name}={value}")


def check_page(answer: Any, *, admin: bool = True) -> None:
    assert answer["Content-Type"].startswith("text/html")
    policy = dict(
        part.strip().split(" ", 1) for part in answer["Content-Security-Policy"].split(";")
    )
    assert policy.pop("script-src") == ("'self' 'unsafe-eval'" if admin else "'self'")
    assert policy == {
        "default-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "object-src": "'none'",
        "base-uri": "'self'",
        "frame-ancestors": "'none'",
        "form-action": "'self'",
    }
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]
    assert PolicyViolations(answer.content.decode()).found == []


@pytest.fixture
def client(admin: User) -> Client:
    client = Client()
    client.force_login(admin)
    return client


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
@pytest.mark.usefixtures("everything", "no_menu")  # the menu is looked at in the fixed pages
def test_lists_and_forms_obey_the_policy(model: Any, client: Client) -> None:
    row = model._default_manager.first()
    pages = [address(model, "changelist"), f"{address(model, 'changelist')}?q=1"]
    for url in (*pages, *([address(model, "change", row.pk)] if row else [])):
        answer = client.get(url)
        check_page(answer)
        assert "no-store" in answer["Cache-Control"]


@pytest.mark.usefixtures("everything", "no_menu")
def test_forms_to_add_and_of_actions_obey_the_policy(client: Client) -> None:
    from backoffice.actions import registry

    seen = 0
    for model in MODELS:
        added = client.get(address(model, "add"))
        if added.status_code == 200:
            check_page(added)
        row: Any = model._default_manager.first()
        for known in registry.all_actions().values():
            if known.model == model._meta.label_lower and (row or known.on_list):
                answer = client.get(known.form_url(None if known.on_list else row))
                if answer.status_code == 200:
                    check_page(answer)
                    seen += 1
    assert seen > 3


@pytest.mark.parametrize(
    "name", ["index", "password_change", "second_factor", "logout", "accounts_user_changelist"]
)
def test_fixed_pages_of_the_admin_obey_the_policy(client: Client, name: str) -> None:
    url = reverse(f"admin:{name}")
    check_page(client.post(url) if name == "logout" else client.get(url))


def test_the_sign_in_page_obeys_the_policy_before_and_after_a_refusal(db: None) -> None:
    check_page(Client().get("/admin/login/"))
    check_page(Client().post("/admin/login/", {"username": "<b>", "password": "x"}))


@pytest.mark.parametrize("path", ["/", "/docs", "/docs/"])
def test_public_pages_obey_the_policy(db: None, path: str) -> None:
    check_page(Client().get(path), admin=False)


def test_the_api_docs_start_from_a_script_file(db: None) -> None:
    page = Client().get("/docs").content.decode()
    scripts = re.findall(r'<script src="([^"]+)"></script>', page)
    assert len(scripts) == 3
    begin = Client().get(scripts[-1].replace("&amp;", "&"))
    assert begin["Content-Type"].startswith("application/javascript")
    assert b"SwaggerUIBundle({" in begin.content
    for script in scripts[:2]:
        assert Client().get(script).status_code == 200


def test_answers_that_are_no_html_have_no_policy(db: None) -> None:
    assert "Content-Security-Policy" not in Client().get("/schema")


def test_backoffice_answers_that_are_no_html_are_not_cached(client: Client) -> None:
    answer = client.get("/admin/jsi18n/")
    assert "no-store" in answer["Cache-Control"]


def test_the_static_files_that_every_page_links_exist(client: Client) -> None:
    page = client.get("/admin/").content.decode()
    files = set(re.findall(r'(?:src|href)="(/static/[^"]+\.(?:js|css))"', page))
    assert {
        "/static/backoffice/colors.css",
        "/static/door/htmx.js",
        "/static/door/door.css",
    } <= files
    for file in files:
        assert Client().get(file).status_code == 200, file


def test_the_style_sheet_defines_every_colour_that_unfold_uses() -> None:
    from unfold.settings import get_config

    from staff_auth import content_security_policy
    from tests.budgets.product import PLATFORM

    sheet = (PLATFORM / "backoffice/static/backoffice/colors.css").read_text()
    for name, weights in get_config()["COLORS"].items():
        for weight in weights:
            assert f"--color-{name}-{weight}:" in sheet
    assert content_security_policy.POLICY["style-src"] == "'self'"

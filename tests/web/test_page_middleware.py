"""API requests pass the middleware of pages by; every route is either one or the other."""

import gzip
from collections.abc import Iterator
from typing import Any

from django.test import Client
from django.urls import URLPattern, get_resolver

from accounts.models import Account, User
from staff_auth.page_middleware import PAGES
from tests.conftest import Signed
from trading.models import Trade


def patterns(resolver: Any, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Yield every route with its whole pattern."""
    for one in resolver.url_patterns:
        path = before + str(one.pattern).lstrip("^")
        if isinstance(one, URLPattern):
            yield path, one
        else:
            yield from patterns(one, path)


def test_every_route_without_a_session_is_of_the_api() -> None:
    routes = [
        (path, route)
        for path, route in patterns(get_resolver())
        if path.partition("/")[0] not in PAGES and path.rstrip("$?/") not in PAGES
    ]
    assert len(routes) > 20
    assert [path for path, route in routes if not hasattr(route.callback, "cls")] == []


def test_an_api_request_has_no_session_and_sets_no_cookie(
    alice: Account, signed_in: Signed
) -> None:
    answer = signed_in(alice).get("/account/me")
    request: Any = answer.wsgi_request
    assert not hasattr(request, "session")
    assert not answer.cookies


def test_a_page_has_its_session(client: Client, db: None) -> None:
    answer: Any = client.get("/admin/login/")
    assert answer.wsgi_request.session is not None
    assert answer.wsgi_request.user.is_anonymous


def test_the_fixed_headers_are_on_api_answers_as_well(alice: Account, signed_in: Signed) -> None:
    headers = signed_in(alice).get("/account/me").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Content-Length"]
    assert headers["Vary"]


def test_pages_are_compressed_and_api_answers_are_not(
    admin: User, position: Trade, client: Client, signed_in: Signed
) -> None:
    client.force_login(admin)
    accepts = {"accept-encoding": "gzip, br"}
    pages = [client.get("/admin/trading/trade/", headers=accepts) for _ in range(3)]
    assert {page["Content-Encoding"] for page in pages} == {"gzip"}
    assert "Accept-Encoding" in pages[0]["Vary"]
    assert b"EURUSD" in gzip.decompress(pages[0].content)
    assert max(len(page.content) for page in pages) < 60_000
    plain = client.get("/admin/trading/trade/")
    assert "Content-Encoding" not in plain
    export = client.get("/admin/trading/trade/export/csv/", headers=accepts)
    assert "Content-Encoding" not in export
    answer = signed_in(position.account).get("/account/me", headers=accepts)
    assert "Content-Encoding" not in answer

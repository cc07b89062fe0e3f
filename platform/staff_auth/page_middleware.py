"""Django's middleware of sessions, for pages only.

An API request is signed in by its token and has no Django session: the session, its user and
its messages would only be made to be thrown away. The check of CSRF tokens is left to every
request, so that no new page can do without.
"""

from typing import Any

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

# First parts of paths with Django's session.
PAGES = frozenset({"", "admin", "brand", "docs", "favicon.ico", "schema"})


def is_page(request: HttpRequest) -> bool:
    """Return whether the request is for a page and may have a Django session."""
    return request.path_info[1:].partition("/")[0] in PAGES


class PageMiddleware:
    """Makes the middleware that it is mixed into pass other requests on."""

    get_response: Any

    def __call__(self, request: HttpRequest) -> Any:
        if is_page(request):
            return super().__call__(request)  # type: ignore[misc]  # of the middleware
        return self.get_response(request)


class PageCompressionMiddleware(PageMiddleware, GZipMiddleware):
    """Compresses whole pages, with or without a proxy in front: a list is ten times smaller.

    What a page repeats of its request could be guessed by its length together with a secret
    (BREACH). Here no other site can ask for a signed-in page, as cookies are SameSite=Strict;
    CSRF tokens are masked anew on each page; and Django adds up to 100 random bytes.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Return the response, compressed where it is HTML and whole."""
        if response.streaming or not response.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)


class PageSessionMiddleware(PageMiddleware, SessionMiddleware):
    """The session of a page."""


class PageUserMiddleware(PageMiddleware, AuthenticationMiddleware):
    """The user of a page."""


class PageMessageMiddleware(PageMiddleware, MessageMiddleware):
    """The messages of a page."""

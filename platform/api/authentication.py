"""Session authentication: the header's or cookie's token, checked with one indexed read."""

from typing import Protocol
from urllib.parse import urlsplit

from django.http import HttpRequest
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from core.errors import Denied
from core.session_tokens import SessionToken, user_of
from core.users import User

COOKIE = "token"
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class SessionUser(Protocol):
    """What the views need of the signed-in user."""

    login: int
    type: int


class SessionTokenAuthentication(BaseAuthentication):
    """`Authorization: <JWT>`, `Authorization: Bearer <JWT>` or the cookie of `/sign/in`."""

    def authenticate(self, request: Request) -> tuple[User, SessionToken] | None:
        raw = self.raw_token(request)
        if raw is None:
            return None
        token = SessionToken.read(raw)
        return user_of(token), token

    def raw_token(self, request: Request) -> str | None:
        """Return the token as it was sent; the header goes before the cookie.

        Raises:
            Denied: a write with the cookie does not come from this site.
        """
        header: str = request.META.get("HTTP_AUTHORIZATION", "").strip()
        if header:
            return header[7:].strip() if header[:7].lower() == "bearer " else header
        cookie: str | None = request.COOKIES.get(COOKIE)
        if cookie and request.method not in SAFE_METHODS and not is_same_origin(request):
            raise Denied("a request that signs in by cookie must come from this site")
        return cookie or None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def is_same_origin(request: Request | HttpRequest) -> bool:
    """Return whether Origin, or Referer without one, names the requested scheme and host."""
    source = request.META.get("HTTP_ORIGIN") or request.META.get("HTTP_REFERER", "")
    try:
        parts = urlsplit(source)
    except ValueError:
        return False
    return (parts.scheme, parts.netloc) == (request.scheme, request.get_host())


def is_cross_origin(request: Request | HttpRequest) -> bool:
    """Return whether a page of another site asks: only browsers send an Origin."""
    return "HTTP_ORIGIN" in request.META and not is_same_origin(request)


class SessionTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The session token's security scheme in the OpenAPI schema."""

    target_class = SessionTokenAuthentication
    name = "session"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}

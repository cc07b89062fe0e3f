"""The session token: an HS256 JWT with login, session type and the session version."""

from typing import Any

from django.conf import settings
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import Token

from core.errors import Unauthenticated

VERSION_CLAIM = "version"


class SessionToken(Token):
    """What `/sign/in` hands out. Older than the user's session version, it is void."""

    token_type = "session"  # noqa: S105 - a claim's value, no password
    lifetime = settings.TOKEN_LIFETIME

    @classmethod
    def issue(cls, login: int, session_type: int, version: int) -> "SessionToken":
        """A new token; `jti`, `iat` and `exp` are set by simplejwt."""
        token = cls()
        token["login"], token["type"], token[VERSION_CLAIM] = login, session_type, version
        return token

    @classmethod
    def read(cls, raw: str) -> "SessionToken":
        """The verified token.

        Raises:
            Unauthenticated: malformed, tampered, expired, or signed otherwise.
        """
        try:
            token: Any = cls(raw)  # type: ignore[arg-type]  # the stub knows no str
            whole = all(type(token.get(claim)) is int for claim in ("login", "type", VERSION_CLAIM))
        except (TokenError, ValueError, TypeError):
            whole = False
        if not whole:
            raise Unauthenticated("the token is not valid")
        return token  # type: ignore[no-any-return]

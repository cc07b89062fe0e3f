"""The session token: an HS256 JWT with login, session type and the session version."""

import re
from collections.abc import Mapping

from django.conf import settings
from django.contrib.auth import get_user_model
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import Token

from core.clock import now
from core.errors import Unauthenticated
from core.users import User

VERSION_CLAIM = "version"
MOST_VERIFIED = 10_000  # tokens that a process remembers
JTI = re.compile(r"[0-9a-f]{32}")  # as simplejwt makes them
# The highest value of each whole number among the claims; none is negative.
HIGHEST_CLAIMS = {
    "login": 2**63 - 1,
    "type": 2**31 - 1,
    VERSION_CLAIM: 2**31 - 1,
    "iat": 253_402_300_799,  # the last second that a datetime has
    "exp": 253_402_300_799,
}


class SessionToken(Token):
    """The token that `/sign/in` issues; void once the user's session version is higher."""

    token_type = "session"  # noqa: S105 - a claim's value, no password
    lifetime = settings.TOKEN_LIFETIME

    @classmethod
    def issue(cls, login: int, session_type: int, version: int) -> "SessionToken":
        """Return a new token; `jti`, `iat` and `exp` are set by simplejwt."""
        token = cls()
        token["login"], token["type"], token[VERSION_CLAIM] = login, session_type, version
        return token

    @classmethod
    def read(cls, raw: str) -> "SessionToken":
        """Return the verified token, which is the same object each time: never change it.

        Whether the session has ended only the database knows, see `user_of`.

        Raises:
            Unauthenticated: malformed, tampered, expired, signed otherwise, or with claims
                that none of ours has.
        """
        token = _verified.get(raw)
        if token is None:
            token = cls._verify(raw)
            _remember(raw, token)
        elif token.payload["exp"] <= now():
            raise Unauthenticated("the token is not valid")
        return token

    @classmethod
    def _verify(cls, raw: str) -> "SessionToken":
        try:
            token: SessionToken | None = cls(raw)  # type: ignore[arg-type]  # the stub knows no str
        except (TokenError, ValueError, TypeError, OverflowError, OSError, RecursionError):
            token = None  # a time may be out of the platform's range, and JSON nested without end
        if token is None or not _has_our_claims(token.payload):
            raise Unauthenticated("the token is not valid")
        return token


# Verified tokens by their text: to verify one costs as much as to answer a small request.
_verified: dict[str, SessionToken] = {}


def _remember(raw: str, token: SessionToken) -> None:
    if len(_verified) >= MOST_VERIFIED:
        _verified.clear()
    _verified[raw] = token


def user_of(token: SessionToken) -> User:
    """Return the enabled user of a verified token.

    Raises:
        Unauthenticated: the token was revoked or is older than the session version.
        RET_ACCOUNT_DISABLED: the account was disabled after the session began.
    """
    users = get_user_model()._default_manager
    user = users.for_session(token["login"], token[VERSION_CLAIM], token["jti"])
    if user is None:
        raise Unauthenticated("the session has ended")
    return user


def _has_our_claims(claims: Mapping[str, object]) -> bool:
    """Return whether each claim has the type and bounds of those that `issue` writes.

    A right signature does not make a claim safe: an old release or a leaked key signs as
    well, and what a claim says goes into queries, clocks and timers.
    """
    for name, most in HIGHEST_CLAIMS.items():
        value = claims.get(name)
        if type(value) is not int or not 0 <= value <= most:
            return False
    jti = claims.get("jti")
    return isinstance(jti, str) and JTI.fullmatch(jti) is not None

"""Authentication of quote pushes: a dealer's or administrator's session, or FEED_TOKEN."""

from dataclasses import dataclass
from secrets import compare_digest
from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.request import Request

from accounts.enums import SessionType
from accounts.models import User
from api.authentication import SessionTokenAuthentication
from api.permissions import HasSession
from core.errors import Denied

PUSHING_SESSION_TYPES = (SessionType.DEALER, SessionType.ADMIN)


@dataclass(frozen=True, slots=True)
class BridgeUser:
    """The user behind FEED_TOKEN: it has no login and no permission but to push quotes."""

    login: int = 0
    type: int = SessionType.DEALER
    is_staff: bool = True

    def has_perm(self, permission: str) -> bool:
        """Return False: the bridge has none of Django's permissions."""
        return False


class FeedTokenAuthentication(SessionTokenAuthentication):
    """Authenticate by session token or FEED_TOKEN; an empty FEED_TOKEN never matches."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        """Return the bridge's user for FEED_TOKEN, else the session's user and token."""
        sent_token, feed_token = self.raw_token(request) or "", settings.FEED_TOKEN
        if feed_token and compare_digest(sent_token.encode(), feed_token.encode()):
            return BridgeUser(), None
        return super().authenticate(request)


class MayPushQuotes(HasSession):
    """Permission of dealers, administrators and the bridge to push quotes."""

    def has_permission(self, request: Request, view: object) -> bool:
        """Return True if the user may push quotes.

        Raises:
            Denied: the session is neither a dealer's nor an administrator's.
        """
        super().has_permission(request, view)
        user: User | BridgeUser = request.user  # type: ignore[assignment]  # set by the above
        if user.type not in PUSHING_SESSION_TYPES:
            raise Denied("only a dealer or an administrator pushes quotes")
        return True


class FeedTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The OpenAPI description of FeedTokenAuthentication."""

    target_class = FeedTokenAuthentication
    name = "session_or_feed_token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """Return the bearer scheme of the schema."""
        return {"type": "http", "scheme": "bearer"}

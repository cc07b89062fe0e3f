"""Who may push quotes: a dealer's or administrator's session, or the bridge with FEED_TOKEN."""

from dataclasses import dataclass
from secrets import compare_digest
from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.request import Request

from accounts.enums import SessionType
from api.authentication import SessionTokenAuthentication
from api.permissions import HasSession
from core.errors import Denied

FEEDERS = (SessionType.DEALER, SessionType.ADMIN)


@dataclass(frozen=True, slots=True)
class Bridge:
    """The user behind FEED_TOKEN: nobody's login, and no right but to push."""

    login: int = 0
    type: int = SessionType.DEALER
    is_staff: bool = True

    def has_perm(self, permission: str) -> bool:
        return False


class FeedTokenAuthentication(SessionTokenAuthentication):
    """As everywhere, or FEED_TOKEN in the place of the token; an empty one never matches."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        sent, token = self.raw_token(request) or "", settings.FEED_TOKEN
        if token and compare_digest(sent.encode(), token.encode()):
            return Bridge(), None
        return super().authenticate(request)


class MayPush(HasSession):
    """Dealers, administrators and the bridge."""

    def has_permission(self, request: Request, view: Any) -> bool:
        super().has_permission(request, view)
        user: Any = request.user
        if user.type not in FEEDERS:
            raise Denied("only a dealer or an administrator pushes quotes")
        return True


class FeedTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema names it."""

    target_class = FeedTokenAuthentication
    name = "session_or_feed_token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}

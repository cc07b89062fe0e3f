"""Who sees charts: every session, and with CANDLES_PUBLIC everybody."""

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.request import Request

from accounts.errors import UserNotFoundOrIncorrect
from accounts.models import Group
from api.authentication import SessionTokenAuthentication
from api.permissions import HasSession
from api.viewsets import ApiViewSet
from core.errors import Unauthenticated
from core.session_tokens import SessionToken
from core.users import User


class ChartAuthentication(SessionTokenAuthentication):
    """The session's token; where charts are public, one that has ended is none."""

    def authenticate(self, request: Request) -> tuple[User, SessionToken] | None:
        try:
            return super().authenticate(request)
        except Unauthenticated:
            if settings.CANDLES_PUBLIC:
                return None
            raise


class MaySeeCharts(HasSession):
    """Requires a session unless charts are public."""

    def has_permission(self, request: Request, view: object) -> bool:
        return bool(settings.CANDLES_PUBLIC) or super().has_permission(request, view)


class ChartAuthenticationScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The OpenAPI description of ChartAuthentication."""

    target_class = ChartAuthentication
    name = "session_unless_public"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """Return the bearer scheme of the schema."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class SymbolViewSet(ApiViewSet):
    """The symbols that the target account's group sees."""

    tag = "Market"
    staff_permission = "market.view_symbol"
    unknown_account = UserNotFoundOrIncorrect

    def target_group(self) -> Group | None:
        """Return the target account's group; call `validated()` first.

        None, which sees every symbol, is for staff who name no account, and where no session
        is needed for those who have none.
        """
        group: Group | None = self.target_account().group if self._target_login else None
        return group


class ChartViewSet(SymbolViewSet):
    """Routes of charts."""

    authentication_classes = (ChartAuthentication,)
    permission_classes = (MaySeeCharts,)

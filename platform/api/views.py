"""Routes about a session's own requests."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from api import idempotency
from api.operation import obj, operation, table
from api.quotas import quotas
from api.table import Table
from api.throttling import left
from api.viewsets import ApiViewSet
from core.errors import Denied, NotFound

OUTCOME = obj(
    key="string",
    status={"type": "string", "enum": ["done", "running"]},
    http_status={"type": ["integer", "null"]},
    answer={"type": ["object", "null"]},
    time={"type": ["integer", "null"]},
)
LIMITS = ("rule", "scope", "limit", "period", "remaining", "reset")


class RequestViewSet(ApiViewSet):
    """Writes that were sent with an Idempotency-Key."""

    staff_right = "api.view_idempotencykey"

    @operation("The outcome of a write", gives=OUTCOME, errors=(Denied, NotFound))
    def outcome(self, request: Request, key: str) -> Response:
        """Its status and answer once it is done; 404 when nothing is known of it.

        A staff session asks for a client's by naming the login, else for its own.
        """
        self.input()
        user: Any = request.user
        return Response(idempotency.outcome(self._login or user.login, key))


class LimitViewSet(ApiViewSet):
    """The rate limits."""

    @operation("The rate limits", gives=table(LIMITS), errors=(Denied,))
    def list(self, request: Request) -> Response:
        """The rules with what they leave to this session and address; `period` in seconds.

        Behind them, with a `period` of 0, how much a client's login may keep and what is left.
        """
        self.input()
        user: Any = request.user
        rows = left(request, user.login)
        kept = [] if user.is_staff else quotas(user.login)
        totals = [(each.name, "login", each.most, 0, each.left, 0) for each in kept]
        return Response(Table(LIMITS, [*rows, *totals]))

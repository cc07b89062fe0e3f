"""Routes about a session's own requests."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from api.idempotency import keys
from api.quotas import quotas_of
from api.schema.meanings import FieldMeanings, integer, text, unix_time
from api.schema.operation import object_schema, operation, table_schema
from api.table import ApiTable
from api.throttling.limiter import remaining_requests
from api.viewsets import ApiViewSet
from core.clock import now_ms
from core.errors import Denied, NotFound

OUTCOME_SCHEMA = object_schema(
    key="string",
    status={"type": "string", "enum": ["done", "running"]},
    http_status={"type": ["integer", "null"]},
    answer={"type": ["object", "null"]},
    time={"type": ["integer", "null"]},
)
TIME_SCHEMA = object_schema(time="integer", time_ms="integer")
OUTCOME_MEANINGS: FieldMeanings = {
    "key": text("the Idempotency-Key of the write"),
    "status": text("done, or running"),
    "http_status": integer("status of the answer, null before it"),
    "answer": {"description": "the answer's body, null before it"},
}
LIMIT_MEANINGS: FieldMeanings = {
    "rule": text("the rule's name"),
    "scope": text("what it counts by: address, login, …"),
    "period": integer("seconds in which `limit` requests are allowed; 0: it is a total"),
    "remaining": integer("what is left"),
    "reset": unix_time("it is all free again"),
}
LIMIT_COLUMNS = ("rule", "scope", "limit", "period", "remaining", "reset")


class RequestViewSet(ApiViewSet):
    """Writes that were sent with an Idempotency-Key."""

    tag = "Account"
    field_meanings = OUTCOME_MEANINGS
    staff_permission = "api.view_idempotencykey"

    @operation("The outcome of a write", response=OUTCOME_SCHEMA, errors=(Denied, NotFound))
    def outcome(self, request: Request, key: str) -> Response:
        """Its status and answer once it is done; 404 when nothing is known of it.

        A staff session asks for a client's by naming the login, else for its own.
        """
        self.validated()
        user: Any = request.user
        return Response(keys.outcome_of(self._target_login or user.login, key))


class TimeViewSet(ApiViewSet):
    """The server's time."""

    tag = "Market"
    authentication_classes = ()
    permission_classes = ()

    @operation("The server's time", response=TIME_SCHEMA)
    def now(self, request: Request) -> Response:
        """In unix seconds and milliseconds, without a session."""
        self.validated()
        time_ms = now_ms()
        return Response({"time": time_ms // 1000, "time_ms": time_ms})


class LimitViewSet(ApiViewSet):
    """The rate limits."""

    tag = "Account"
    field_meanings = LIMIT_MEANINGS

    @operation("The rate limits", response=table_schema(LIMIT_COLUMNS), errors=(Denied,))
    def list(self, request: Request) -> Response:
        """The rules with what they leave to this session and address; `period` in seconds.

        Behind them, with a `period` of 0, how much a client's login may keep and what is left.
        """
        self.validated()
        user: Any = request.user
        rows = remaining_requests(request, user.login)
        stored = [] if user.is_staff else quotas_of(user.login)
        totals = [(each.name, "login", each.most, 0, each.left, 0) for each in stored]
        return Response(ApiTable(LIMIT_COLUMNS, [*rows, *totals]))

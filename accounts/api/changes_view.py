"""The account's event log over REST, for clients without the stream or after a gap."""

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.serializers import EventsSince
from api.schema.operation import operation, table_schema
from api.table import ApiTable
from api.viewsets import ApiViewSet
from core.errors import Denied, InvalidLogin, InvalidUser
from realtime.events import event_log

CHANGES = ("seq", "time", "event")
MAX_EVENTS = 1000  # of one response
RESPONSE_SCHEMA = table_schema(CHANGES, last_seq="integer", more="integer")
RESPONSE_SCHEMA["properties"]["resync"] = {"type": "integer", "const": 1}


class ChangesViewSet(ApiViewSet):
    """The account's event log."""

    tag = "Account"
    staff_permission = "realtime.view_accountevent"

    @operation(
        "The account's events",
        request=EventsSince,
        response=RESPONSE_SCHEMA,
        errors=(InvalidLogin, InvalidUser, Denied),
    )
    def list(self, request: Request) -> Response:
        """The events after `since`, in order; `more` says that others follow `last_seq`.

        `resync` (else absent) says that events right after `since` are kept no more.
        """
        since = self.validated()["since"]
        account = self.target_account()
        found = event_log.events_since(account.login, since, MAX_EVENTS + 1)
        rows = [(event.seq, event.time, event.event) for event in found[:MAX_EVENTS]]
        last = rows[-1][0] if rows else account.seq
        extra = {"last_seq": last, "more": int(len(found) > MAX_EVENTS)}
        gap = bool(rows) and rows[0][0] > since + 1
        return Response(ApiTable(CHANGES, rows, {**extra, "resync": 1} if gap else extra))

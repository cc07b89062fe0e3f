"""The account's event log over REST, for clients without the stream or after a gap."""

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.serializers import Since
from api.operation import operation, table
from api.table import Table
from api.viewsets import ApiViewSet
from core.errors import Denied, InvalidLogin, InvalidUser
from realtime import log

CHANGES = ("seq", "time", "event")
MOST = 1000  # of one response
ANSWER = table(CHANGES, last_seq="integer", more="integer")
ANSWER["properties"]["resync"] = {"type": "integer", "const": 1}


class ChangesViewSet(ApiViewSet):
    """The account's event log."""

    staff_right = "realtime.view_accountevent"

    @operation(
        "The account's events",
        takes=Since,
        gives=ANSWER,
        errors=(InvalidLogin, InvalidUser, Denied),
    )
    def list(self, request: Request) -> Response:
        """The events after `since`, in order; `more` says that others follow `last_seq`.

        `resync` (else absent) says that events right after `since` are kept no more.
        """
        since = self.input()["since"]
        account = self.account()
        found = log.since(account.login, since, MOST + 1)
        rows = [(event.seq, event.time, event.event) for event in found[:MOST]]
        last = rows[-1][0] if rows else account.seq
        beside = {"last_seq": last, "more": int(len(found) > MOST)}
        gap = bool(rows) and rows[0][0] > since + 1
        return Response(Table(CHANGES, rows, {**beside, "resync": 1} if gap else beside))

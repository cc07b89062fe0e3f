"""The account's event log over REST, for clients without the stream or after a gap."""

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.serializers import Since
from api.operation import operation, table
from api.table import Table
from api.viewsets import ApiViewSet, InvalidLogin, InvalidUser
from core.errors import Denied
from realtime import log

CHANGES = ("seq", "time", "event")
MOST = 1000  # rows of one answer


class ChangesViewSet(ApiViewSet):
    """What happened to the account."""

    staff_right = "realtime.view_accountevent"

    @operation(
        "The account's events",
        takes=Since,
        gives=table(CHANGES, last_seq="integer", more="integer"),
        errors=(InvalidLogin, InvalidUser, Denied),
    )
    def list(self, request: Request) -> Response:
        """The events after `since`, in order; `more` says that others follow `last_seq`."""
        since = self.input()["since"]
        account = self.account()
        found = log.since(account.login, since, MOST + 1)
        rows = [(event.seq, event.time, event.event) for event in found[:MOST]]
        last = rows[-1][0] if rows else account.seq
        return Response(Table(CHANGES, rows, {"last_seq": last, "more": int(len(found) > MOST)}))

"""Settings routes."""

from typing import Any, cast

from orjson import Fragment
from rest_framework.request import Request
from rest_framework.response import Response

from api.long_table import TooLarge, long_table
from api.operation import OK_SCHEMA, link, operation, table
from api.table import ok
from api.viewsets import ApiViewSet
from core.errors import Denied, InvalidLogin, TooFrequent
from settings_app import reserved, services
from settings_app.errors import TooManySettings
from settings_app.models import Setting
from settings_app.querysets import STRUCTURE
from settings_app.serializers import DeleteSettings, ListSettings, SaveSettings

PREFIX, NAME = "$request.body#/prefix", "$request.body#/name"
WRITTEN_NEXT = {
    "list": link("get_settings", prefix=PREFIX),
    "delete": link("delete_settings", prefix=PREFIX, name=NAME),
}


class SettingViewSet(ApiViewSet):
    """The session's settings; a staff session reads those of the `login` that it names."""

    staff_right = "settings_app.view_setting"

    @operation(
        "List settings",
        takes=ListSettings,
        gives=table(STRUCTURE),
        errors=(InvalidLogin, Denied, TooLarge),
    )
    def list(self, request: Request) -> Response:
        """All settings of the login, or those of one prefix."""
        prefix = self.input().get("prefix")
        login, user = self.account_login(), cast(Any, request.user)
        own = reserved.records(login, prefix, own=not user.is_staff)
        rows = Setting.objects.of(login, prefix).records()
        return Response(long_table(STRUCTURE, rows, convert=as_stored, more=own, at_once=1))

    @operation(
        "Write settings",
        takes=SaveSettings,
        gives=OK_SCHEMA,
        errors=(Denied, TooManySettings, TooFrequent),
        links=WRITTEN_NEXT,
    )
    def save(self, request: Request) -> Response:
        """One by `name` and `value`, or many by `values`: all or none.

        Prefix `alerts` has an effect: `email` and `webhook` say where fired alerts are sent
        besides the stream, once that address is verified. A value is the address, null for none,
        `{"code": "…"}` from the e-mail, or `{"rotate": true}` for a new secret of the webhook,
        which the list shows for an hour.
        """
        data = self.input()
        services.save(login=self.client().login, **data)
        return Response(ok())

    @operation("Delete settings", takes=DeleteSettings, gives=OK_SCHEMA, errors=(Denied,))
    def remove(self, request: Request) -> Response:
        """One setting, or without `name` the whole prefix."""
        data = self.input()
        services.delete(login=self.client().login, **data)
        return Response(ok())


def as_stored(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the row with its value as the JSON that it is, not as a text."""
    prefix, name, value, time = row
    return prefix, name, Fragment(value), time

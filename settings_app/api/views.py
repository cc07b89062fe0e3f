"""Settings routes."""

from typing import Any

from orjson import Fragment
from rest_framework.request import Request
from rest_framework.response import Response

from api.long_table import TableTooLarge, write_long_table
from api.schema.operation import OK_SCHEMA, operation, operation_link, table_schema
from api.table import ok_body
from api.viewsets import ApiViewSet
from core.errors import Denied, InvalidLogin, TooFrequent
from core.users import signed_in_user
from settings_app import reserved_prefixes, services
from settings_app.api.serializers import DeleteSettings, ListSettings, SaveSettings
from settings_app.errors import TooManySettings
from settings_app.models import Setting
from settings_app.querysets import STRUCTURE

PREFIX, NAME = "$request.body#/prefix", "$request.body#/name"
WRITTEN_LINKS = {
    "list": operation_link("get_settings", prefix=PREFIX),
    "delete": operation_link("delete_settings", prefix=PREFIX, name=NAME),
}


class SettingViewSet(ApiViewSet):
    """The session's settings; a staff session reads those of the `login` that it names."""

    tag = "Settings"
    staff_permission = "settings_app.view_setting"

    @operation(
        "List settings",
        request=ListSettings,
        response=table_schema(STRUCTURE),
        errors=(InvalidLogin, Denied, TableTooLarge),
    )
    def list(self, request: Request) -> Response:
        """All settings of the login, or those of one prefix."""
        prefix = self.validated().get("prefix")
        login, user = self.target_login(), signed_in_user(request)
        own = reserved_prefixes.read_reserved_records(login, prefix, own=not user.is_staff)
        rows = Setting.objects.of_login(login, prefix).records()
        return Response(
            write_long_table(STRUCTURE, rows, convert=embed_json_value, more=own, at_once=1)
        )

    @operation(
        "Write settings",
        request=SaveSettings,
        response=OK_SCHEMA,
        errors=(Denied, TooManySettings, TooFrequent),
        links=WRITTEN_LINKS,
    )
    def save(self, request: Request) -> Response:
        """One by `name` and `value`, or many by `values`: all or none.

        Prefix `alerts` has an effect: `email` and `webhook` say where fired alerts are sent
        besides the stream, once that address is verified. A value is the address, null for none,
        `{"code": "…"}` from the e-mail, or `{"rotate": true}` for a new secret of the webhook,
        which the list shows for an hour.
        """
        data = self.validated()
        services.save_settings(login=self.require_own_account().login, **data)
        return Response(ok_body())

    @operation("Delete settings", request=DeleteSettings, response=OK_SCHEMA, errors=(Denied,))
    def remove(self, request: Request) -> Response:
        """One setting, or without `name` the whole prefix."""
        data = self.validated()
        services.delete_settings(login=self.require_own_account().login, **data)
        return Response(ok_body())


def embed_json_value(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the row with its value as the JSON that it is, not as a text."""
    prefix, name, value, time = row
    return prefix, name, Fragment(value), time

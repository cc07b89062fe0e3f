"""Settings routes."""

from rest_framework.request import Request
from rest_framework.response import Response

from api.operation import OK_SCHEMA, link, operation, table
from api.table import Table, ok
from api.viewsets import ApiViewSet, InvalidLogin
from core.errors import Denied
from settings_app import services
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
        "List settings", takes=ListSettings, gives=table(STRUCTURE), errors=(InvalidLogin, Denied)
    )
    def list(self, request: Request) -> Response:
        """All settings of the login, or those of one prefix."""
        prefix = self.input().get("prefix")
        rows = Setting.objects.of(self.account_login(), prefix).records()
        return Response(Table(STRUCTURE, rows))

    @operation(
        "Write settings",
        takes=SaveSettings,
        gives=OK_SCHEMA,
        errors=(Denied, TooManySettings),
        links=WRITTEN_NEXT,
    )
    def save(self, request: Request) -> Response:
        """One by `name` and `value`, or many by `values`: all or none."""
        data = self.input()
        services.save(login=self.client().login, **data)
        return Response(ok())

    @operation("Delete settings", takes=DeleteSettings, gives=OK_SCHEMA, errors=(Denied,))
    def remove(self, request: Request) -> Response:
        """One setting, or without `name` the whole prefix."""
        data = self.input()
        services.delete(login=self.client().login, **data)
        return Response(ok())

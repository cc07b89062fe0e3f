"""Script routes."""

from rest_framework.request import Request
from rest_framework.response import Response

from api.inputs import Part, part_of
from api.long_table import TooLarge, long_table
from api.operation import OK_ID_SCHEMA, OK_SCHEMA, link, obj, operation, table
from api.table import ok
from api.viewsets import ApiViewSet
from core.errors import Denied, InvalidLogin
from scripts import services
from scripts.errors import ScriptNotFound, TooManyScripts
from scripts.models import Script
from scripts.querysets import STRUCTURE
from scripts.serializers import ById, SaveScript

NUMBERS = ("id", "login", "autostart", "enabled", "created_time", "updated_time")
SAVED = "$response.body#/id"
SAVED_NEXT = {
    "get": link("get_script_id", id=SAVED),
    "update": link("put_script", {"id": SAVED}),
    "delete": link("delete_script_id", id=SAVED),
}
RECORD = obj(**(dict.fromkeys(STRUCTURE, "string") | dict.fromkeys(NUMBERS, "integer")))


class ScriptViewSet(ApiViewSet):
    """The session's scripts; a staff session reads those of the `login` that it names."""

    staff_right = "scripts.view_script"

    @operation(
        "List scripts", takes=Part, gives=table(STRUCTURE), errors=(InvalidLogin, Denied, TooLarge)
    )
    def list(self, request: Request) -> Response:
        """All scripts of the login, oldest first, or with `limit` and `offset` a part of them."""
        part = self.input()
        rows = Script.objects.of(self.account_login()).records()
        return Response(long_table(STRUCTURE, part_of(rows, part), at_once=1))

    @operation("Get a script", gives=RECORD, errors=(InvalidLogin, Denied, ScriptNotFound))
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002 - the route's name
        """One script with its text."""
        self.input()
        login = self.account_login()
        found = Script.objects.filter(id=int(id)).records().first()
        if found is None:
            raise ScriptNotFound
        record = dict(zip(STRUCTURE, found, strict=True))
        if record["login"] != login:
            raise Denied("the script is another login's")
        return Response(record)

    @operation(
        "Create or update a script",
        takes=SaveScript,
        gives=OK_ID_SCHEMA,
        errors=(Denied, ScriptNotFound, TooManyScripts),
        links=SAVED_NEXT,
    )
    def save(self, request: Request) -> Response:
        """With `id` it changes the fields that are sent, without one it creates."""
        data = self.input()
        login = self.client().login
        if "id" in data:
            script = services.update(login=login, script_id=data.pop("id"), **data)
        else:
            script = services.create(login=login, **data)
        return Response(ok(script.id))

    @operation("Delete a script", gives=OK_SCHEMA, errors=(Denied, ScriptNotFound))
    def remove(self, request: Request, id: str) -> Response:  # noqa: A002 - the route's name
        """Deletes an own script."""
        self.input()
        services.delete(login=self.client().login, script_id=int(id))
        return Response(ok())

    @operation(
        "Delete a script by its id", takes=ById, gives=OK_SCHEMA, errors=(Denied, ScriptNotFound)
    )
    def remove_named(self, request: Request) -> Response:
        """Deletes an own script; the id is in the body or the query."""
        script_id = self.input()["id"]
        services.delete(login=self.client().login, script_id=script_id)
        return Response(ok())

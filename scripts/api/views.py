"""Script routes."""

from rest_framework.request import Request
from rest_framework.response import Response

from api.input import PageInput, page_of
from api.long_table import TableTooLarge, write_long_table
from api.schema.operation import (
    OK_ID_SCHEMA,
    OK_SCHEMA,
    object_schema,
    operation,
    operation_link,
    table_schema,
)
from api.table import ok_body
from api.viewsets import ApiViewSet
from core.errors import Denied, InvalidLogin
from scripts import services
from scripts.api.serializers import DeleteScript, SaveScript, ScriptIdInput
from scripts.errors import ScriptNotFound, TooManyScripts
from scripts.models import Script
from scripts.querysets import STRUCTURE

INTEGER_FIELDS = ("id", "login", "autostart", "enabled", "created_time", "updated_time")
SAVED_ID = "$response.body#/id"
SAVED_LINKS = {
    "get": operation_link("get_script_id", id=SAVED_ID),
    "update": operation_link("post_script", {"id": SAVED_ID}),
    "delete": operation_link("delete_script_id", id=SAVED_ID),
}
SCRIPT_SCHEMA = object_schema(
    **(dict.fromkeys(STRUCTURE, "string") | dict.fromkeys(INTEGER_FIELDS, "integer"))
)


class ScriptViewSet(ApiViewSet):
    """The session's scripts; a staff session reads those of the `login` that it names."""

    tag = "Scripts"
    staff_permission = "scripts.view_script"

    @operation(
        "List scripts",
        request=PageInput,
        response=table_schema(STRUCTURE),
        errors=(InvalidLogin, Denied, TableTooLarge),
    )
    def list(self, request: Request) -> Response:
        """All scripts of the login, oldest first, or with `limit` and `offset` a part of them."""
        part = self.validated()
        rows = Script.objects.of_login(self.target_login()).records()
        return Response(write_long_table(STRUCTURE, page_of(rows, part), at_once=1))

    @operation(
        "Get a script", response=SCRIPT_SCHEMA, errors=(InvalidLogin, Denied, ScriptNotFound)
    )
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002 - the route's name
        """One script with its text."""
        self.validated()
        login = self.target_login()
        found = Script.objects.filter(id=int(id)).records().first()
        if found is None:
            raise ScriptNotFound
        record = dict(zip(STRUCTURE, found, strict=True))
        if record["login"] != login:
            raise Denied("the script is another login's")
        return Response(record)

    @operation(
        "Create or update a script",
        request=SaveScript,
        response=OK_ID_SCHEMA,
        errors=(Denied, ScriptNotFound, TooManyScripts),
        links=SAVED_LINKS,
    )
    def save(self, request: Request) -> Response:
        """With `id` it changes the fields that are sent, without one it creates."""
        data = self.validated()
        login = self.require_own_account().login
        if "id" in data:
            script = services.update_script(login=login, script_id=data.pop("id"), **data)
        else:
            script = services.create_script(login=login, **data)
        return Response(ok_body(script.id))

    @operation(
        "Delete a script",
        request=DeleteScript,
        response=OK_SCHEMA,
        errors=(Denied, ScriptNotFound),
    )
    def remove(self, request: Request, id: str) -> Response:  # noqa: A002 - the route's name
        """Deletes an own script."""
        self.validated()
        services.delete_script(login=self.require_own_account().login, script_id=int(id))
        return Response(ok_body())

    @operation(
        "Delete a script by its id",
        request=ScriptIdInput,
        response=OK_SCHEMA,
        errors=(Denied, ScriptNotFound),
    )
    def remove_named(self, request: Request) -> Response:
        """Deletes an own script; the id is in the body or the query."""
        script_id = self.validated()["id"]
        services.delete_script(login=self.require_own_account().login, script_id=script_id)
        return Response(ok_body())

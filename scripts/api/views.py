"""Script routes."""

from typing import cast

from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Account
from api.input import PageInput, page_of
from api.long_table import TableTooLarge, write_long_objects
from api.schema.operation import (
    OK_ID_SCHEMA,
    OK_SCHEMA,
    object_schema,
    operation,
    operation_link,
)
from api.table import ok_body
from api.viewsets import ApiViewSet
from audit.recording import record_entry
from core.errors import Denied, InvalidLogin, InvalidUser
from core.locks import transactional
from core.users import signed_in_user
from scripts import services
from scripts.api.serializers import DeleteScript, SaveScript, ScriptIdInput
from scripts.enums import Visibility
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

WRITE_ERRORS = (Denied, InvalidLogin, InvalidUser, ScriptNotFound)


class ScriptViewSet(ApiViewSet):
    """The session's scripts; a staff session reads those of the `login` that it names."""

    tag = "Scripts"
    staff_permission = "scripts.view_script"
    staff_write_permission = "scripts.change_script"

    @operation(
        "List scripts",
        request=PageInput,
        response=object_schema(rows={"type": "array", "items": SCRIPT_SCHEMA}),
        errors=(InvalidLogin, Denied, TableTooLarge),
    )
    def list(self, request: Request) -> Response:
        """The login's own and the public ones, oldest first; a part with `limit` and `offset`."""
        part = self.validated()
        rows = Script.objects.visible_to(self.target_login()).records()
        return Response(write_long_objects(STRUCTURE, page_of(rows, part), at_once=1))

    @operation("Get a script", response=SCRIPT_SCHEMA, errors=(Denied, ScriptNotFound))
    def retrieve(self, request: Request, id: str) -> Response:  # noqa: A002 - the route's name
        """One script with its text: an own one, a public one, or any that staff may see."""
        self.validated()
        user = signed_in_user(request)
        if user.is_staff and not user.has_perm(self.staff_permission):
            raise Denied
        found = Script.objects.filter(id=int(id)).records().first()
        if found is None:
            raise ScriptNotFound
        record = dict(zip(STRUCTURE, found, strict=True))
        login = cast(int, record["login"])
        visible = login == self._target_login if self._target_login else user.may_see(login)
        if record["visibility"] != Visibility.PUBLIC and not visible:
            raise Denied("the script is another login's")
        return Response(record)

    @operation(
        "Create or update a script",
        request=SaveScript,
        response=OK_ID_SCHEMA,
        errors=(*WRITE_ERRORS, TooManyScripts),
        links=SAVED_LINKS,
    )
    def save(self, request: Request) -> Response:
        """With `id` it changes the fields that are sent, without one it creates.

        Staff name the login, and set `visibility`.
        """
        data = self.validated()
        return Response(ok_body(save_recorded(request, self.require_writable_account(), data).id))

    @operation(
        "Delete a script",
        request=DeleteScript,
        response=OK_SCHEMA,
        errors=WRITE_ERRORS,
    )
    def remove(self, request: Request, id: str) -> Response:  # noqa: A002 - the route's name
        """Deletes an own script."""
        self.validated()
        delete_recorded(request, self.require_writable_account(), int(id))
        return Response(ok_body())

    @operation(
        "Delete a script by its id",
        request=ScriptIdInput,
        response=OK_SCHEMA,
        errors=WRITE_ERRORS,
    )
    def remove_named(self, request: Request) -> Response:
        """Deletes an own script; the id is in the body or the query."""
        script_id = self.validated()["id"]
        delete_recorded(request, self.require_writable_account(), script_id)
        return Response(ok_body())


@transactional
def save_recorded(request: Request, account: Account, data: dict[str, object]) -> Script:
    """Create or update a script, by staff with an audit entry."""
    by_staff = signed_in_user(request).is_staff
    script_id = cast(int | None, data.pop("id", None))
    if script_id is None:
        script = services.create_script(login=account.login, by_staff=by_staff, **data)
    else:
        script = services.update_script(
            login=account.login, script_id=script_id, by_staff=by_staff, **data
        )
    if by_staff:
        record_entry(request, "add" if script_id is None else "change", script, after=data)
    return script


@transactional
def delete_recorded(request: Request, account: Account, script_id: int) -> None:
    """Delete a script, by staff with an audit entry."""
    script = services.delete_script(login=account.login, script_id=script_id)
    if signed_in_user(request).is_staff:
        record_entry(request, "delete", account, before={"script": script_id, "name": script.name})

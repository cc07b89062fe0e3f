"""The client's notifications over REST."""

from typing import ClassVar

from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.services.mark_read import mark_read
from api.filters import FilterColumn, JSONListField, compile_conditions
from api.input import Input
from api.input_fields import EnumField, IntField
from api.schema.meanings import FieldMeanings, enum_value, integer, text, unix_time
from api.schema.operation import OK_SCHEMA, operation, table_schema
from api.table import OK, ApiTable
from api.viewsets import ApiViewSet
from core.errors import Denied, InvalidLogin, NotFound
from core.numbers import BIGGEST
from realtime.events.types import NotificationLevel, NotificationStatus, NotificationType
from realtime.models import Notification

NOTIFICATION_COLUMNS = (
    "id", "token", "message", "create_time", "open_time", "type", "status", "level", "description",
    "data",
)  # fmt: skip
MAX_LISTED = 1000  # of one response
FILTERABLE = {
    name: FilterColumn(name, int)
    for name in ("id", "create_time", "open_time", "type", "status", "level")
} | {"token": FilterColumn("token", str)}

NOTIFICATION_MEANINGS: FieldMeanings = {
    "id": integer("the notification's number"),
    "token": text("what it is about and of which event; drop one that was seen"),
    "message": {"type": "object", "description": "title and body"},
    "create_time": unix_time("it was sent"),
    "open_time": unix_time("it was marked read, 0 before it"),
    "type": enum_value(NotificationType),
    "status": enum_value(NotificationStatus),
    "level": enum_value(NotificationLevel),
    "description": {"type": "object", "description": "the body as text"},
    "data": {"type": "object", "description": "order, level or alert that it is about"},
}


class NotificationPage(Input):
    """A page of the notifications that fit all conditions of `filter`."""

    example: ClassVar = {"limit": 50, "offset": 0}
    limit = IntField(min_value=1, max_value=MAX_LISTED)
    offset = IntField(min_value=0, max_value=BIGGEST // 2)
    filter = JSONListField(required=False, help_text='conditions like `["status","==",0]`')


class ReadNotifications(Input):
    """The notifications that were read: one, or many at once."""

    record: ClassVar = NOTIFICATION_COLUMNS
    example: ClassVar = {"id": 1, "status": 2}
    id = IntField(required=False, min_value=1)
    ids = serializers.ListField(
        child=IntField(min_value=1), required=False, min_length=1, max_length=MAX_LISTED
    )
    status = EnumField(NotificationStatus, required=False, help_text="2: read, all that can be set")

    def validate(self, attrs: dict[str, object]) -> dict[str, object]:
        """Ask for `id` or `ids`, and for the status that can be set."""
        if ("id" in attrs) == ("ids" in attrs):
            raise ValidationError({"id": "either id or ids is required"})
        if attrs.get("status", NotificationStatus.READ) != NotificationStatus.READ:
            raise ValidationError({"status": "must be 2"})
        return attrs


class NotificationViewSet(ApiViewSet):
    """The client's notifications."""

    tag = "Notifications"
    field_meanings = NOTIFICATION_MEANINGS
    staff_permission = "realtime.view_notification"

    @operation(
        "List the notifications",
        request=NotificationPage,
        response=table_schema(NOTIFICATION_COLUMNS, count="integer"),
        errors=(Denied, InvalidLogin),
    )
    def list(self, request: Request) -> Response:
        """Newest first; `count` is how many there are in all, or fit the filter."""
        page = self.validated()
        conditions = compile_conditions(FILTERABLE, {"where": page.get("filter")})
        own = Notification.objects.filter(conditions, login=self.target_login())
        first = page["offset"]
        found = own[first : first + page["limit"]]
        rows = [_notification_row(one) for one in found]
        return Response(ApiTable(NOTIFICATION_COLUMNS, rows, {"count": own.count()}))

    @operation(
        "Mark notifications as read",
        request=ReadNotifications,
        response=OK_SCHEMA,
        errors=(Denied, NotFound),
    )
    def mark_read(self, request: Request) -> Response:
        """Those with `id` or `ids`, all or none."""
        account, data = self.require_own_account(), self.validated()
        mark_read(login=account.login, ids=data.get("ids") or [data["id"]])
        return Response(OK)


def _notification_row(one: Notification) -> tuple[object, ...]:
    return (
        one.pk,
        one.token,
        {"title": one.message, "body": one.description},
        one.create_time,
        one.open_time,
        one.type,
        one.status,
        one.level,
        {"text": one.description},
        one.data,
    )

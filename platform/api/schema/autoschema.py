"""The routes in OpenAPI: operation ids, our number fields, one form of each path."""

import re
from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema

from api.schema.operation import Document


class ViewSchema(AutoSchema):
    """The schema of one view; ids are made of method and path, so they cannot collide."""

    def get_operation_id(self) -> str:
        names = re.findall(r"[a-z_]+", self.path.lower())
        return "_".join([self.method.lower(), *names])

    def _is_list_view(self, serializer: Any = None) -> bool:
        return False  # an action called `list` returns one table, not an array

    def get_operation(self, *args: Any, **kwargs: Any) -> Document | None:
        from api.schema.describe import describe_operation

        operation: Document | None = super().get_operation(*args, **kwargs)
        if operation is not None:
            describe_operation(operation, self.view, self.method)
        return operation


class NumberFieldSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Maps an exact decimal to a JSON number within its bounds."""

    target_class = "api.input_fields.NumberField"

    def map_serializer_field(self, auto_schema: object, direction: object) -> dict[str, object]:
        return {"type": "number", "minimum": self.target.least, "maximum": self.target.most}


def strip_trailing_slash(endpoints: list[Any], **_: Any) -> list[Any]:
    """Return every path once, in its form without the trailing slash."""
    return [
        (path.rstrip("/") or "/", regex, method, callback)
        for path, regex, method, callback in endpoints
    ]

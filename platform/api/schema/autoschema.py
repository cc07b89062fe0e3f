"""The routes in OpenAPI: operation ids, our number fields, one form of each path."""

import re
from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.openapi import AutoSchema

from api.schema.operation import Document

Endpoint = tuple[str, str, str, object]  # path, its pattern, method, view


class ViewSchema(AutoSchema):
    """The schema of one view; ids are made of method and path, so they cannot collide."""

    def get_operation_id(self) -> str:
        names = re.findall(r"[a-z_]+", self.path.lower())
        return "_".join([self.method.lower(), *names])

    def _is_list_view(self, serializer: Any = None) -> bool:
        return False  # an action called `list` returns one table, not an array

    def get_tags(self) -> list[str]:
        return [str(getattr(self.view, "tag", ""))]

    def _map_serializer_field(self, field: Any, *args: object, **kwargs: object) -> Document:
        from api.schema.meanings import add_meaning, meanings_of_view

        schema: Document = super()._map_serializer_field(field, *args, **kwargs)  # type: ignore[no-untyped-call]
        return add_meaning(schema, meanings_of_view(self.view).get(field.field_name))

    def _insert_field_validators(self, field: object, schema: Document) -> None:
        super()._insert_field_validators(field, schema)  # type: ignore[no-untyped-call]
        if "enum" in schema:  # says more than the bounds of all integers
            for bound in ("minimum", "maximum"):
                schema.pop(bound, None)

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


def choose_endpoints(endpoints: list[Endpoint], **_: object) -> list[Endpoint]:
    """Return every operation once: without a trailing slash, and by one of its methods."""
    return [
        (path.rstrip("/") or "/", regex, method, callback)
        for path, regex, method, callback in endpoints
        if documented_method(callback, method) == method
    ]


def documented_method(callback: object, method: str) -> str:
    """Return the method by which the schema shows what this one does: POST and PUT are the same."""
    actions: dict[str, str] = getattr(callback, "actions", None) or {method.lower(): ""}
    action = actions[method.lower()]
    return next(name for name, known in actions.items() if known == action).upper()

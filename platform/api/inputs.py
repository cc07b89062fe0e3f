"""What a request carries, checked: one serializer class per operation."""

from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from api.fields import IntField, QueryText


class Input(serializers.Serializer[Any]):
    """Base of all inputs. Every client may send its own `login`; other unknown fields are wrong.

    A misspelt `sl` must not open a position without its stop.
    """

    login = IntField(required=False, min_value=0, help_text="must equal the session's, if sent")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        unknown = sorted(set(self.initial_data) - set(self.fields))
        if unknown:
            raise ValidationError(dict.fromkeys(unknown[:10], "unknown field"))
        return attrs


class NoInput(Input):
    """An operation without parameters of its own."""


def parameters(request: Request) -> dict[str, Any]:
    """Query parameters and JSON body as one; the body goes before the query."""
    body = request.data
    if not isinstance(body, dict):
        raise ValidationError("the body must be a JSON object")
    query = {name: QueryText(value) for name, value in request.query_params.items()}
    return {**query, **body}

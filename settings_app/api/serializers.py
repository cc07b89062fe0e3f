"""Inputs of the settings routes."""

from typing import Any, ClassVar

import orjson
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.input import Input
from api.input_fields import TextField
from core import json
from settings_app.querysets import STRUCTURE

MOST_BYTES = 64 * 1024  # of one value's JSON


class PrefixField(TextField):
    """The prefix of settings: which terminal they belong to."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**{"min_length": 1, "max_length": 32, **kwargs})


class NameField(TextField):
    """The name of a setting."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(**{"min_length": 1, "max_length": 64, **kwargs})


@extend_schema_field({})
class JSONTextField(serializers.Field[str, object, str, object]):
    """Any JSON value, including null, as its compact JSON text."""

    takes_null = True  # read by api.input
    default_error_messages = {
        "large": "has more than {most} bytes",
        "deep": "is nested too deeply",
    }

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """Validate null like any other value, without DRF's special case of it."""
        if data is serializers.empty:
            return super().run_validation(data)
        return self.to_internal_value(data)

    def to_internal_value(self, data: object) -> str:
        try:
            text = json.dumps(data)
        except orjson.JSONEncodeError:
            self.fail("deep")
        if len(text) > MOST_BYTES:
            self.fail("large", most=MOST_BYTES)
        return text.decode()


@extend_schema_field({"type": "object", "additionalProperties": {}, "minProperties": 1})
class ValuesField(serializers.Field[dict[str, str], object, object, object]):
    """Several settings at once: {name: value, …}."""

    default_error_messages = {"invalid": "must be an object that is not empty"}

    def to_internal_value(self, data: object) -> dict[str, str]:
        if not isinstance(data, dict) or not data:
            self.fail("invalid")
        name_field, value_field = NameField(), JSONTextField()
        return {
            name_field.run_validation(name): value_field.run_validation(value)
            for name, value in data.items()
        }


class ListSettings(Input):
    """All settings, or those of one terminal."""

    example: ClassVar = {"prefix": "web"}
    prefix = PrefixField(required=False)


class SaveSettings(Input):
    """One setting by `name` and `value`, or many by `values`; both come out as `values`."""

    example: ClassVar = {"prefix": "web", "name": "theme", "value": "dark"}
    record: ClassVar = STRUCTURE
    prefix = PrefixField()
    name = NameField(required=False)
    value = JSONTextField(required=False)
    values = ValuesField(required=False)

    def validate(self, attrs: dict[str, object]) -> dict[str, object]:
        attrs = super().validate(attrs)
        given = {"name", "value", "values"} & set(attrs)
        if given == {"name", "value"}:
            attrs["values"] = {attrs.pop("name"): attrs.pop("value")}
        elif given != {"values"}:
            raise serializers.ValidationError("send name and value, or values")
        return attrs


class DeleteSettings(Input):
    """One setting, or the whole prefix."""

    example: ClassVar = {"prefix": "web", "name": "theme"}
    record: ClassVar = STRUCTURE
    prefix = PrefixField()
    name = NameField(required=False)

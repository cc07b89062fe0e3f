"""Inputs of the script routes."""

from typing import ClassVar

from rest_framework import serializers

from api.input import Input
from api.input_fields import FlagField, IntField, TextField
from scripts.enums import Kind, Language, Visibility
from scripts.querysets import STRUCTURE

MOST_BYTES = 256 * 1024  # of one script's text
REQUIRED = ("name", "script")  # of a new script


class ScriptIdInput(Input):
    """The id of a script."""

    example: ClassVar = {"id": 1}
    record: ClassVar = STRUCTURE
    id = IntField(min_value=1)


class DeleteScript(Input):
    """The script that the path names."""

    record: ClassVar = STRUCTURE
    id = IntField(min_value=1, required=False)


class SaveScript(Input):
    """With `id` an update of what is named, without one a new script."""

    example: ClassVar = {"name": "Trailing stop", "script": "follow(0.0010);"}
    record: ClassVar = STRUCTURE
    id = IntField(min_value=1, required=False)
    name = TextField(min_length=1, max_length=128, required=False)
    script = TextField(required=False, help_text="at most 256 KiB")
    description = TextField(max_length=1024, allow_blank=True, required=False)
    kind = serializers.ChoiceField(Kind.choices, required=False)
    autostart = FlagField(required=False)
    enabled = FlagField(required=False)
    language = serializers.ChoiceField(Language.choices, required=False)
    visibility = serializers.ChoiceField(Visibility.choices, required=False)

    def validate_script(self, value: str) -> str:
        """Refuse a text of more than MOST_BYTES bytes in UTF-8, as it is stored."""
        if len(value.encode()) > MOST_BYTES:
            raise serializers.ValidationError(f"has more than {MOST_BYTES} bytes")
        return value

    def validate(self, attrs: dict[str, object]) -> dict[str, object]:
        attrs = super().validate(attrs)
        missing = [name for name in REQUIRED if name not in attrs]
        if "id" not in attrs and missing:
            raise serializers.ValidationError(dict.fromkeys(missing, "required for a new script"))
        if not set(attrs) - {"id", "login"}:
            raise serializers.ValidationError("there is nothing to change")
        return attrs

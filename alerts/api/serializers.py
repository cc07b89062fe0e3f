"""Inputs of the alert routes."""

from typing import ClassVar

from rest_framework import serializers

from alerts.api.tables import ALERT_COLUMNS
from alerts.enums import AlertSide, AlertStatus, Condition, RepeatMode
from api.input import Input, PageInput
from api.input_fields import EnumField, IntField, NumberField, SymbolField, TextField, TimeField

REQUIRED_FIELDS = ("symbol", "side", "condition", "repeat_mode")  # of a new alert
LOWEST_LEVEL = -(10**11)  # so that a negative level is refused by its own rule and code


def client_text_field() -> TextField:
    """Return an optional field of free text from the client."""
    return TextField(max_length=256, allow_blank=True, required=False)


class Save(Input):
    """With `id` an update, without one a create."""

    example: ClassVar = {
        "symbol": "EURUSD",
        "side": 0,
        "condition": 2,
        "repeat_mode": 0,
        "target_price": 2,
    }
    record: ClassVar = ALERT_COLUMNS
    id = IntField(required=False, min_value=1)
    symbol = SymbolField(required=False)
    side = EnumField(AlertSide, required=False)
    condition = EnumField(Condition, required=False)
    repeat_mode = EnumField(RepeatMode, required=False)
    status = EnumField(AlertStatus, required=False, help_text="0 re-arms, 2 disables")
    target_price = NumberField(least=LOWEST_LEVEL, required=False)
    channel_low = NumberField(least=LOWEST_LEVEL, required=False)
    channel_high = NumberField(least=LOWEST_LEVEL, required=False)
    move_threshold = NumberField(least=LOWEST_LEVEL, required=False)
    expires_at = IntField(required=False, help_text="unix seconds, 0 never")
    reference_price = NumberField(required=False, help_text="0 or absent: the price now")
    reference_time = TimeField(required=False)
    cooldown = IntField(
        required=False,
        min_value=0,
        help_text="seconds between two firings that repeat; ALERT_COOLDOWN where none are sent",
    )
    indicator_name = client_text_field()
    message = client_text_field()
    comment = client_text_field()

    def validate(self, attrs: dict[str, object]) -> dict[str, object]:
        attrs = super().validate(attrs)
        missing = [name for name in REQUIRED_FIELDS if name not in attrs]
        if missing and "id" not in attrs:
            raise serializers.ValidationError(dict.fromkeys(missing, "is required"))
        if "id" not in attrs and attrs.get("status", AlertStatus.ACTIVE) != AlertStatus.ACTIVE:
            raise serializers.ValidationError({"status": "a new alert is active"})
        if attrs.get("reference_price") == 0:
            del attrs["reference_price"]
        return attrs


class ChosenAlert(Input):
    """The id of an alert, unless the path names it."""

    example: ClassVar = {"id": 1}
    record: ClassVar = ALERT_COLUMNS
    id = IntField(required=False, min_value=1)


class AlertLogRange(PageInput):
    """A part of the log, by default its first thousand rows."""

    example: ClassVar = {"limit": 10, "offset": 0}
    limit = IntField(required=False, default=1000, min_value=1, max_value=50_000)

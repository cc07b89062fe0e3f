"""Inputs of the market routes."""

from typing import Any, ClassVar

from django.core.validators import RegexValidator
from rest_framework import serializers

from api.input import Input
from api.input_fields import IntField, SymbolField, TextField, TimeField
from market.quotes.charts import CHART_RESOLUTIONS, MOST_BARS

WATCH_FIELDS = (
    "symbol", "prefix", "sort_index", "color", "market_state", "market_reason", "price1d", "high",
    "low", "prices",
)  # fmt: skip
SMALLEST_INT, LARGEST_INT = -(2**31), 2**31 - 1


class Watch(Input):
    """A symbol for a list."""

    example: ClassVar = {"symbol": "EURUSD", "prefix": "web"}
    record: ClassVar = WATCH_FIELDS
    symbol = SymbolField()
    prefix = TextField(required=False, max_length=32, help_text="absent: every list")
    sort_index = IntField(required=False, min_value=SMALLEST_INT, max_value=LARGEST_INT)
    color = TextField(
        required=False, max_length=7, validators=[RegexValidator(r"\A#[0-9A-Fa-f]{6}\Z")]
    )


class WatchListInput(Input):
    """The name of a watch list."""

    example: ClassVar = {"prefix": "web"}
    prefix = TextField(max_length=32)


class UnwatchInput(Input):
    """A symbol of a watch list."""

    example: ClassVar = {"symbol": "EURUSD", "prefix": "web"}
    record: ClassVar = WATCH_FIELDS
    symbol = SymbolField()
    prefix = TextField(required=False, max_length=32, help_text="absent: every list")


class SymbolInput(Input):
    """The name of a symbol."""

    example: ClassVar = {"symbol": "EURUSD"}
    symbol = SymbolField()


class PeriodInput(SymbolInput):
    """A symbol and a period from `from` to `to`, in unix seconds."""

    begin_required: ClassVar[bool] = False

    def get_fields(self) -> dict[str, Any]:
        """Add `from`, which cannot be declared as it is a keyword of Python."""
        start = TimeField(required=self.begin_required)
        return {**super().get_fields(), "from": start}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        if "to" in attrs and attrs.get("from", 0) > attrs["to"]:
            raise serializers.ValidationError({"from": "must not be after to"})
        if not attrs.keys() & {"from", "countback"}:
            raise serializers.ValidationError({"from": "from or countback is required"})
        return attrs


class ChartInput(PeriodInput):
    """A chart's bars: `from` or `countback`, up to `to` (now), in unix seconds."""

    example: ClassVar = {"symbol": "EURUSD", "resolution": "60", "countback": 100}
    resolution = serializers.ChoiceField(choices=list(CHART_RESOLUTIONS))
    to = TimeField(required=False)
    countback = IntField(required=False, min_value=1, max_value=MOST_BARS)

"""Inputs of the routes of charts; those of the UDF are as tolerant as that protocol."""

from decimal import ROUND_FLOOR, Decimal, InvalidOperation
from typing import ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from api.input import Input
from api.input_fields import IntField, TextField, TimeField
from core.clock import LAST_TIME
from market.api.serializers import PeriodInput
from market.api.udf_symbols import chart_symbol_name
from market.quotes.charts import MOST_BARS

# The frames of `/quotes/candles` and the resolutions of `/udf/history`, as those of charts.
FRAMES = {
    "1M": "1", "5M": "5", "15M": "15", "30M": "30", "1H": "60", "4H": "240", "1D": "1D",
    "1W": "1W",
}  # fmt: skip
UDF_RESOLUTIONS = {
    **{name: name for name in ("1", "5", "15", "30", "60", "240", "1D", "1W", "1M")},
    "D": "1D", "W": "1W", "M": "1M",
}  # fmt: skip
MOST_QUOTED = 500  # symbols of one request


class CandlesInput(PeriodInput):
    """Candles that begin from `from` to `to` (unix seconds, both included)."""

    begin_required = True
    example: ClassVar = {
        "symbol": "EURUSD",
        "from": 1_700_000_000,
        "to": 4_000_000_000,
        "frame": "1H",
    }
    to = TimeField()
    frame = serializers.ChoiceField(choices=list(FRAMES))
    count = IntField(required=False, min_value=1, max_value=MOST_BARS)


@extend_schema_field({"type": "number"})
class RoundedField(serializers.Field[int, object, object, object]):
    """Any number, rounded down and brought into [`least`, `most`]: charts reckon such times."""

    default_error_messages = {"invalid": "must be a number"}

    def __init__(self, *, least: int = 0, most: int, default: int | None = None) -> None:
        self.least, self.most = least, most
        super().__init__(required=False, default=serializers.empty if default is None else default)

    def to_internal_value(self, data: object) -> int:
        if isinstance(data, bool) or not isinstance(data, str | int | float) or len(str(data)) > 40:
            self.fail("invalid")
        try:
            number = Decimal(str(data))
        except InvalidOperation:
            self.fail("invalid")
        if not number.is_finite():
            self.fail("invalid")
        bounded = min(max(number, Decimal(self.least)), Decimal(self.most))
        return int(bounded.to_integral_value(ROUND_FLOOR))


class ChartSymbolField(TextField):
    """A symbol's name in either case, with or without an exchange (`FX:EURUSD`) before it."""

    def to_internal_value(self, data: object) -> str:
        return chart_symbol_name(super().to_internal_value(data))


class SymbolNamesField(TextField):
    """Names with commas between them, at most MOST_QUOTED."""

    def to_internal_value(self, data: object) -> str:
        text = super().to_internal_value(data)
        if text.count(",") > MOST_QUOTED:
            raise ValidationError(f"must be at most {MOST_QUOTED} names")
        return text


class UDFInput(Input):
    """Base of the feed's inputs: charting libraries send fields that concern others."""

    def to_internal_value(self, data: dict[str, object]) -> dict[str, object]:
        return super().to_internal_value(
            {name: value for name, value in data.items() if name in self.fields}
        )


class UDFSymbol(UDFInput):
    """The symbol to be resolved."""

    example: ClassVar = {"symbol": "EURUSD"}
    symbol = ChartSymbolField(max_length=64)


class UDFSymbolInfo(UDFInput):
    """The exchange whose symbols are listed; without it all are."""

    example: ClassVar = {"group": ""}
    group = TextField(required=False, allow_blank=True, max_length=64)


class UDFSearch(UDFInput):
    """What is looked for in names and descriptions; `type` and `exchange` as in the config."""

    example: ClassVar = {"query": "EUR", "type": "", "exchange": "", "limit": 30}
    query = TextField(required=False, default="", allow_blank=True, max_length=64)
    type = TextField(required=False, default="", allow_blank=True, max_length=64)
    exchange = TextField(required=False, default="", allow_blank=True, max_length=64)
    limit = RoundedField(default=30, least=1, most=1000)


class UDFQuotes(UDFInput):
    """The symbols that are asked for."""

    example: ClassVar = {"symbols": "EURUSD,GBPUSD"}
    symbols = SymbolNamesField(max_length=MOST_QUOTED * 32)


class UDFHistory(UDFSymbol):
    """Bars that begin in [`from`, `to`), or the last `countback` of those before `to`."""

    example: ClassVar = {"symbol": "EURUSD", "resolution": "60", "countback": 100}
    resolution = serializers.ChoiceField(choices=list(UDF_RESOLUTIONS))
    to = RoundedField(most=LAST_TIME)
    countback = RoundedField(most=MOST_BARS)
    vars()["from"] = RoundedField(most=LAST_TIME)  # a keyword of Python cannot be assigned to

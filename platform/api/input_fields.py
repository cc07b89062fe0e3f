"""Strict input fields: a JSON string is not a number, a boolean is not an int.

Query parameters can only be text; they arrive as `QueryText` and may stand for a number.
"""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from core.clock import LAST_TIME
from core.money import ZERO, exact_decimal
from core.numbers import BIGGEST, as_integer, read_decimal, read_integer


class QueryText(str):
    """A value from the query string."""

    __slots__ = ()


class IntField(serializers.IntegerField):
    """A whole number within a bigint column; `10.0` is ten, as some clients know only doubles."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": -BIGGEST, "max_value": BIGGEST, **kwargs})

    def to_internal_value(self, data: Any) -> int:
        try:
            if isinstance(data, QueryText):
                data = _read_whole_number(data)
            elif isinstance(data, float):
                data = as_integer(data)
        except ValueError:
            self.fail("invalid")
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return int(super().to_internal_value(data))


def _read_whole_number(text: str) -> int:
    """Read a whole number in the query, which may be written with decimals as in a body."""
    try:
        return read_integer(text)
    except ValueError:
        return as_integer(read_decimal(text))


class TimeField(IntField):
    """Unix seconds up to the latest time that any input takes; 0 where it may stand for none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 0, "max_value": LAST_TIME, **kwargs})


class FlagField(IntField):
    """0 or 1."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 0, "max_value": 1, **kwargs})


class EnumField(IntField):
    """A value of an IntegerChoices."""

    def __init__(self, enum: Any, **kwargs: Any) -> None:
        self.enum = enum
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Any:
        value = super().to_internal_value(data)
        try:
            return self.enum(value)
        except ValueError:
            raise serializers.ValidationError(
                f"must be one of {', '.join(str(int(choice)) for choice in self.enum)}"
            ) from None


class NumberField(serializers.Field[Decimal, Any, Any, Any]):
    """A JSON number as an exact decimal, between `least` and `most`, at most 8 decimals."""

    default_error_messages = {
        "invalid": "must be a number",
        "range": "must be from {least} to {most}",
        "digits": "has more than 8 decimals",
    }

    def __init__(self, *, least: int = 0, most: int = 10**11, **kwargs: Any) -> None:
        self.least, self.most = least, most
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Decimal:
        value = self._as_decimal(data)
        if not self.least <= value <= self.most:
            self.fail("range", least=self.least, most=self.most)
        value = value.normalize() or ZERO  # 0e-9999999 is a number that no column takes
        exponent = value.as_tuple().exponent
        if isinstance(exponent, int) and exponent < -8:
            self.fail("digits")
        return value

    def to_representation(self, value: Decimal) -> Decimal:
        return value

    def _as_decimal(self, data: Any) -> Decimal:
        if isinstance(data, QueryText):
            try:
                return read_decimal(data)
            except ValueError:
                self.fail("invalid")
        if isinstance(data, bool) or not isinstance(data, int | float):
            self.fail("invalid")
        value = exact_decimal(data) if isinstance(data, float) else Decimal(data)
        if not value.is_finite():
            self.fail("invalid")
        return value


class TextField(serializers.CharField):
    """Text as it was sent: neither trimmed nor made of a number."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"trim_whitespace": False, **kwargs})

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        if any("\ud800" <= letter <= "\udfff" for letter in data):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class SymbolField(TextField):
    """A symbol's name, sent in either case, returned in upper case."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 16, **kwargs})

    def to_internal_value(self, data: Any) -> str:
        return super().to_internal_value(data).upper()

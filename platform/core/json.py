"""JSON in and out: orjson, with decimals as plain numbers (never in exponent form)."""

import json
from decimal import Decimal
from typing import Any

import orjson

loads = orjson.loads


def plain(number: Decimal) -> str:
    """A decimal's digits without exponent and without trailing zeros."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def dumps(value: Any) -> bytes:
    """JSON of `value`; NaN and Infinity cannot occur, as decimals are finite here."""
    return orjson.dumps(value, default=_default)


class DecimalDecoder(json.JSONDecoder):
    """Reads JSON columns with exact numbers, so that what goes out again is what was stored."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "parse_float": Decimal})


def _default(value: object) -> object:
    if isinstance(value, Decimal):
        return orjson.Fragment(plain(value))
    if isinstance(value, tuple):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")

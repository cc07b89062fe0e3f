"""JSON in and out: orjson, with decimals as plain numbers (never in exponent form)."""

import json
from decimal import Decimal
from typing import Any

import orjson

loads = orjson.loads
SHALLOW = 100  # as many lists and objects orjson writes, however they are nested


class RepeatedName(ValueError):
    """An object of the JSON has a name twice: one of the two values would be ignored."""


def loads_untrusted(text: bytes | str) -> object:
    """Decode JSON from outside; orjson alone would take the last of two values of a name.

    Raises:
        ValueError: it is no JSON, or nested more deeply than can be written again.
        RepeatedName: an object has a name twice.
    """
    value = loads(text)
    if _count(text, "[") + _count(text, "{") > SHALLOW:
        # orjson reads four times as deeply as it writes, and Python's `repr`, which is in many
        # messages, does not go even that far.
        try:
            orjson.dumps(value)
        except TypeError:
            raise ValueError("nested too deeply") from None
    # Every member has a colon. With as many members in the outer object there are no others; else
    # there are objects inside, colons within texts, or a name twice.
    if _count(text, ":") != (len(value) if isinstance(value, dict) else 0):
        _MEMBERS.decode(text.decode() if isinstance(text, bytes) else text)
    return value


def _count(text: bytes | str, sign: str) -> int:
    return text.count(sign.encode()) if isinstance(text, bytes) else text.count(sign)


def _refuse_repeated_names(members: list[tuple[str, object]]) -> None:
    seen = set()
    for name, _ in members:
        if name in seen:
            raise RepeatedName(f"{name:.100} stands twice in one object")
        seen.add(name)


_MEMBERS = json.JSONDecoder(
    object_pairs_hook=_refuse_repeated_names, parse_int=len, parse_float=len
)


def plain_digits(number: Decimal) -> str:
    """Return a decimal's digits without exponent and without trailing zeros."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def dumps(value: object) -> bytes:
    """Encode `value`; NaN and Infinity cannot occur, as decimals are finite here."""
    return orjson.dumps(value, default=_default)


class DecimalDecoder(json.JSONDecoder):
    """Reads JSON columns with exact numbers, so that what was stored goes out unchanged."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "parse_float": Decimal})


def _default(value: object) -> object:
    if isinstance(value, Decimal):
        return orjson.Fragment(plain_digits(value))
    if isinstance(value, tuple):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")

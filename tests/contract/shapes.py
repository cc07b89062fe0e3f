"""Expected shapes of answers: fields with their types, columns in order, or plain values."""

from dataclasses import dataclass
from typing import Any

KINDS: dict[str, Any] = {"int": int, "num": float, "str": str, "list": list, "any": object}


@dataclass(frozen=True)
class Each:
    """A non-empty list whose elements all have one shape."""

    shape: Any


@dataclass(frozen=True)
class Either:
    """One of several shapes."""

    shapes: tuple[Any, ...]


def fields(text: str, **more: Any) -> dict[str, Any]:
    """Return the shape of an object with these fields: `fields("order:int symbol:str")`."""
    return {name: KINDS[kind] for name, kind in (word.split(":") for word in text.split())} | more


def table(text: str, rows: Any = None, **extras: Any) -> dict[str, Any]:
    """Return the shape of a table with these columns, and `rows` or at least one row."""
    columns = fields(text)
    shape = Each(list(columns.values())) if rows is None else rows
    return {"structure": list(columns), "rows": shape, **extras}


def check_shape(shape: Any, value: Any, place: str = "answer") -> None:
    """Check that the value has the shape: a type, a value, or an object or list of shapes."""
    if isinstance(shape, Either):
        assert any(_matches(one, value) for one in shape.shapes), f"{place}: {value!r}"
    elif isinstance(shape, type):
        assert _is_of_type(shape, value), f"{place}: {value!r} is no {shape.__name__}"
    elif isinstance(shape, Each):
        assert _is_of_type(list, value), f"{place}: {value!r} is no list"
        assert value, f"{place}: the list is empty"
        check_shape([shape.shape] * len(value), value, place)
    elif isinstance(shape, dict):
        assert _is_of_type(dict, value), f"{place}: {value!r} is no object"
        assert sorted(value) == sorted(shape), place
        for name, inner in shape.items():
            check_shape(inner, value[name], f"{place}.{name}")
    elif isinstance(shape, list):
        assert _is_of_type(list, value), f"{place}: {value!r} is no list"
        assert len(value) == len(shape), f"{place}: {value!r}"
        for index, inner in enumerate(shape):
            check_shape(inner, value[index], f"{place}[{index}]")
    else:
        assert _is_of_type(type(shape), value) or _is_of_type(float, value), f"{place}: {value!r}"
        assert value == shape, f"{place}: {value!r} is not {shape!r}"


def _is_of_type(kind: type, value: Any) -> bool:
    """Return whether the value is of the type: a number may be whole, and true is no number."""
    if isinstance(value, bool):
        return kind in (bool, object)
    return isinstance(value, (int, float) if kind is float else kind)


def _matches(shape: Any, value: Any) -> bool:
    try:
        check_shape(shape, value)
    except AssertionError:
        return False
    return True

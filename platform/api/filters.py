"""The filter grammar of table routes: `where` and its kin, compiled from a whitelist to Q objects.

Only names of the whitelist reach the ORM, and every value is bound as a parameter.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import CharField, Lookup, Q, TextField
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from api.fields import QueryText
from core import json
from core.money import exact
from core.numbers import BIGGEST

# Together they stay below the 65,535 parameters that a statement of PostgreSQL may have.
MOST_CONDITIONS = 30  # of one kind
MOST_VALUES = 1000  # of one list
OPERATORS = {"==": "exact", "!=": "exact", ">": "gt", "<": "lt", ">=": "gte", "<=": "lte"}
NUL = re.compile("[\x00\ud800-\udfff]")


@CharField.register_lookup
@TextField.register_lookup
class Like(Lookup):
    """SQL's LIKE in either case: `%` any text, `_` one character, no escape character."""

    lookup_name = "like"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, left_values = self.process_lhs(compiler, connection)
        right, right_values = self.process_rhs(compiler, connection)
        return f"{left} ILIKE {right} ESCAPE ''", (*left_values, *right_values)


@dataclass(frozen=True, slots=True)
class Column:
    """A filterable column: the ORM's name for it and its type."""

    name: str
    kind: type

    def value(self, raw: Any) -> Any:
        """Return the JSON value in the column's type.

        Raises:
            ValidationError: it does not fit the column.
        """
        if self.kind is str:
            if isinstance(raw, str) and not NUL.search(raw):
                return str(raw)
        elif isinstance(raw, int) and not isinstance(raw, bool):
            if abs(raw) <= BIGGEST:
                return self.kind(raw)
        elif isinstance(raw, float) and self.kind is Decimal and abs(raw) <= BIGGEST:
            return exact(raw)
        raise ValidationError(f"{raw!r:.40} does not fit the field")


Columns = Mapping[str, Column]


@extend_schema_field({"type": "array", "items": {"type": "array", "items": {}}})
class JSONListField(serializers.Field[list[Any], Any, Any, Any]):
    """A JSON list; in the query string it arrives as its text."""

    def to_internal_value(self, data: Any) -> list[Any]:
        if isinstance(data, QueryText):
            try:
                data = json.loads_client(str(data))
            except ValueError:
                raise ValidationError("must be a JSON list") from None
        if not isinstance(data, list) or len(data) > MOST_CONDITIONS:
            raise ValidationError(f"must be a list of at most {MOST_CONDITIONS} conditions")
        return data


def compiled(columns: Columns, data: Mapping[str, Any]) -> Q:
    """Return the conjunction of all conditions in `data`.

    Raises:
        ValidationError: a condition is malformed, or names a column that is not in the
            whitelist.
    """
    found = Q()
    for key, build in BUILDERS.items():
        for number, condition in enumerate(data.get(key) or ()):
            try:
                found &= build(columns, condition)
            except ValidationError as error:
                raise ValidationError({f"{key}[{number}]": error.detail}) from None
    return found


def ordering(columns: Columns, data: Any) -> list[str]:
    """Return `orderBy` as the arguments of the ORM's order_by.

    Raises:
        ValidationError: a condition is malformed, or names a column that is not in the
            whitelist.
    """
    found = []
    for number, condition in enumerate(data or ()):
        name, direction = _parts(condition, 2)
        if direction not in ("asc", "desc"):
            raise ValidationError({f"orderBy[{number}]": "must end in asc or desc"})
        found.append(("-" if direction == "desc" else "") + _column(columns, name).name)
    return found


def _parts(condition: Any, length: int) -> list[Any]:
    if not isinstance(condition, list) or len(condition) != length:
        raise ValidationError(f"must be a list of {length}")
    return condition


def _column(columns: Columns, name: Any) -> Column:
    if not isinstance(name, str) or name not in columns:
        raise ValidationError("unknown field")
    return columns[name]


def _where(columns: Columns, condition: Any) -> Q:
    name, operator, raw = _parts(condition, 3)
    column = _column(columns, name)
    if operator == "like" and column.kind is str:
        return Q(**{f"{column.name}__like": column.value(raw)})
    if not isinstance(operator, str) or operator not in OPERATORS:
        raise ValidationError("unknown operator for this field")
    matches = Q(**{f"{column.name}__{OPERATORS[operator]}": column.value(raw)})
    return ~matches if operator == "!=" else matches


def _where_not(columns: Columns, condition: Any) -> Q:
    name, raw = _parts(condition, 2)
    column = _column(columns, name)
    return ~Q(**{column.name: column.value(raw)})


def _in(columns: Columns, condition: Any) -> Q:
    name, raw = _parts(condition, 2)
    column = _column(columns, name)
    if not isinstance(raw, list) or len(raw) > MOST_VALUES:
        raise ValidationError(f"must be a list of at most {MOST_VALUES} values")
    return Q(**{f"{column.name}__in": [column.value(value) for value in raw]})


def _between(columns: Columns, condition: Any) -> Q:
    name, raw = _parts(condition, 2)
    column = _column(columns, name)
    least, most = (column.value(value) for value in _parts(raw, 2))
    return Q(**{f"{column.name}__gte": least, f"{column.name}__lte": most})


def _negated(build: Callable[[Columns, Any], Q]) -> Callable[[Columns, Any], Q]:
    return lambda columns, condition: ~build(columns, condition)


BUILDERS: dict[str, Callable[[Columns, Any], Q]] = {
    "where": _where,
    "whereNot": _where_not,
    "whereIn": _in,
    "whereNotIn": _negated(_in),
    "whereBetween": _between,
    "whereNotBetween": _negated(_between),
}

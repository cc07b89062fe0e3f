"""The filter grammar of table routes: `where` and its kin, compiled from a whitelist to Q objects.

Only names of the whitelist reach the ORM, and every value is bound as a parameter.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Container, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import CharField, Lookup, Q, TextField
from django.db.models.sql.compiler import SQLCompiler
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from api.input_fields import QueryText
from core import json
from core.money import exact_decimal
from core.numbers import BIGGEST, as_integer, read_decimal

# Together they stay below the 65,535 parameters that a statement of PostgreSQL may have.
MOST_CONDITIONS = 30  # of one kind
MOST_VALUES = 1000  # of one list
OPERATORS = {
    "=": "exact",
    "==": "exact",
    "!=": "exact",
    ">": "gt",
    "<": "lt",
    ">=": "gte",
    "<=": "lte",
}
INDEX = r"\[(?:0|[1-9][0-9]{0,2})\]"
BRACKETED_NAME = re.compile(rf"(\w+)((?:{INDEX}){{1,3}})")  # `where[0][2]`, `whereIn[0][1][7]`
UNSTORABLE_TEXT = re.compile("[\x00\ud800-\udfff]")


@CharField.register_lookup
@TextField.register_lookup
class LikeLookup(Lookup):
    """SQL's LIKE in either case: `%` any text, `_` one character, no escape character."""

    lookup_name = "like"

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[str | int, ...]]:
        column, column_values = self.process_lhs(compiler, connection)
        pattern, pattern_values = self.process_rhs(compiler, connection)
        return f"{column} ILIKE {pattern} ESCAPE ''", (*column_values, *pattern_values)


@dataclass(frozen=True, slots=True)
class FilterColumn:
    """A filterable column: the ORM's name for it and its type."""

    name: str
    kind: type

    def convert(self, raw: object) -> object:
        """Return the JSON value, or the text of one in the query, in the column's type.

        Raises:
            ValidationError: it does not fit the column.
        """
        if self.kind is not str and isinstance(raw, QueryText | float):
            raw = self._as_number(raw)
        if self.kind is str:
            if isinstance(raw, str) and not UNSTORABLE_TEXT.search(raw):
                return str(raw)
        elif isinstance(raw, int) and not isinstance(raw, bool):
            if abs(raw) <= BIGGEST:
                return self.kind(raw)
        elif isinstance(raw, Decimal) and self.kind is Decimal and abs(raw) <= BIGGEST:
            return raw
        raise ValidationError(f"{raw!r:.40} does not fit the field")

    def _as_number(self, raw: QueryText | float) -> object:
        """Return a Decimal, or an int where the column has whole numbers; else it as it is."""
        with suppress(ValueError):
            number = raw if isinstance(raw, float) else read_decimal(raw)
            if self.kind is not Decimal:
                return as_integer(number)
            return exact_decimal(number) if isinstance(number, float) else number
        return raw


Cells = dict[tuple[int, ...], str]  # texts by their indexes
FilterColumns = Mapping[str, FilterColumn]
ConditionBuilder = Callable[[FilterColumns, object], Q]


@extend_schema_field({"type": "string"})
class JSONListField(serializers.Field[list[object], object, object, object]):
    """A JSON list; in the query string it arrives as its text, or element by element."""

    def to_internal_value(self, data: object) -> list[object]:
        if isinstance(data, QueryText):
            try:
                data = json.loads_untrusted(str(data))
            except ValueError:
                raise ValidationError("must be a JSON list") from None
        if not isinstance(data, list) or len(data) > MOST_CONDITIONS:
            raise ValidationError(f"must be a list of at most {MOST_CONDITIONS} conditions")
        return data


def join_bracketed(data: dict[str, object], lists: Container[str]) -> dict[str, object]:
    """Put lists together that the query spells out: `where[0][0]=symbol&where[0][1]==&…`.

    Raises:
        ValidationError: an element is missing, or the list is given as JSON as well.
    """
    found: dict[str, object] = {}
    cells: dict[str, Cells] = defaultdict(dict)
    for name, value in data.items():
        match = BRACKETED_NAME.fullmatch(name)
        if match and match[1] in lists and isinstance(value, QueryText):
            path = tuple(map(int, match[2][1:-1].split("][")))
            cells[match[1]][path] = value
        else:
            found[name] = value
    for name, parts in cells.items():
        if name in found:
            raise ValidationError({name: "is given twice, with different values"})
        try:
            found[name] = _nest(parts)
        except ValidationError as error:
            raise ValidationError({name: error.detail}) from None
    return found


def _nest(cells: Cells) -> list[object]:
    """Return the list that has these texts at these indexes."""
    elements: dict[int, Cells] = defaultdict(dict)
    for (index, *path), text in cells.items():
        elements[index][tuple(path)] = text
    if set(elements) != set(range(len(elements))):
        raise ValidationError("its elements must be numbered from 0, without gaps")
    if any(() in inner and len(inner) > 1 for inner in elements.values()):
        raise ValidationError("an element is both a value and a list")
    inner_cells = (elements[index] for index in range(len(elements)))
    return [inner[()] if () in inner else _nest(inner) for inner in inner_cells]


def compile_conditions(columns: FilterColumns, data: Mapping[str, Any]) -> Q:
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


def compile_ordering(columns: FilterColumns, data: Any) -> list[str]:
    """Return `orderBy` as the arguments of the ORM's order_by.

    Raises:
        ValidationError: a condition is malformed, or names a column that is not in the
            whitelist.
    """
    found = []
    for number, condition in enumerate(data or ()):
        name, direction = _split_condition(condition, 2)
        if direction not in ("asc", "desc"):
            raise ValidationError({f"orderBy[{number}]": "must end in asc or desc"})
        found.append(("-" if direction == "desc" else "") + _find_column(columns, name).name)
    return found


def _split_condition(condition: object, length: int) -> list[object]:
    if not isinstance(condition, list) or len(condition) != length:
        raise ValidationError(f"must be a list of {length}")
    return condition


def _find_column(columns: FilterColumns, name: object) -> FilterColumn:
    if not isinstance(name, str) or name not in columns:
        raise ValidationError("unknown field")
    return columns[name]


def _build_where(columns: FilterColumns, condition: object) -> Q:
    name, operator, raw = _split_condition(condition, 3)
    column = _find_column(columns, name)
    if operator == "like" and column.kind is str:
        return Q(**{f"{column.name}__like": column.convert(raw)})
    if not isinstance(operator, str) or operator not in OPERATORS:
        raise ValidationError("unknown operator for this field")
    matches = Q(**{f"{column.name}__{OPERATORS[operator]}": column.convert(raw)})
    return ~matches if operator == "!=" else matches


def _build_where_not(columns: FilterColumns, condition: object) -> Q:
    name, raw = _split_condition(condition, 2)
    column = _find_column(columns, name)
    return ~Q(**{column.name: column.convert(raw)})


def _build_in(columns: FilterColumns, condition: object) -> Q:
    name, raw = _split_condition(condition, 2)
    column = _find_column(columns, name)
    if not isinstance(raw, list) or len(raw) > MOST_VALUES:
        raise ValidationError(f"must be a list of at most {MOST_VALUES} values")
    return Q(**{f"{column.name}__in": [column.convert(value) for value in raw]})


def _build_between(columns: FilterColumns, condition: object) -> Q:
    name, raw = _split_condition(condition, 2)
    column = _find_column(columns, name)
    least, most = (column.convert(value) for value in _split_condition(raw, 2))
    return Q(**{f"{column.name}__gte": least, f"{column.name}__lte": most})


def _negate(build: ConditionBuilder) -> ConditionBuilder:
    return lambda columns, condition: ~build(columns, condition)


BUILDERS: dict[str, ConditionBuilder] = {
    "where": _build_where,
    "whereNot": _build_where_not,
    "whereIn": _build_in,
    "whereNotIn": _negate(_build_in),
    "whereBetween": _build_between,
    "whereNotBetween": _negate(_build_between),
}

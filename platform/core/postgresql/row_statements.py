"""Constant, prepared INSERTs and UPDATEs of a model's rows, in one-row and many-row forms.

A row is the values of `fields` in their order. Many rows go as one JSON text, which costs a
fraction of what a statement for each costs; for few rows the one-row form is better, as the planner
takes a JSON text for a hundred rows and scans the table.
"""

from collections.abc import Sequence
from decimal import Decimal
from functools import cached_property

import orjson
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Field, JSONField, Model

from core.postgresql.batch import StatementBatch

Row = Sequence[object]
# The statement itself fails, so that a commit that is sent along with it does not happen.
CHECKED = """
WITH done AS ({update} RETURNING 1)
SELECT CASE count(*) WHEN {expected} THEN 1 ELSE ('rows were written: ' || count(*))::integer END
FROM done
"""


class RowStatement:
    """A statement about rows of a model; subclasses have its two forms.

    Up to `few` rows go one by one.
    """

    few = 1

    def __init__(self, model: type[Model], *names: str) -> None:
        """Take the fields by their names; without names all fields but a generated key."""
        self.model = model
        self._names = names

    @cached_property
    def fields(self) -> "list[Field[object, object]]":
        """Return the fields of a row."""
        options = self.model._meta
        names = self._names or [one.name for one in options.concrete_fields if one.name != "id"]
        found = [options.get_field(name) for name in names]
        return [field for field in found if isinstance(field, Field)]

    @cached_property
    def columns(self) -> list[str]:
        """Return the quoted columns of a row."""
        return [f'"{field.column}"' for field in self.fields]

    @cached_property
    def typed_columns(self) -> str:
        """Return the columns with their types, for `json_to_recordset`."""
        types = [field.rel_db_type(connections[DEFAULT_DB_ALIAS]) for field in self.fields]
        return ", ".join(map("{} {}".format, self.columns, types))

    @cached_property
    def table(self) -> str:
        """Return the quoted name of the table."""
        return f'"{self.model._meta.db_table}"'

    def add_to(self, batch: StatementBatch, rows: Sequence[Row]) -> None:
        """Add the statement for these rows to a batch.

        An update fails that does not find all of them.
        """
        if len(rows) > self.few:
            text = _as_json_text([self._as_json(row) for row in rows])
            batch.add(self.many_rows, self._many_parameters(text, len(rows)))
            return
        for row in rows:
            batch.add(self.one_row, self._as_texts(row))

    @cached_property
    def one_row(self) -> str:
        raise NotImplementedError

    @cached_property
    def many_rows(self) -> str:
        raise NotImplementedError

    def _many_parameters(self, text: bytes, count: int) -> list[bytes | int]:
        return [text]

    def _as_json(self, row: Row) -> dict[str | None, object]:
        return dict(zip(self._keys, row, strict=True))

    def _as_texts(self, row: Row) -> list[bytes | None]:
        """Return the values as texts, whose types the statement knows: one plan for all rows."""
        return [
            _as_json_text(value) if is_json and value is not None else _as_text(value)
            for is_json, value in zip(self._is_json, row, strict=True)
        ]

    @cached_property
    def _keys(self) -> list[str | None]:
        return [field.column for field in self.fields]

    @cached_property
    def _is_json(self) -> list[bool]:
        return [isinstance(field, JSONField) for field in self.fields]


class RowInsert(RowStatement):
    """An INSERT of whole rows."""

    @cached_property
    def one_row(self) -> str:
        """Return the statement for one row, whose values are the parameters."""
        placeholders = ", ".join(["%s"] * len(self.columns))
        return f"INSERT INTO {self.table} ({', '.join(self.columns)}) VALUES ({placeholders})"  # noqa: S608

    @cached_property
    def many_rows(self) -> str:
        """Return the statement for many rows in one JSON text."""
        columns = ", ".join(self.columns)
        source = f"json_to_recordset(%s::json) AS new ({self.typed_columns})"
        return f"INSERT INTO {self.table} ({columns}) SELECT {columns} FROM {source}"  # noqa: S608


class RowUpdate(RowStatement):
    """An UPDATE of the given fields, the first of which is the key."""

    few = 3

    @cached_property
    def one_row(self) -> str:
        """Return the statement for one row, whose values are the parameters, the key last."""
        key, *others = self.columns
        assigned = ", ".join(f"{column} = %s" for column in others)
        update = f"UPDATE {self.table} SET {assigned} WHERE {key} = %s"  # noqa: S608
        return CHECKED.format(update=update, expected="1")

    @cached_property
    def many_rows(self) -> str:
        """Return the statement for many rows in one JSON text."""
        key, *others = self.columns
        assigned = ", ".join(f"{column} = new.{column}" for column in others)
        source = f"json_to_recordset(%s::json) AS new ({self.typed_columns})"
        same = f"old.{key} = new.{key}"
        update = f"UPDATE {self.table} AS old SET {assigned} FROM {source} WHERE {same}"  # noqa: S608
        return CHECKED.format(update=update, expected="%s::bigint")

    def _many_parameters(self, text: bytes, count: int) -> list[bytes | int]:
        return [text, count]

    def _as_texts(self, row: Row) -> list[bytes | None]:
        key, *others = super()._as_texts(row)
        return [*others, key]


def _as_text(value: object) -> bytes | None:
    if value is None:
        return None
    return (format(value, "f") if isinstance(value, Decimal) else str(value)).encode()


def _as_json_text(value: object) -> bytes:
    return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS)

"""COPY into tables, without their indexes meanwhile."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection
from django.db.models import JSONField, Model

DAY = 86_400  # seconds
NULL = r"\N"
INDEX_MEMORY = "512MB"  # for each index that is built
FOREIGN_KEYS_SQL = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE contype = 'f' AND conrelid = ANY(%s::regclass[])
"""
# Primary keys and unique constraints stay: they are the last defence against a mistake here.
INDEXES_SQL = """
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
    WHERE NOT indisunique AND indrelid = ANY(%s::regclass[])
"""


@dataclass(frozen=True)
class LoadPlan:
    """How many rows are made, from which login on, and for which time.

    `begin` and `now` are unix seconds.
    """

    accounts: int
    trades: int
    logs: int
    first_login: int
    begin: int
    now: int

    def login_of(self, number: int) -> int:
        """Return the login of the account with this number, counted from 0."""
        return self.first_login + number

    def time_at(self, share: float) -> int:
        """Return the unix seconds at a share of the time, 0 to 1."""
        return self.begin + int((self.now - self.begin) * share)


class TableCopy:
    """Writes rows of `model` by COPY: the columns named, all others at their defaults."""

    def __init__(self, model: type[Model], *columns: str) -> None:
        fields = {field.attname: field for field in model._meta.concrete_fields}
        missing = set(columns) - set(fields)
        if missing:
            raise ValueError(f"{model._meta.label} has no columns {sorted(missing)}")
        automatic = {model._meta.auto_field.attname} if model._meta.auto_field else set()
        others = [field for name, field in fields.items() if name not in {*columns, *automatic}]
        names = ", ".join(f'"{f.column}"' for f in [*(fields[name] for name in columns), *others])
        self._sql = f'COPY "{model._meta.db_table}" ({names}) FROM STDIN'
        self._line_end = "".join(f"\t{_default_text(field)}" for field in others) + "\n"

    def write(self, lines: Iterable[str]) -> None:
        """Write rows; each line has its columns as COPY's text, separated by tabs."""
        text = self._line_end.join([*lines, ""])
        cursor: Any
        with connection.cursor() as cursor, cursor.copy(self._sql) as copy:
            copy.write(text)


@contextmanager
def without_indexes(*models: type[Model]) -> Iterator[None]:
    """Drop the models' indexes and foreign keys for the block; create and check them again.

    Safe in one transaction: whatever fails, the tables are as they were.
    """
    tables = [model._meta.db_table for model in models]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # deferred checks forbid ALTER TABLE
        cursor.execute(FOREIGN_KEYS_SQL, [tables])
        keys = cursor.fetchall()
        cursor.execute(INDEXES_SQL, [tables])
        indexes = cursor.fetchall()
        for table, name, _ in keys:
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
        yield
        cursor.execute(f"SET LOCAL maintenance_work_mem = '{INDEX_MEMORY}'")
        for _, definition in indexes:
            cursor.execute(definition)
        for table, name, definition in keys:
            cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')


def take_next_key(model: type[Model]) -> int:
    """Take and return the next key from the sequence of `model`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s)", [_sequence_name(model)])
        return int(cursor.fetchone()[0])


def set_next_key(model: type[Model], key: int) -> None:
    """Let the next row of `model` have this key."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(%s, %s, false)", [_sequence_name(model), key])


def _sequence_name(model: type[Model]) -> str:
    with connection.cursor() as cursor:
        column: Any = model._meta.pk
        table = model._meta.db_table
        cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [table, column.column])
        return str(cursor.fetchone()[0])


def _default_text(field: Any) -> str:
    value = field.get_default()
    if value is None:
        return NULL
    if isinstance(field, JSONField):
        return orjson.dumps(value).decode()
    return str(value)

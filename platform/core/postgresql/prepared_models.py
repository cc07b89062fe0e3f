"""Constant, server-prepared statements that return model instances.

To let the ORM compile a join of three models for every request costs several times what
PostgreSQL needs to answer it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model
from django.db.models.base import ModelState

from core.postgresql import prepared_cursor
from core.postgresql.batch import BatchedStatement, StatementBatch

M = TypeVar("M", bound=Model)
ModelsByAlias = Mapping[str, type[Model]]


ModelRow = tuple[Any, ...]  # an instance of every model, or None
ParamT = int | str | list[int]


class PreparedModels:
    """A statement with `{columns}` for those of the models, each named by its table's alias.

    `models` is called at the first use, as managers are made before their models.
    """

    def __init__(self, statement: str, models: Callable[[], ModelsByAlias]) -> None:
        self._statement, self._models = statement, models

    def fetch(self, params: Sequence[ParamT], using: str = DEFAULT_DB_ALIAS) -> list[ModelRow]:
        """Return of each row an instance of every model, None for what an outer join missed."""
        with prepared_cursor(using) as cursor:
            cursor.execute(self.sql, params)
            return self.build(cursor.fetchall(), using)

    def add_to(self, batch: StatementBatch, params: Sequence[ParamT]) -> BatchedStatement:
        """Add the statement to a batch; `build` makes the instances of its rows."""
        return batch.add(self.sql, params)

    def build(
        self, rows: Iterable[Sequence[object]], using: str = DEFAULT_DB_ALIAS
    ) -> list[ModelRow]:
        """Return of each row an instance of every model."""
        parts = self._model_columns
        if len(parts) == 1:
            return [(parts[0].build(row, using),) for row in rows]
        return [tuple(part.build(row, using) for part in parts) for row in rows]

    def fetch_with_rest(
        self, params: Sequence[Any], using: str = DEFAULT_DB_ALIAS
    ) -> list[tuple[tuple[Any, ...], tuple[Any, ...]]]:
        """Return `fetch`, and of each row the values after `{columns}`."""
        with prepared_cursor(using) as cursor:
            cursor.execute(self.sql, params)
            rows = cursor.fetchall()
        parts, end = self._model_columns, self._model_columns[-1].end
        return [(tuple(part.build(row, using) for part in parts), row[end:]) for row in rows]

    @cached_property
    def sql(self) -> str:
        """Return the statement with the columns of the models, in their order."""
        columns = (
            f'{alias}."{field.column}"'
            for alias, model in self._models().items()
            for field in model._meta.concrete_fields
        )
        return self._statement.format(columns=", ".join(columns))

    @cached_property
    def _model_columns(self) -> "list[_ModelColumns]":
        found: list[_ModelColumns] = []
        for model in self._models().values():
            found.append(_ModelColumns(model, found[-1].end if found else 0))
        return found


class _ModelColumns:
    """The columns of a row that belong to one model."""

    def __init__(self, model: type[Model], start: int) -> None:
        fields = model._meta.concrete_fields
        self._model, self._start, self.end = model, start, start + len(fields)
        self._names = [field.attname for field in fields]
        self._key = next(n for n, field in enumerate(fields) if field.primary_key)
        self._loaded = [(n, f) for n, f in enumerate(fields) if hasattr(f, "from_db_value")]

    def build(self, row: Sequence[object], using: str) -> Model | None:
        values = list(row[self._start : self.end])
        if values[self._key] is None:
            return None
        if self._loaded:
            connection = connections[using]
            for n, field in self._loaded:
                values[n] = field.from_db_value(values[n], None, connection)
        return make_stored(self._model, dict(zip(self._names, values, strict=True)), using)


def make_stored(model: type[M], values: Mapping[str, object], using: str) -> M:
    """Return what `model.from_db` returns for these values of all fields, by their attributes.

    Without the way through `Model.__init__`, which costs more than a small statement.
    """
    instance = model.__new__(model)
    state = ModelState()
    state.adding, state.db = False, using
    vars(instance).update(values, _state=state)
    return instance


def make_new(model: type[M], values: Mapping[str, object], **related: Model) -> M:
    """Return what `model(**values, **related)` returns, if `values` has all fields of the rest.

    Without the way through `Model.__init__`, for rows that are made by the thousand.
    """
    instance = model.__new__(model)
    state = ModelState()
    state.db = DEFAULT_DB_ALIAS
    fields = vars(instance)
    fields.update(values, _state=state)
    for name, one in related.items():
        fields[f"{name}_id"] = one.pk
        state.fields_cache[name] = one
    return instance

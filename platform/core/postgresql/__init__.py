"""The database backend, and the parts of it that sections use."""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.utils import CursorWrapper
from django.db.models import QuerySet

if TYPE_CHECKING:
    from core.postgresql.base import DatabaseWrapper


def prepared_cursor(using: str = DEFAULT_DB_ALIAS) -> CursorWrapper:
    """Return a cursor (context manager) that prepares its statements, see `DatabaseWrapper`."""
    connection: Any = connections[using]
    cursor: CursorWrapper = connection.prepared()
    return cursor


def streamed_cursor(at_once: int, using: str = DEFAULT_DB_ALIAS) -> CursorWrapper:
    """Return a cursor (context manager) that stores no result, see `DatabaseWrapper`."""
    connection: Any = connections[using]
    cursor: CursorWrapper = connection.streamed(at_once)
    return cursor


def commit_asynchronously(using: str = DEFAULT_DB_ALIAS) -> None:
    """Let this transaction's commit return before it is on disk: all of it may be lost."""
    with connections[using].cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")


@contextmanager
def writes_with_commit(using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Let what the block defers wait beyond inner `atomic`s, till the commit or another statement.

    An error of it is then raised only there: not for whoever goes on after one.
    """
    connection: DatabaseWrapper = connections[using]  # type: ignore[assignment]  # it is ours
    before, connection.defers_writes = connection.defers_writes, True
    try:
        yield
    finally:
        connection.defers_writes = before


def stream_rows(
    rows: QuerySet[Any, tuple[object, ...]], at_once: int
) -> Generator[list[tuple[object, ...]]]:
    """Yield the rows of a `values_list`, `at_once` at a time; no others are in memory.

    Until it is exhausted or closed nothing else can be asked on the connection.
    """
    connection = connections[rows.db]
    compiler = rows.query.get_compiler(connection=connection)
    try:
        sql, params = compiler.as_sql()
    except EmptyResultSet:
        return
    with streamed_cursor(at_once, rows.db) as cursor:
        cursor.execute(sql, params)
        while chunk := cursor.fetchmany():
            yield list(compiler.results_iter(results=[chunk], tuple_expected=True))

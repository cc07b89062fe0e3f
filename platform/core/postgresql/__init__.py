"""The database backend, and what of it the sections use."""

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections


def prepared(using: str = DEFAULT_DB_ALIAS) -> Any:
    """A cursor, as a context manager, that prepares its statements; see `DatabaseWrapper`."""
    connection: Any = connections[using]
    return connection.prepared()


def commit_soon(using: str = DEFAULT_DB_ALIAS) -> None:
    """Let this transaction's commit answer before it is on the disk: all of it may be lost."""
    with connections[using].cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")

"""The database backend, and what of it the sections use."""

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections


def prepared(using: str = DEFAULT_DB_ALIAS) -> Any:
    """A cursor, as a context manager, that prepares its statements; see `DatabaseWrapper`."""
    connection: Any = connections[using]
    return connection.prepared()

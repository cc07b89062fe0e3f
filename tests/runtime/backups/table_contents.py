"""The contents of every table, for comparison."""

from collections.abc import Callable
from typing import Any

TABLES = """
    SELECT relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname
"""
SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences ORDER BY sequencename"
Query = Callable[[str], list[tuple[Any, ...]]]


def table_contents(query: Query) -> dict[str, object]:
    """Return all rows by table, as text, and the value of each sequence."""
    found: dict[str, object] = {"sequences": query(SEQUENCES)}
    for (table,) in query(TABLES):
        found[table] = sorted(row for (row,) in query(f'SELECT t::text FROM "{table}" AS t'))
    return found

"""The distinct values of an audit column, read from its index instead of from all rows."""

from typing import Literal

from django.db import connection

# One step down the index for each value ("loose index scan").
DISTINCT_VALUES = """
WITH RECURSIVE found (name) AS (
    (SELECT {column} FROM audit_entry ORDER BY {column} LIMIT 1)
    UNION ALL
    SELECT (
        SELECT {column} FROM audit_entry WHERE {column} > found.name ORDER BY {column} LIMIT 1
    ) FROM found WHERE found.name IS NOT NULL
)
SELECT name FROM found WHERE name <> '' LIMIT 200
"""


def list_values(column: Literal["action", "model"]) -> list[str]:
    """Return the values of an indexed column of `Entry` in order, at most 200, none empty."""
    with connection.cursor() as cursor:
        cursor.execute(DISTINCT_VALUES.format(column=column))
        return [name for (name,) in cursor.fetchall()]

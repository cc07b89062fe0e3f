"""The schema that the migrations make, as sorted lines; tests/core/schema.txt stores it.

To write the file again after a migration:
    PYTHONPATH=platform .venv/bin/python -m tests.core.schema
"""

import re
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("schema.txt")
COLUMNS = """
SELECT concat_ws(' ', relname, 'column', attname, format_type(atttypid, atttypmod),
    CASE WHEN attnotnull THEN 'NOT NULL' END,
    CASE attidentity WHEN 'a' THEN 'IDENTITY ALWAYS' WHEN 'd' THEN 'IDENTITY BY DEFAULT' END,
    CASE attgenerated WHEN '' THEN 'DEFAULT ' ELSE 'GENERATED ' END || pg_get_expr(adbin, adrelid))
FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
    AND attnum > 0 AND NOT attisdropped
"""
INDEXES = """
SELECT concat_ws(' ', tablename, 'index', indexdef) FROM pg_indexes WHERE schemaname = 'public'
"""
# NOT NULL is told with the column; only newer versions of PostgreSQL make a constraint of it.
CONSTRAINTS = """
SELECT concat_ws(' ', relname, 'constraint', conname, pg_get_constraintdef(pg_constraint.oid))
FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
"""
TRIGGERS = """
SELECT concat_ws(' ', relname, 'trigger', pg_get_triggerdef(pg_trigger.oid), 'STATE', tgenabled)
FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
WHERE relnamespace = 'public'::regnamespace AND NOT tgisinternal
"""
FUNCTIONS = """
SELECT concat_ws(' ', proname, 'function', pg_get_functiondef(pg_proc.oid))
FROM pg_proc WHERE pronamespace = 'public'::regnamespace
"""
SEQUENCES = """
SELECT concat_ws(' ', sequencename, 'sequence', data_type, 'START', start_value,
    'MINVALUE', min_value, 'MAXVALUE', max_value, 'INCREMENT', increment_by)
FROM pg_sequences WHERE schemaname = 'public'
"""
EXTENSIONS = "SELECT concat_ws(' ', extname, 'extension') FROM pg_extension"
QUERIES = (COLUMNS, INDEXES, CONSTRAINTS, TRIGGERS, FUNCTIONS, SEQUENCES, EXTENSIONS)


def read_schema(cursor: Any) -> list[str]:
    """Return a line for each object of the database, sorted; the order of columns is left out."""
    lines = []
    for query in QUERIES:
        cursor.execute(query)
        lines += [re.sub(r"\s+", " ", row[0]).strip() for row in cursor.fetchall()]
    return sorted(lines)


if __name__ == "__main__":
    from tests.tools.bench.servers import bench_servers

    with bench_servers():
        from django.db import connection

        with connection.cursor() as own:
            FILE.write_text("\n".join(read_schema(own)) + "\n")

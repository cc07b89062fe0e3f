"""PostgreSQL's query plans as they would be with a million rows in every big table."""

import re
from collections.abc import Iterator
from typing import Any

import orjson
from django.contrib import admin
from django.db import connection
from django.db.models import Model

ROWS = 1_000_000
ACCOUNTS = 100_000  # and as many users and addresses
OF_ACCOUNTS = {"accounts_user", "accounts_account", "alerts_address"}
OF_ONE = -0.02  # distinct values in a row: fifty rows belong to one account, one trade, …
# Tells the planner of the size; the columns are as if never analyzed, but for those that lead to
# other rows.
SIZE = """
    SELECT pg_restore_relation_stats('schemaname', 'public', 'relname', %s,
        'relpages', 1, 'reltuples', %s::real)
"""
COLUMNS = "SELECT attname FROM pg_stats WHERE schemaname = 'public' AND tablename = %s"
FORGET = "SELECT pg_clear_attribute_stats('public', %s, %s, false)"
LEADS = """
    SELECT pg_restore_attribute_stats('schemaname', 'public', 'relname', %s, 'attname', %s,
        'inherited', false, 'n_distinct', %s::real, 'null_frac', 0::real, 'avg_width', 8)
"""
PARTIAL = "SELECT relname FROM pg_index JOIN pg_class ON oid = indexrelid WHERE indpred IS NOT NULL"
FIRST = """
    SELECT relname, trim('"' FROM pg_get_indexdef(indexrelid, 1, true))
    FROM pg_index JOIN pg_class ON oid = indexrelid WHERE indexprs IS NULL
"""
MOST_SORTED = 50_000  # rows


def big_tables() -> set[str]:
    """The tables of all pages that do not call theirs small."""
    pages: dict[type[Model], Any] = admin.site._registry
    return {model._meta.db_table for model, page in pages.items() if not page.small}


def pretend_million_rows(tables: set[str]) -> None:
    """Set the tables' statistics until the transaction ends. Every table needs a row."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(SIZE, [table, ACCOUNTS if table in OF_ACCOUNTS else ROWS])
            cursor.execute(COLUMNS, [table])
            for (column,) in cursor.fetchall():
                cursor.execute(FORGET, [table, column])
        for model in admin.site._registry:
            for column in foreign_key_columns(model, tables):
                cursor.execute(LEADS, [model._meta.db_table, column, OF_ONE])


def foreign_key_columns(model: type[Model], tables: set[str]) -> Iterator[str]:
    """Return the columns of a big table that refer to rows of another one."""
    if model._meta.db_table in tables:
        for field in model._meta.concrete_fields:
            other = field.related_model
            leads = isinstance(other, type) and other._meta.db_table in tables
            if field.name == "login" or leads:
                yield str(field.column)


class Indexes:
    """What a plan does not say: which indexes are partial, and each one's first column."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(PARTIAL)
            self.partial = {name for (name,) in cursor.fetchall()}
            cursor.execute(FIRST)
            self.first: dict[str, str] = dict(cursor.fetchall())

    def is_filtering_walk(self, node: dict[str, Any]) -> bool:
        """Return whether a node scans a full index from its start, filtering.

        That is an index for its order alone, or by what is not its first column.
        """
        name, found = node.get("Index Name", ""), node.get("Index Cond", "")
        if name in self.partial or not (found or "Filter" in node):
            return False
        first = self.first.get(name)
        return not found or (first is not None and not re.search(rf"\b{first}\b", found))


def plan_nodes(explained: str) -> Iterator[dict[str, Any]]:
    """Yield all nodes of a plan in JSON."""
    waiting = [orjson.loads(explained)[0]["Plan"]] if explained else []  # nothing was asked
    while waiting:
        node = waiting.pop()
        yield node
        waiting += node.get("Plans", [])


def full_scans(explained: str, tables: set[str], indexes: Indexes) -> list[str]:
    """Return which nodes read a big table from its start until enough is found, or whole."""
    found = []
    for node in plan_nodes(explained):
        kind, table = node["Node Type"], node.get("Relation Name")
        read = kind in ("Seq Scan", "Sample Scan") or (
            "Index" in kind and indexes.is_filtering_walk(node)
        )
        if table in tables and read:
            found.append(f"{kind} on {table}: {node.get('Filter', 'all of it')}")
        if kind == "Sort" and node["Plan Rows"] > MOST_SORTED:
            found.append(f"{kind} of {node['Plan Rows']} rows by {node['Sort Key']}")
    return found

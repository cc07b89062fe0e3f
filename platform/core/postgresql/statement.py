"""Constant statements that libpq runs by itself: text in, text out, for the hottest reads.

Cursors of Django and psycopg take several times as long as PostgreSQL needs to answer a row.
Outside of transactions a `Statement` does without them; within one it goes through
`prepared_cursor` and answers the same. Never lock rows by one: libpq's wait could not be
interrupted.
"""

import hashlib
import re
import time
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import Connection, errors
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

from core.postgresql import prepared_cursor

Row = list[bytes | None]
# SQLSTATEs of a plan that is gone or outdated: psycopg drops all after a rollback, and a migration
# may have changed a column.
REPLANNED = (errors.InvalidSqlStatementName.sqlstate, errors.FeatureNotSupported.sqlstate)
_prepared: WeakKeyDictionary[Connection, set[bytes]] = WeakKeyDictionary()  # connection → names


class Statement:
    """A statement with `%s` for its parameters."""

    def __init__(self, sql: str) -> None:
        numbers = iter(range(1, sql.count("%s") + 1))
        self._sql = sql
        self._command = re.sub("%s", lambda _: f"${next(numbers)}", sql).encode()
        self._name = b"statement_" + hashlib.sha256(self._command).hexdigest()[:16].encode()

    def fetch(self, params: Sequence[object], using: str = DEFAULT_DB_ALIAS) -> list[Row]:
        """Return the rows as PostgreSQL's text, None for NULL.

        Raises:
            django.db.Error: as a cursor would.
        """
        connection = connections[using]
        if connection.in_atomic_block or connection.execute_wrappers:
            return self._fetch_by_cursor(params, using)
        connection.ensure_connection()
        began = time.monotonic()
        with connection.wrap_database_errors:
            result = self._run(connection.connection, [str(value).encode() for value in params])
        if connection.queries_logged:
            spent = f"{time.monotonic() - began:.3f}"
            connection.queries_log.append({"sql": self._sql, "time": spent})
        return _rows_of(result)

    def _fetch_by_cursor(self, params: Sequence[Any], using: str) -> list[Row]:
        with prepared_cursor(using) as cursor:
            cursor.execute(self._sql, params)
            return _rows_of(cursor.pgresult)

    def _run(self, connection: Connection, params: Sequence[bytes]) -> PGresult:
        """Execute the statement, and prepare it where this connection has no plan of it."""
        names = _prepared.setdefault(connection, set())
        if self._name in names:
            result = connection.pgconn.exec_prepared(self._name, params)
            if result.status == ExecStatus.TUPLES_OK:
                return result
            error = _error_of(connection, result)
            if error.sqlstate not in REPLANNED:
                raise error
            connection.pgconn.exec_(b"DEALLOCATE " + self._name)  # it may be gone already
        result = connection.pgconn.prepare(self._name, self._command)
        if result.status == ExecStatus.COMMAND_OK:
            names.add(self._name)
            result = connection.pgconn.exec_prepared(self._name, params)
        if result.status != ExecStatus.TUPLES_OK:
            raise _error_of(connection, result)
        return result


def _error_of(connection: Connection, result: PGresult) -> errors.Error:
    """Return the error of a failed result; a broken connection has no SQLSTATE of its own."""
    if connection.closed:
        return errors.OperationalError(result.error_message.decode(errors="replace"))
    return errors.error_from_result(result)


def _rows_of(result: PGresult) -> list[Row]:
    fields, value_of = range(result.nfields), result.get_value
    return [[value_of(row, field) for field in fields] for row in range(result.ntuples)]

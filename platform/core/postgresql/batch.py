"""Statements that are sent together and awaited once.

psycopg's own pipeline sends, polls and fetches for each statement, which costs a request more than
PostgreSQL's work does. A batch hands all of them to libpq at once, begins the transaction where it
has not begun, and can commit it in the same round trip. It waits by `poll`, so that a thread that
waits for a row lock does not keep the GIL. Plans are psycopg's own: it drops them after a rollback.
"""

import re
import select
import time
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import Connection, errors
from psycopg._preparing import Prepare
from psycopg.adapt import Transformer
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult

if TYPE_CHECKING:
    from core.postgresql.base import DatabaseWrapper

Parameter = str | bytes | int | None | list[int]  # bytes are PostgreSQL's text already
ResultRow = tuple[object, ...]
BEGIN, COMMIT = "BEGIN", "COMMIT"
SYNCED, FAILED = ExecStatus.PIPELINE_SYNC, ExecStatus.FATAL_ERROR


class BatchedStatement:
    """A statement with `%s` for its parameters; `rows` are known when its batch has run.

    A `plain` one has no parameters and no plan.
    """

    __slots__ = ("params", "plain", "rows", "sql")

    def __init__(self, sql: str, params: Sequence[Parameter] = (), *, plain: bool = False) -> None:
        self.sql, self.plain = sql, plain
        self.params = [as_text(value) for value in params]
        self.rows: list[ResultRow] = []


class StatementBatch:
    """Statements of one connection, in their order."""

    def __init__(self, using: str = DEFAULT_DB_ALIAS) -> None:
        self._using = using
        self._statements: list[BatchedStatement] = []

    def add(self, sql: str, params: Sequence[Parameter]) -> BatchedStatement:
        """Add a statement; it is prepared by its first execution."""
        statement = BatchedStatement(sql, params)
        self._statements.append(statement)
        return statement

    def run(self) -> None:
        """Execute all, after what was deferred.

        Raises:
            django.db.Error: the first one; nothing after it was executed.
        """
        connection: DatabaseWrapper = connections[self._using]  # type: ignore[assignment]  # ours
        statements = [*connection.take_deferred(), *self._statements]
        connection.validate_no_broken_transaction()
        run_statements(connection, statements)

    def defer(self) -> None:
        """Execute all before the connection's next statement, or with its commit."""
        connection: DatabaseWrapper = connections[self._using]  # type: ignore[assignment]  # ours
        connection.defer(self._statements)


def run_statements(connection: "DatabaseWrapper", statements: list[BatchedStatement]) -> None:
    """Execute the statements in one round trip, and set their rows."""
    if not statements:
        return
    connection.ensure_connection()
    began = time.monotonic()
    if connection.execute_wrappers:
        _run_by_cursors(connection, statements)
        return
    raw: Connection = connection.connection
    with connection.wrap_database_errors:
        _exchange(raw, _with_begin(raw, statements))
    if connection.queries_logged:
        spent = f"{time.monotonic() - began:.3f}"
        connection.queries_log.extend({"sql": one.sql, "time": spent} for one in statements)


def _run_by_cursors(connection: "DatabaseWrapper", statements: list[BatchedStatement]) -> None:
    """Execute one after the other, as whoever wraps the execution of statements expects it."""
    for one in statements:
        with connection.cursor() if one.plain else connection.prepared() as cursor:
            params = [None if value is None else value.decode() for value in one.params]
            cursor.execute(one.sql, params or None)
            if cursor.description is not None:
                one.rows = cursor.fetchall()


def _with_begin(raw: Connection, statements: list[BatchedStatement]) -> list[BatchedStatement]:
    idle = raw.pgconn.transaction_status == TransactionStatus.IDLE
    if idle and not raw.autocommit:
        return [BatchedStatement(BEGIN, plain=True), *statements]
    return statements


def _exchange(raw: Connection, statements: list[BatchedStatement]) -> None:
    """Send all, and take the answer of each."""
    pgconn = raw.pgconn
    pgconn.enter_pipeline_mode()
    try:
        plans = [_send(raw, one) for one in statements]
        pgconn.pipeline_sync()
        failed = _take_answers(raw, statements, plans)
    except BaseException:  # answers may still come, which nobody would take
        raw.close()
        raise
    pgconn.exit_pipeline_mode()
    if failed is not None:
        raise errors.error_from_result(failed)


def _take_answers(
    raw: Connection, statements: list[BatchedStatement], plans: "list[NewPlan | None]"
) -> PGresult | None:
    """Set the rows of the statements; return the first result that is an error."""
    failed: PGresult | None = None
    answers = _answers(raw.pgconn)
    for statement, plan in zip(statements, plans, strict=True):
        results = [next(answers) for _ in range(1 if plan is None else 2)]
        failed = failed or next((one for one in results if one.status == FAILED), None)
        if failed is None and plan is not None:
            raw._prepared.maybe_add_to_cache(*plan)  # type: ignore[arg-type]  # noqa: SLF001
        if failed is None and results[-1].ntuples:
            transformer = Transformer(raw)
            transformer.set_pgresult(results[-1])
            statement.rows = transformer.load_rows(0, results[-1].ntuples, tuple)
    if next(answers).status != SYNCED:
        raise errors.OperationalError("the answers of a batch are out of order")
    return failed


class PlannedQuery(NamedTuple):
    """What psycopg knows a plan by."""

    query: bytes
    types: tuple[int, ...] = ()


NewPlan = tuple[PlannedQuery, Prepare, bytes]


def _send(raw: Connection, statement: BatchedStatement) -> NewPlan | None:
    """Send the statement; return its plan if it is only made now."""
    if statement.plain:
        raw.pgconn.send_query_params(statement.sql.encode(), None)
        return None
    query = PlannedQuery(numbered(statement.sql))
    prepare, name = raw._prepared.get(query, True)  # type: ignore[arg-type]  # noqa: SLF001
    if prepare is Prepare.NO:  # the connection is configured so
        raw.pgconn.send_query_params(query.query, statement.params)
        return None
    if prepare is Prepare.SHOULD:
        raw.pgconn.send_prepare(name, query.query)
    raw.pgconn.send_query_prepared(name, statement.params)
    return (query, prepare, name) if prepare is Prepare.SHOULD else None


def _answers(pgconn: PGconn) -> Iterator[PGresult]:
    """Yield the result of each command, and of the sync at the end.

    Raises:
        OperationalError: the connection is broken.
    """
    poll = select.poll()
    poll.register(pgconn.socket, select.POLLIN | select.POLLOUT)
    while pgconn.flush():
        poll.poll()
        pgconn.consume_input()
    poll.modify(pgconn.socket, select.POLLIN)
    while True:
        while pgconn.is_busy():
            poll.poll()
            pgconn.consume_input()
        result = pgconn.get_result()
        if result is not None:
            yield result
        if pgconn.status == ConnStatus.BAD:
            text = pgconn.error_message.decode(errors="replace")
            raise errors.OperationalError(text)


@cache
def numbered(sql: str) -> bytes:
    """Return the statement with `$1`, `$2` … as libpq has them."""
    numbers = iter(range(1, sql.count("%s") + 1))
    return re.sub("%s", lambda _: f"${next(numbers)}", sql).encode()


def as_text(value: Parameter) -> bytes | None:
    """Return the parameter as PostgreSQL's text; the statement knows its type."""
    if value is None or isinstance(value, bytes):
        return value
    if isinstance(value, list):
        return b"{%s}" % ",".join(map(str, value)).encode()
    return str(value).encode()

"""Django's PostgreSQL backend, with prepared statements and a pool that outlives a restart.

The pool's own check of each connection costs a round trip a request, and it waits longer
and longer between two broken ones: with sixteen of them no request got a connection within
ten seconds.
"""

import select
import threading
from collections.abc import Generator, Iterable, Iterator
from itertools import chain, islice
from typing import Any, ClassVar, Self
from weakref import WeakSet, finalize

from django.db import DEFAULT_DB_ALIAS
from django.db.backends.postgresql import base
from django.db.backends.utils import CursorWrapper
from psycopg import Connection, capabilities
from psycopg.errors import FeatureNotSupported
from psycopg.pq import TransactionStatus

from core.postgresql.batch import COMMIT, BatchedStatement, run_statements


class _Lease:
    """The connection that a thread keeps. Only the thread has it: with the thread it ends.

    Web servers end threads that have nothing to do, and a pool counts what it has given out
    for ever.
    """

    def __init__(self, pool: Any, connection: Connection) -> None:
        self._give_back = finalize(self, pool.putconn, connection)
        self._give_back.atexit = False

    def end(self) -> None:
        """Leave it to the caller to give the connection back."""
        self._give_back.detach()


class _ThreadLeases(threading.local):
    """The leases of one thread."""

    def __init__(self) -> None:
        self.by_connection: dict[Connection, _Lease] = {}


class DatabaseWrapper(base.DatabaseWrapper):
    """Replaces all dead connections of the pool as soon as one is found dead."""

    # Whether a thread keeps its connection from one request to the next: to take one from the
    # pool and to give it back costs more than a small statement. At most half of the pool is
    # kept so; other threads take turns. For processes with few threads.
    keeps_connections: ClassVar[bool] = False
    _leases: ClassVar[WeakSet[_Lease]] = WeakSet()  # of all threads
    _of_thread: ClassVar[_ThreadLeases] = _ThreadLeases()

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # as they come
        self._deferred: list[BatchedStatement] = []  # with the next statement, or the commit
        self._unsent_savepoints: set[str] = set()  # that were given up before they were sent
        self.defers_writes = False  # beyond the end of an inner `atomic`, till the commit

    def connect(self) -> None:
        """Take a connection from the pool, to be kept where that is allowed."""
        self._forget_deferred()
        super().connect()
        pool = self.pool
        if self.keeps_connections and pool is not None and len(self._leases) < pool.max_size // 2:
            lease = _Lease(pool, self.connection)
            self._of_thread.by_connection[self.connection] = lease
            self._leases.add(lease)
            self.close_at = None

    def close(self) -> None:
        """Give the connection back; what is deferred belongs to its transaction."""
        self._forget_deferred()
        lease = self._of_thread.by_connection.pop(self.connection, None)
        if lease is not None:
            lease.end()
        super().close()

    def close_if_unusable_or_obsolete(self) -> None:
        """Give the connection back at a request's begin and end, unless it is kept and works."""
        leased = self.connection in self._of_thread.by_connection
        if leased and not self.in_atomic_block and has_hung_up(self.connection):
            self.close()
            pool = self.pool
            pool.check()
        else:
            super().close_if_unusable_or_obsolete()

    def prepared(self) -> CursorWrapper:
        """Return a cursor whose statements each connection plans once and then only executes.

        For constant statements that every request runs. The ORM does not use it: bound by
        the server, a number beyond its column's type wraps around in Django's `IN`.
        """
        self.ensure_connection()
        return self._prepare_cursor(PreparedCursor(self.connection))

    def streamed(self, at_once: int) -> CursorWrapper:
        """Return a cursor that reads its rows as they are fetched, `at_once` at a time.

        It stores none of them. Nothing else can be asked on this connection until all are
        fetched or it is closed.
        """
        self.ensure_connection()
        return self._prepare_cursor(StreamedCursor(self.connection, at_once))

    def defer(self, statements: Iterable[BatchedStatement]) -> None:
        """Execute the statements before the next one, or with the commit.

        They end up in one round trip with it. An error of theirs is raised there too, at the
        latest at the end of an inner `atomic`.
        """
        self._deferred.extend(statements)

    def take_deferred(self) -> list[BatchedStatement]:
        """Return what is deferred, which is the caller's then."""
        deferred, self._deferred = self._deferred, []
        return deferred

    def validate_no_broken_transaction(self) -> None:
        """Execute what is deferred: a statement is about to be executed."""
        super().validate_no_broken_transaction()
        run_statements(self, self.take_deferred())

    def _prepare_cursor(self, cursor: object) -> CursorWrapper:
        run_statements(self, self.take_deferred())
        wrap = super()._prepare_cursor  # type: ignore[misc]  # missing in the stubs
        wrapped: CursorWrapper = wrap(cursor)
        return wrapped

    def _savepoint(self, sid: str) -> None:
        self._deferred.append(BatchedStatement(f"SAVEPOINT {self._quoted(sid)}", plain=True))

    def _savepoint_commit(self, sid: str) -> None:
        if sid in self._unsent_savepoints:
            self._unsent_savepoints.discard(sid)
            return
        self._deferred.append(
            BatchedStatement(f"RELEASE SAVEPOINT {self._quoted(sid)}", plain=True)
        )
        if not self.defers_writes and not all(one.plain for one in self._deferred):
            run_statements(self, self.take_deferred())

    def _savepoint_rollback(self, sid: str) -> None:
        """Undo what was done since the savepoint; one that was not sent yet is only forgotten."""
        sent = [one.sql for one in self._deferred]
        begin = f"SAVEPOINT {self._quoted(sid)}"
        if begin in sent:
            del self._deferred[sent.index(begin) :]
            self._unsent_savepoints.add(sid)
            return
        self._deferred.clear()
        if self.connection.pgconn.transaction_status == TransactionStatus.INTRANS:
            self._deferred.append(BatchedStatement(f"ROLLBACK TO {begin}", plain=True))
        else:  # psycopg drops the plans: one may be the cause
            super()._savepoint_rollback(sid)  # type: ignore[misc]  # missing in the stubs

    def _quoted(self, sid: str) -> str:
        return self.ops.quote_name(sid)

    def _commit(self) -> None:
        deferred = self.take_deferred()
        self._unsent_savepoints.clear()
        if all(one.plain for one in deferred):  # savepoints that are of no use any more
            super()._commit()  # type: ignore[misc]  # as above
        elif self.execute_wrappers:
            run_statements(self, deferred)
            super()._commit()  # type: ignore[misc]  # as above
        else:
            run_statements(self, [*deferred, BatchedStatement(COMMIT, plain=True)])

    def _forget_deferred(self) -> None:
        self._deferred.clear()
        self._unsent_savepoints.clear()

    def _rollback(self) -> None:
        self._forget_deferred()
        super()._rollback()  # type: ignore[misc]  # as above

    @classmethod
    def pool_numbers(cls, using: str = DEFAULT_DB_ALIAS) -> dict[str, float]:
        """Count this process's connections, the free ones, and the requests waiting for one."""
        pool = cls._connection_pools.get(using)  # type: ignore[attr-defined]  # as above
        if pool is None:
            return {"size": 0, "available": 0, "waiting": 0}
        found = pool.get_stats()
        names = {"size": "pool_size", "available": "pool_available", "waiting": "requests_waiting"}
        return {name: found.get(key, 0) for name, key in names.items()}

    def get_new_connection(self, conn_params: object) -> Connection:
        connection: Connection = super().get_new_connection(conn_params)
        pool = self.pool
        if pool is None or not has_hung_up(connection):
            return connection
        pool.putconn(connection)
        pool.check()
        renewed: Connection = super().get_new_connection(conn_params)
        return renewed


ServerBinding: Any = base.ServerBindingCursor  # the stubs know neither its base nor `prepare`


class PreparedCursor(ServerBinding):  # type: ignore[misc]  # a base that is Any
    """Prepares what it executes.

    A plan whose result type a migration has changed is refused for as long as it is cached.
    Outside a transaction all plans are dropped then; a transaction's rollback drops them as
    well, and `core.locks.transactional` runs it again.
    """

    def execute(self, query: object, params: object = None) -> object:
        try:
            return super().execute(query, params, prepare=True)
        except FeatureNotSupported:
            if self.connection.info.transaction_status != TransactionStatus.IDLE:
                raise
            # psycopg notices DEALLOCATE ALL only the first time; a rollback always drops the plans.
            with self.connection.transaction(force_rollback=True):
                pass
            return super().execute(query, params, prepare=True)


ClientBinding: Any = base.Cursor  # as above


class StreamedCursor(ClientBinding):  # type: ignore[misc]  # a base that is Any
    """Reads the result while PostgreSQL makes it."""

    def __init__(self, connection: object, at_once: int) -> None:
        super().__init__(connection)
        self._at_once = at_once if capabilities.has_stream_chunked() else 1
        self._source: Generator[object] | None = None
        self._arriving: Iterator[object] = iter(())

    def execute(self, query: object, params: object = None) -> Self:
        """Send the statement and await the first row, so that what fails does so here."""
        self._source = self.stream(query, params, size=self._at_once)
        first = list(islice(self._source, 1))
        self._arriving = chain(first, self._source)
        return self

    def fetchmany(self, size: int = 0) -> list[object]:
        """Return the next rows, none at the end."""
        return list(islice(self._arriving, size or self._at_once))

    def close(self) -> None:
        """Give up what has not been fetched."""
        if self._source is not None:
            self._source.close()
        super().close()


def has_hung_up(connection: Connection) -> bool:
    """Return whether the server has hung up: an idle connection has nothing else to say.

    Reads the socket's state, without a round trip. A mistake costs one check of the pool. One
    that a statement has found lost has no socket any more.
    """
    if connection.closed:
        return True
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))

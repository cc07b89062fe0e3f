"""One leader among the processes of a name: a PostgreSQL session lock on a connection of its own.

The lock lives exactly as long as the connection, so a leader that dies is followed at once.
A pooler between here and PostgreSQL must keep sessions (PgBouncer: pool_mode session).
"""

import logging
import threading
from collections.abc import Callable

import psycopg
from django.db import connection
from psycopg.rows import TupleRow

from core.locks import advisory_key

POLL = 0.5  # seconds between two attempts
# PostgreSQL itself must notice that a leader's machine is gone, and never end an idle session.
SESSION = (
    "SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3;"
    " SET idle_session_timeout = 0"
)
CLIENT = {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3}
log = logging.getLogger(__name__)


class LeadershipLost(Exception):
    """The connection that held the lock is gone: another process may lead already."""


class Leadership:
    """The right to be the only `name`: the feed, or one shard of the engine."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.key = advisory_key(name)
        self._connection: psycopg.Connection[TupleRow] | None = None
        self._held = False
        self._logged_state = ""

    @property
    def is_held(self) -> bool:
        """Return whether the lock was held at the last check."""
        return self._held

    def acquire(self, stop: threading.Event, meanwhile: Callable[[], None] = lambda: None) -> bool:
        """Wait until this process leads; return False when `stop` was set first.

        `meanwhile` is called after every failed attempt.
        """
        while not stop.is_set():
            if self.try_acquire():
                return True
            meanwhile()
            stop.wait(POLL)
        return False

    def try_acquire(self) -> bool:
        """Try once, without waiting; return False too where the database is unavailable."""
        if self._held:
            return True
        try:
            if self._connection is None:
                self._connection = _connect()
            query = "SELECT pg_try_advisory_lock(%s)"
            row = self._connection.execute(query, [self.key]).fetchone()
        except psycopg.Error as error:
            self.close()
            self._log_state(f"{self.name}: no leader without the database: {_first_line(error)}")
            return False
        self._held = bool(row and row[0])
        self._log_state(
            f"{self.name}: {'leading' if self._held else 'another one leads; standing by'}"
        )
        return self._held

    def check(self) -> None:
        """Make sure that the lock is still held.

        Raises:
            LeadershipLost: its connection died; `acquire` or `try_acquire` may win it
                again.
        """
        try:
            if self._connection is None or not self._held:
                raise LeadershipLost(f"{self.name}: not leading")
            self._connection.execute("SELECT 1")
        except psycopg.Error as error:
            self.close()
            self._logged_state = ""
            raise LeadershipLost(f"{self.name}: {_first_line(error)}") from error

    def close(self) -> None:
        """Release the lock and close its connection."""
        self._held = False
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _log_state(self, text: str) -> None:
        """Log a state when it begins, not with every attempt."""
        if text != self._logged_state:
            self._logged_state = text
            log.info("%s", text)


def _connect() -> psycopg.Connection[TupleRow]:
    """Open a connection outside of Django's pool, which would give it to another request."""
    params = {**CLIENT, **connection.get_connection_params()}
    opened: psycopg.Connection[TupleRow] = psycopg.connect(**{**params, "autocommit": True})
    try:
        opened.execute(SESSION)
    except psycopg.Error:
        opened.close()
        raise
    return opened


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]

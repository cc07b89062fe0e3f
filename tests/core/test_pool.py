"""The pool of connections after PostgreSQL has ended them all."""

from typing import Any

import pytest
from django.db import OperationalError, connection, connections

from tests.runtime.process_helpers import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
END_ALL = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def can_connect() -> bool:
    """Return whether a connection that a new request would get works."""
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT 1")
    except OperationalError:  # a backend that was told to end has not ended yet
        return False
    finally:
        other.close()
    return True


def test_a_grown_pool_gives_working_connections_soon_after_all_were_ended() -> None:
    assert can_connect()
    pool: Any = connection.pool  # type: ignore[attr-defined]  # PostgreSQL's wrapper has it
    grown = [pool.getconn() for _ in range(14)]
    for each in grown:
        pool.putconn(each)
    for _ in range(3):
        with connection.cursor() as cursor:
            cursor.execute(END_ALL)
        wait_until(can_connect, 5)

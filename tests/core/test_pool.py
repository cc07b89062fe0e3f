"""The pool of connections after PostgreSQL has ended them all."""

from collections.abc import Iterator
from threading import Thread
from typing import Any
from weakref import WeakSet

import pytest
from django.db import OperationalError, connection, connections

from core.postgresql.base import DatabaseWrapper, has_hung_up
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


@pytest.fixture
def keeping(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Six wrappers as six threads have them, in a process whose threads keep connections."""
    monkeypatch.setattr(DatabaseWrapper, "keeps_connections", True)
    monkeypatch.setattr(DatabaseWrapper, "_leases", WeakSet())
    wrappers = [connections.create_connection("default") for _ in range(6)]
    yield wrappers
    for each in wrappers:
        each.close()


def backend_of(wrapper: Any) -> int:
    with wrapper.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid: int = cursor.fetchone()[0]
    return pid


def test_a_thread_keeps_its_connection_between_requests(keeping: list[Any]) -> None:
    first, second = keeping[:2]
    backend = backend_of(first)
    for _ in range(3):
        first.close_if_unusable_or_obsolete()
        assert first.connection is not None
        assert backend_of(second) != backend
        assert backend_of(first) == backend


def test_no_more_than_half_of_the_pool_is_kept(
    keeping: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    pool: Any = keeping[0].pool
    monkeypatch.setattr(pool, "_max_size", 4)
    for each in keeping:
        backend_of(each)
        each.close_if_unusable_or_obsolete()
    assert [each.connection is not None for each in keeping] == [True, True] + 4 * [False]


def test_a_kept_connection_that_was_ended_is_replaced_before_the_request(
    keeping: list[Any],
) -> None:
    backend = backend_of(keeping[0])
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [backend])
    wait_until(lambda: has_hung_up(keeping[0].connection), 5)
    keeping[0].close_if_unusable_or_obsolete()
    assert backend_of(keeping[0]) != backend


def test_a_kept_connection_that_was_lost_in_a_request_is_replaced_before_the_next(
    keeping: list[Any],
) -> None:
    backend = backend_of(keeping[0])
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [backend])
    with pytest.raises(OperationalError):
        backend_of(keeping[0])
    keeping[0].close_if_unusable_or_obsolete()
    assert backend_of(keeping[0]) != backend


def test_threads_that_end_use_up_no_connection_of_the_pool(
    keeping: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    pool: Any = connection.pool  # type: ignore[attr-defined]  # as above
    monkeypatch.setattr(pool, "_max_size", 4)
    connection.close()
    kept = []

    def used() -> int:
        stats = pool.get_stats()
        return int(stats["pool_size"] - stats["pool_available"])

    before = used()  # also by threads of others in this process

    def serve() -> None:
        backend_of(connection)
        connection.close_if_unusable_or_obsolete()
        kept.append(connection.connection is not None)

    for _ in range(6):
        thread = Thread(target=serve)
        thread.start()
        thread.join()
    assert kept == 6 * [True]
    wait_until(lambda: used() <= before, 5)


def test_without_lasting_threads_each_request_gives_it_back() -> None:
    other = connections.create_connection("default")
    backend_of(other)
    other.close_if_unusable_or_obsolete()
    assert other.connection is None

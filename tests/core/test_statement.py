"""Statements by libpq: as cursors, on changed tables, after rollbacks and on broken connections."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import DataError, OperationalError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from core.postgresql.statement import Statement

pytestmark = pytest.mark.django_db(transaction=True)
SUM = Statement("SELECT %s::int + %s::int, NULL, true, 'é'")


def test_a_row_is_text_whether_in_a_transaction_or_not() -> None:
    expected = [[b"3", None, b"t", "é".encode()]]
    for _ in range(2):
        assert SUM.fetch([1, 2]) == expected
        with transaction.atomic():
            assert SUM.fetch([1, 2]) == expected


def test_it_is_prepared_once() -> None:
    for value in range(3):
        SUM.fetch([value, 1])
    # Other tests may have prepared statements of theirs on this connection.
    found = "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE %s AND statement LIKE %s"
    with connection.cursor() as cursor:
        cursor.execute(found, ["statement_%", "SELECT $1::int + $2::int, NULL%"])
        assert cursor.fetchone() == (1,)


def test_it_is_captured_as_a_query() -> None:
    with CaptureQueriesContext(connection) as captured:
        SUM.fetch([1, 2])
    assert len(captured) == 1


def test_it_is_prepared_again_after_psycopg_has_dropped_all_plans() -> None:
    SUM.fetch([1, 2])
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    assert SUM.fetch([3, 4])[0][0] == b"7"
    with transaction.atomic():
        SUM.fetch([1, 2])
        transaction.set_rollback(True)
    assert SUM.fetch([3, 4])[0][0] == b"7"


@pytest.fixture
def migrate() -> Iterator[Any]:
    """Run statements over another connection, as a migration does."""
    other = connections.create_connection("default")

    def run(statement: str) -> None:
        with other.cursor() as cursor:
            cursor.execute(statement)

    run("CREATE TABLE planned AS SELECT 1.5::numeric(6, 2) AS amount")
    yield run
    run("DROP TABLE planned")
    other.close()


def test_a_changed_column_is_not_noticed(migrate: Any) -> None:
    amounts = Statement("SELECT amount FROM planned WHERE amount > %s")
    for digits in (8, 10, 12):
        assert amounts.fetch([1]) == [[b"1.50"]]
        migrate(f"ALTER TABLE planned ALTER amount TYPE numeric({digits}, 2)")


def test_errors_are_those_of_django() -> None:
    with pytest.raises(DataError):
        SUM.fetch(["x", 1])
    assert SUM.fetch([1, 1])[0][0] == b"2"


def test_a_broken_connection_is_replaced_at_the_next_request() -> None:
    SUM.fetch([1, 2])
    other = connections.create_connection("default")
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
    other.close()
    with pytest.raises(OperationalError):
        SUM.fetch([1, 2])
    connection.close_if_unusable_or_obsolete()  # as at the end and the beginning of a request
    assert SUM.fetch([1, 2])[0][0] == b"3"

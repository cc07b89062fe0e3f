"""Statements that each connection prepares once."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import NotSupportedError, connection, connections
from django.test.utils import CaptureQueriesContext

from core.locks import transactional
from core.postgresql import prepared_cursor

Alter = Callable[[str], None]

SQL = "SELECT %s::int + 1"
KNOWN = "SELECT count(*) FROM pg_prepared_statements WHERE statement = 'SELECT $1::int + 1'"


@pytest.mark.django_db
def test_a_statement_is_prepared_once_and_executed_with_other_values() -> None:
    for value in (1, 2, 3):
        with prepared_cursor() as cursor:
            cursor.execute(SQL, [value])
            assert cursor.fetchone() == (value + 1,)
    with connection.cursor() as plain:
        plain.execute(KNOWN)
        assert plain.fetchone() == (1,)


@pytest.mark.django_db
def test_prepared_statements_are_captured_as_queries() -> None:
    with CaptureQueriesContext(connection) as queries, prepared_cursor() as cursor:
        cursor.execute(SQL, [1])
    assert len(queries) == 1


@pytest.mark.django_db
def test_other_statements_are_not_prepared() -> None:
    with connection.cursor() as plain:
        for _ in range(10):
            plain.execute("SELECT 4711")
        plain.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%4711'")
        assert plain.fetchone() == (0,)


@pytest.fixture
def planned() -> Iterator[Alter]:
    """The table `planned`; what changes it as a migration would, over another connection."""
    migration = connections.create_connection("default")

    def alter(statement: str) -> None:
        with migration.cursor() as cursor:
            cursor.execute(statement)

    alter("CREATE TABLE planned AS SELECT 1.5::numeric(6, 2) AS amount")
    try:
        yield alter
    finally:
        alter("DROP TABLE planned")
        migration.close()


def amounts() -> Any:
    with prepared_cursor() as cursor:
        cursor.execute("SELECT amount FROM planned")
        return cursor.fetchall()


@pytest.mark.django_db(transaction=True)
def test_a_migration_that_changes_a_column_is_not_noticed_outside_transactions(
    planned: Alter,
) -> None:
    for digits in (8, 10, 12):
        assert amounts() == [(Decimal("1.5"),)]
        planned(f"ALTER TABLE planned ALTER amount TYPE numeric({digits}, 2)")
    assert amounts() == [(Decimal("1.5"),)]


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_meets_a_changed_column_is_retried(planned: Alter) -> None:
    assert amounts() == [(Decimal("1.5"),)]
    planned("ALTER TABLE planned ALTER amount TYPE numeric(8, 2)")
    assert transactional(amounts)() == [(Decimal("1.5"),)]


@pytest.mark.django_db(transaction=True)
def test_an_invalid_statement_fails_with_its_own_error() -> None:
    for _ in range(2):
        with prepared_cursor() as cursor, pytest.raises(NotSupportedError, match="GROUP BY"):
            cursor.execute("SELECT count(*) FROM pg_class GROUP BY relname FOR UPDATE")


@pytest.mark.django_db(transaction=True)
def test_after_an_invalid_statement_a_changed_column_still_causes_no_error(planned: Alter) -> None:
    for digits in (8, 10):
        with prepared_cursor() as cursor, pytest.raises(NotSupportedError, match="GROUP BY"):
            cursor.execute("SELECT count(*) FROM pg_class GROUP BY relname FOR UPDATE")
        assert amounts() == [(Decimal("1.5"),)]
        planned(f"ALTER TABLE planned ALTER amount TYPE numeric({digits}, 2)")
        assert amounts() == [(Decimal("1.5"),)]

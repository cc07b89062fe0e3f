"""Statements in one round trip, with the transaction's begin and commit, and broken connections."""

import signal
from collections.abc import Iterator
from decimal import Decimal as D
from types import FrameType

import pytest
from django.db import (
    DataError,
    IntegrityError,
    OperationalError,
    connection,
    connections,
    transaction,
)
from django.test.utils import CaptureQueriesContext

from core.locks import transactional
from core.postgresql import prepared_cursor, writes_with_commit
from core.postgresql.batch import StatementBatch
from core.postgresql.row_statements import RowUpdate
from market.models import Symbol
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
INSERT = "INSERT INTO written VALUES (%s)"
KNOWN = "SELECT count(*) FROM pg_prepared_statements WHERE statement = 'SELECT $1::int + 1'"


@pytest.fixture(autouse=True)
def written() -> Iterator[None]:
    """The table `written`, of numbers that are each there once."""
    run_elsewhere("CREATE TABLE written (number integer PRIMARY KEY)")
    yield
    connection.close()
    run_elsewhere("DROP TABLE written")


def run_elsewhere(sql: str, *params: int | str) -> list[tuple[object, ...]]:
    """Execute a statement over another connection."""
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute(sql, params)
            return cursor.fetchall() if cursor.description else []
    finally:
        other.close()


def committed() -> list[object]:
    """Return what everybody sees in the table."""
    return [number for (number,) in run_elsewhere("SELECT number FROM written ORDER BY 1")]


def ask(sql: str, *params: int | str | list[int] | None) -> list[tuple[object, ...]]:
    batch = StatementBatch()
    statement = batch.add(sql, params)
    batch.run()
    return statement.rows


def write(*numbers: int) -> None:
    """Put numbers, with the next statement or the commit."""
    batch = StatementBatch()
    for number in numbers:
        batch.add(INSERT, [number])
    batch.defer()


def test_rows_are_those_of_a_cursor() -> None:
    sql = "SELECT %s::int, %s::numeric, %s::bigint[], %s::text, '{}'::jsonb, true, NULL"
    rows = ask(
        sql,
        7,
        "1.50",
        [1, 2],
        "é",
    )
    assert rows == [(7, D("1.50"), [1, 2], "é", "{}", True, None)]
    with prepared_cursor() as cursor:
        cursor.execute(sql, [7, "1.50", "{1,2}", "é"])
        assert cursor.fetchall() == rows


def test_a_statement_is_prepared_once_and_again_after_a_rollback() -> None:
    for _ in range(2):
        for value in (1, 2):
            assert ask("SELECT %s::int + 1", value) == [(value + 1,)]
        with connection.cursor() as cursor:
            cursor.execute(KNOWN)
            assert cursor.fetchone() == (1,)
        with transaction.atomic():
            ask("SELECT 1")
            transaction.set_rollback(True)


def test_a_batch_begins_the_transaction_and_what_is_deferred_commits_with_it() -> None:
    with transaction.atomic():
        assert ask("SELECT 1") == [(1,)]
        write(1, 2)
        assert committed() == []
    assert committed() == [1, 2]


def test_what_is_deferred_comes_before_any_other_statement() -> None:
    with transaction.atomic():
        open_cursor = connection.cursor()
        write(1)
        open_cursor.execute("SELECT count(*) FROM written")
        assert open_cursor.fetchone() == (1,)
        write(2)
        with connection.cursor() as cursor, cursor.copy("COPY written TO STDOUT") as copied:
            assert b"".join(map(bytes, copied)) == b"1\n2\n"
        write(3)
        assert ask("SELECT max(number) FROM written") == [(3,)]
    assert committed() == [1, 2, 3]


def test_statements_are_captured_as_queries() -> None:
    with CaptureQueriesContext(connection) as captured, transaction.atomic():
        ask("SELECT 1")
        write(1)
    assert [one["sql"] for one in captured] == ["BEGIN", "SELECT 1", INSERT, "COMMIT"]


def test_an_error_at_the_commit_writes_nothing() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        write(1, 2, 2)
    assert committed() == []
    with transaction.atomic():
        write(1)
    assert committed() == [1]


def test_an_inner_atomic_ends_with_the_errors_of_what_it_defers() -> None:
    with transaction.atomic():
        write(1)
        with pytest.raises(IntegrityError), transaction.atomic():
            write(2, 2)
        write(3)
    assert committed() == [1, 3]


@pytest.mark.parametrize("asked", [False, True], ids=["nothing sent", "sent"])
def test_an_inner_atomic_that_is_given_up_writes_nothing(asked: bool) -> None:
    def give_up() -> None:
        write(2)
        if asked:
            ask("SELECT 1")
            write(4)
        with transaction.atomic():
            write(5)
        raise LookupError

    with transaction.atomic():
        write(1)
        with pytest.raises(LookupError), transaction.atomic():
            give_up()
        write(3)
    assert committed() == [1, 3]


def test_writes_with_the_commit_wait_beyond_inner_atomics() -> None:
    def give_up() -> None:
        ask("SELECT 1")
        write(9)
        raise LookupError

    with transaction.atomic():
        with writes_with_commit():
            ask("SELECT 1")
            with pytest.raises(LookupError), transaction.atomic():
                give_up()
            with CaptureQueriesContext(connection) as captured:
                with transaction.atomic(), transaction.atomic():
                    write(1)
                write(2)
            assert list(captured) == []
        assert committed() == []
    assert committed() == [1, 2]


def test_an_update_that_misses_a_row_commits_nothing() -> None:
    symbols = [factories.symbol(name) for name in ("EURUSD", "GBPUSD", "AUDUSD", "NZDUSD")]
    rename = RowUpdate(Symbol, "name", "description")
    for found in ([*symbols[:1]], symbols):
        rows = [[one.name, "new"] for one in found]
        batch = StatementBatch()
        rename.add_to(batch, [*rows[1:], ["XXXYYY", "new"]])
        with pytest.raises(DataError, match="rows were written"), transaction.atomic():
            batch.defer()
        assert not Symbol.objects.filter(description="new").exists()


def test_an_outdated_plan_is_made_again_by_the_retry() -> None:
    @transactional
    def read() -> list[tuple[object, ...]]:
        return ask("SELECT * FROM written")

    assert read() == []
    run_elsewhere("ALTER TABLE written ADD COLUMN more integer")
    with transaction.atomic():
        write(1)
    assert read() == [(1, None)]


def test_a_broken_connection_is_an_error_and_the_next_one_works() -> None:
    def lose() -> None:
        ask("SELECT 1")
        write(1)
        run_elsewhere("SELECT pg_terminate_backend(%s)", connection.connection.info.backend_pid)

    with pytest.raises(OperationalError), transaction.atomic():
        lose()
    assert committed() == []
    with transaction.atomic():
        write(2)
    assert committed() == [2]


def test_whoever_is_interrupted_while_waiting_loses_the_transaction() -> None:
    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    def wait() -> None:
        write(1)
        ask("SELECT pg_sleep(0.5)")

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    try:
        with pytest.raises(KeyboardInterrupt), transaction.atomic():
            wait()
    finally:
        signal.signal(signal.SIGALRM, before)
    connection.close()
    assert committed() == []
    assert ask("SELECT 1") == [(1,)]


@pytest.mark.parametrize("new_writes", [(), (2,)], ids=["a read", "a write"])
def test_a_connection_that_is_closed_takes_what_is_deferred_along(
    new_writes: tuple[int, ...],
) -> None:
    def lose_the_connection() -> None:
        write(1)
        connection.close()
        raise LookupError

    with pytest.raises(LookupError), transaction.atomic():
        lose_the_connection()
    with transaction.atomic():
        write(*new_writes)
        ask("SELECT 1")
    assert committed() == list(new_writes)

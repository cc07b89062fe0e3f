"""An unavailable or full database is answered with 503, and nothing is half done."""

import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import Any

import pytest
from django.db import OperationalError, connection, connections, transaction
from psycopg.errors import AdminShutdown, DeadlockDetected, LockNotAvailable, QueryCanceled
from psycopg_pool import PoolTimeout
from redis.exceptions import ConnectionError, DataError  # noqa: A004 - Redis's own

from accounts.models import Account
from api.errors import handle
from core import redis
from market.models import Symbol
from tests.conftest import Signed, error_of
from trading.models import Trade

ORDER = {"cmd": 0, "symbol": "EURUSD", "volume": 100, "sl": 0, "tp": 0}
WAITING = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND datname = current_database()
"""
pytestmark = pytest.mark.django_db(transaction=True)


def in_a_thread(work: Callable[[], Any]) -> tuple[threading.Thread, list[Any]]:
    """Start it beside this connection; what it answers is the list's one element."""
    answers: list[Any] = []

    def run() -> None:
        try:
            answers.append(work())
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, answers


def test_a_connection_that_is_cut_off_in_a_request_answers_503_and_writes_nothing(
    alice: Account, eurusd: Symbol, signed_in: Signed
) -> None:
    client = signed_in(alice)
    with transaction.atomic():
        Account.objects.locked(alice.login)
        thread, answers = in_a_thread(lambda: client.post("/trade/open", ORDER))
        with connection.cursor() as cursor:
            cut = False
            while not cut and thread.is_alive():
                cursor.execute(WAITING)
                cut = bool(cursor.fetchall())
        thread.join(10)
    assert error_of(answers[0]) == (503, "UNAVAILABLE")
    assert answers[0]["Retry-After"] == "1"
    assert not Trade.objects.filter(symbol="EURUSD").exists()


def test_a_full_pool_answers_503_and_the_next_request_goes_through(
    alice: Account, eurusd: Symbol, signed_in: Signed, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in(alice)
    pool: Any = connection.pool  # type: ignore[attr-defined]  # PostgreSQL's wrapper has it
    with ExitStack() as held:
        with suppress(PoolTimeout):
            while True:  # threads of earlier tests may still have one of their own
                held.enter_context(pool.connection(timeout=0.3))
        monkeypatch.setattr(pool, "timeout", 0.3)
        thread, answers = in_a_thread(lambda: client.get("/account/me"))
        thread.join(10)
        assert error_of(answers[0]) == (503, "UNAVAILABLE")
        monkeypatch.undo()
    thread, answers = in_a_thread(lambda: client.post("/trade/open", ORDER))
    thread.join(10)
    assert answers[0].status_code == 200


def outcome_of(caplog: pytest.LogCaptureFixture, error: Exception) -> tuple[int, str, bool]:
    """Return status, level and whether there is a traceback, for an error that a view raised."""
    caplog.clear()
    with caplog.at_level("WARNING", "api.errors"):
        answer = handle(error, {})
    (record,) = caplog.records
    return answer.status_code, record.levelname, record.exc_info is not None


def test_a_deadlock_is_503_and_leaves_a_trace(caplog: pytest.LogCaptureFixture) -> None:
    for cause in (DeadlockDetected("x"), LockNotAvailable("x"), QueryCanceled("x")):
        error = OperationalError("x")
        error.__cause__ = cause
        assert outcome_of(caplog, error) == (503, "ERROR", True)


def test_an_outage_logs_one_line(caplog: pytest.LogCaptureFixture) -> None:
    gone = OperationalError("x")
    gone.__cause__ = AdminShutdown("x")
    for error in (gone, OperationalError("no connection"), ConnectionError("no Redis")):
        assert outcome_of(caplog, error) == (503, "WARNING", False)


def test_a_value_that_redis_cannot_store_is_an_internal_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pytest.raises(DataError) as found:
        redis.sync_client().set("key", object())  # type: ignore[arg-type]  # that is the point
    assert outcome_of(caplog, found.value) == (500, "ERROR", True)

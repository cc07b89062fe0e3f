"""Idempotency keys under concurrency, crashes and retried transactions."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import orjson
import pytest
from django.db import connection, transaction

from accounts.models import Account
from api.models import IdempotencyKey
from core import redis
from market.models import Symbol
from realtime.events.publish import account_channel
from tests.api.idempotency.keyed_writes import is_replayed, send_buy
from tests.conftest import Signed, error_of
from tests.runtime.process_helpers import wait_until
from trading.book_updates import BOOK_STREAM
from trading.models import Trade

pytestmark = pytest.mark.django_db(transaction=True)
GATE = 4711  # advisory lock: who holds it keeps keyed writes from committing

AT_COMMIT = f"""
    CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_advisory_xact_lock_shared({GATE}); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER gate AFTER INSERT ON api_idempotencykey
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION gate();
"""
# A sequence is not rolled back: only the first attempt fails.
FAILS_ONCE = """
    CREATE SEQUENCE attempts;
    CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF nextval('attempts') = 1 THEN RAISE EXCEPTION 'again' USING ERRCODE = '40001'; END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER gate AFTER INSERT ON trading_trade FOR EACH ROW EXECUTE FUNCTION gate();
"""


@contextmanager
def trigger(sql: str, table: str) -> Iterator[None]:
    execute(sql)
    try:
        yield
    finally:
        execute(f"DROP TRIGGER gate ON {table}; DROP FUNCTION gate")
        execute("DROP SEQUENCE IF EXISTS attempts")


def execute(sql: str, *values: int) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)
        return cursor.fetchall() if cursor.description else []


@contextmanager
def held_before_commit(signed_in: Signed, who: Account, key: str) -> Iterator[Future[Any]]:
    """A keyed open that has done all but the commit, in a thread of its own."""

    with trigger(AT_COMMIT, "api_idempotencykey"), ThreadPoolExecutor(1) as pool:
        execute(f"SELECT pg_advisory_lock({GATE})")
        try:
            running = pool.submit(buy_apart, signed_in, who, key)
            wait_until(waiting_pids)
            yield running
        finally:
            execute(f"SELECT pg_advisory_unlock({GATE})")


def buy_apart(signed_in: Signed, who: Account, key: str) -> Any:
    """Open in a thread, on a connection of its own."""
    try:
        return send_buy(signed_in(who), key)
    finally:
        connection.close()


def waiting_pids() -> list[int]:
    sql = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND NOT granted"
    return [row[0] for row in execute(sql, GATE)]


def test_of_20_parallel_opens_with_one_key_one_takes_effect(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    together = threading.Barrier(20)

    def one(_: int) -> Any:
        together.wait()
        return buy_apart(signed_in, alice, "k")

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(one, range(20)))
    kinds = Counter((answer.status_code, is_replayed(answer)) for answer in answers)
    assert kinds[200, False] == 1
    assert set(kinds) <= {(200, False), (200, True), (409, False)}
    assert len({answer.content for answer in answers if answer.status_code == 200}) == 1
    busy = {error_of(answer) for answer in answers if answer.status_code == 409}
    assert busy <= {(409, "RET_TRADE_CONTEXT_BUSY")}
    assert Trade.objects.positions().count() == 1
    assert is_replayed(send_buy(signed_in(alice), "k"))


def test_a_repeat_during_the_first_request_gets_context_busy_at_once(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    with held_before_commit(signed_in, alice, "k") as first:
        started = time.monotonic()
        assert error_of(send_buy(signed_in(alice), "k")) == (409, "RET_TRADE_CONTEXT_BUSY")
        assert time.monotonic() - started < 2
        told = signed_in(alice).get("/requests/k").json()
        assert told == {
            "key": "k", "status": "running", "http_status": None, "answer": None, "time": None,
        }  # fmt: skip
    assert first.result().status_code == 200
    assert is_replayed(send_buy(signed_in(alice), "k"))
    assert signed_in(alice).get("/requests/k").json()["status"] == "done"


def test_reading_the_outcome_never_blocks_the_write(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    with transaction.atomic():  # whatever the question locked would be held until here
        assert signed_in(alice).get("/requests/k").status_code == 404
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(buy_apart, signed_in, alice, "k").result().status_code == 200


def test_a_crash_before_the_commit_leaves_neither_key_nor_effect(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    before = Account.objects.get(pk=alice.pk).seq
    with held_before_commit(signed_in, alice, "k") as first:
        for pid in waiting_pids():
            execute("SELECT pg_terminate_backend(%s)", pid)
        assert error_of(first.result(timeout=10)) == (503, "UNAVAILABLE")
    assert not Trade.objects.positions().exists()
    assert not IdempotencyKey.objects.exists()
    assert Account.objects.get(pk=alice.pk).seq == before
    answer = send_buy(signed_in(alice), "k")
    assert answer.status_code == 200
    assert not is_replayed(answer)
    assert Trade.objects.positions().count() == 1


def test_a_serialization_failure_runs_key_and_action_again(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    with trigger(FAILS_ONCE, "trading_trade"):
        answer = send_buy(signed_in(alice), "k")
        assert answer.status_code == 200
        assert execute("SELECT last_value FROM attempts") == [(2,)]
    order = Trade.objects.positions().get().order
    assert answer.json()["order"] == order
    assert orjson.loads(IdempotencyKey.objects.get().answer)["order"] == order


def test_stream_and_engine_are_notified_once_after_the_commit(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    told: Any = redis.sync_client()
    listener = told.pubsub(ignore_subscribe_messages=True)
    listener.subscribe(account_channel(alice.login))
    told.delete(BOOK_STREAM)  # of the account itself
    with held_before_commit(signed_in, alice, "k") as first:
        assert told.xlen(BOOK_STREAM) == 0
    answer = first.result()
    send_buy(signed_in(alice), "k")
    assert told.xlen(BOOK_STREAM) == 1
    message = next(filter(None, iter(lambda: listener.get_message(timeout=5), "never")))
    announced = orjson.loads(message["data"])
    last = announced["first"] + len(announced["events"]) - 1
    assert str(last) == answer.headers["X-Account-Seq"]
    assert listener.get_message() is None
    listener.close()

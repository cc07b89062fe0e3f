"""A deadlock with a foreign transaction repeats the work and is not shown to the client."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import connection

from accounts.models import Account
from market.models import Symbol
from tests.conftest import Signed
from trading import services
from trading.enums import Cmd, State
from trading.ledger_audit import find_differences
from trading.models import Trade

pytestmark = pytest.mark.django_db(transaction=True)
TRADE = 'SELECT FROM trading_trade WHERE "order" = %s FOR UPDATE'
ACCOUNT = "SELECT FROM accounts_account WHERE login = %s FOR UPDATE"
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = %s"


@pytest.fixture
def trade(alice: Account, eurusd: Symbol) -> Trade:
    return services.open_market(login=100001, cmd=Cmd.BUY, symbol="EURUSD", volume=100)


def connect(**options: Any) -> "psycopg.Connection[Any]":
    """Open a foreign connection."""
    params: dict[str, Any] = {**connection.get_connection_params(), **options}
    return psycopg.connect(**params)


def wait_for_lock(on: "psycopg.Connection[Any]") -> None:
    """Wait until a statement waits for a lock."""
    deadline = time.monotonic() + 20
    name = connection.settings_dict["NAME"]
    while time.monotonic() < deadline:
        row = on.execute(WAITING, [name]).fetchone()
        if row and row[0]:
            return
        threading.Event().wait(0.01)
    raise AssertionError("nobody waits")


@contextmanager
def foreign_transaction(trade: Trade) -> Iterator[Callable[[], None]]:
    """Lock the trade; yield a call that waits for a service and then locks its account.

    It is patient, so that PostgreSQL ends the service and not this transaction.
    """
    with connect() as foreign, connect(autocommit=True) as watch:
        foreign.execute("SET deadlock_timeout = '1min'")
        foreign.execute(TRADE, [trade.order])

        def cross() -> None:
            wait_for_lock(watch)
            foreign.execute(ACCOUNT, [trade.account_id])
            foreign.commit()

        yield cross


def run_into_deadlock(trade: Trade, work: Callable[[], Any]) -> Any:
    """Return the result of the work, which deadlocks with the foreign transaction."""
    results: list[Any] = []

    def run() -> None:
        try:
            with connection.cursor() as cursor:  # it looks once: not before the circle is closed
                cursor.execute("SET deadlock_timeout = '3s'")
            results.append(work())
        except Exception as error:  # noqa: BLE001 - shown by the assertion
            results.append(error)
        finally:
            connection.close()

    with foreign_transaction(trade) as cross:
        thread = threading.Thread(target=run)
        thread.start()
        cross()
        thread.join(30)
    assert results, "the service never came back"
    return results[0]


def deadlocks(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.message for r in caplog.records if "deadlock detected" in r.message]


def test_a_service_is_repeated_after_a_deadlock(
    trade: Trade, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "core.locks"):
        closed = run_into_deadlock(
            trade, lambda: services.close_position(login=100001, order=trade.order)
        )
    assert isinstance(closed, Trade), closed
    assert closed.state == State.CLOSED
    assert deadlocks(caplog)
    assert not list(find_differences())


@pytest.mark.parametrize("key", [{}, {"HTTP_IDEMPOTENCY_KEY": "once"}], ids=["plain", "keyed"])
def test_a_request_is_repeated_as_a_whole_after_a_deadlock(
    trade: Trade, signed_in: Signed, caplog: pytest.LogCaptureFixture, key: dict[str, Any]
) -> None:
    client = signed_in(Account.objects.get(pk=100001))
    with caplog.at_level(logging.WARNING, "core.locks"):
        answer = run_into_deadlock(
            trade, lambda: client.delete("/trade/close", {"order": trade.order}, **key)
        )
    assert answer.status_code == 200, answer.content
    assert deadlocks(caplog)
    assert Trade.objects.get(pk=trade.order).state == State.CLOSED
    assert not list(find_differences())


def test_a_deadlock_at_the_last_attempt_is_raised_and_changes_nothing(
    trade: Trade, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.locks.ATTEMPTS", 1)
    error = run_into_deadlock(
        trade, lambda: services.close_position(login=100001, order=trade.order)
    )
    assert "deadlock detected" in str(error)
    assert Trade.objects.get(pk=trade.order).state == State.OPEN
    assert not list(find_differences())

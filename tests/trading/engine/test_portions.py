"""Crowds: one quote reaches many accounts, which are decided and written in portions."""

import threading
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import Account
from market.models import Symbol
from realtime.models import AccountEvent
from tests import factories
from tests.factories import D
from trading import services
from trading.engine.engine import Engine
from trading.enums import Activation, Cmd, State
from trading.ledger_audit import find_differences
from trading.models import Fill, MarginAction, Trade
from trading.services import closing, triggers
from trading.unit import portions, unit, write
from trading.unit.locked_account import LockedAccount

pytestmark = pytest.mark.django_db(transaction=True)
LOGINS = range(300001, 300013)
ODD = 300005


@pytest.fixture
def crowd(eurusd: Symbol, monkeypatch: pytest.MonkeyPatch) -> list[Account]:
    """Twelve accounts, in portions of five."""
    monkeypatch.setattr(portions, "PORTION", 5)
    group = factories.group("crowd", margin_call=80, margin_stopout=50)
    return [factories.client(login, group) for login in LOGINS]


def buy(login: int, **fields: Any) -> Trade:
    known = {"cmd": Cmd.BUY, "symbol": "EURUSD", "volume": 100, "sl": D("1.09")}
    return services.open_market(login=login, **{**known, **fields})


def loaded_engine() -> Engine:
    engine = Engine()
    engine.load()
    return engine


def check_books() -> None:
    """The ledger is exact, events have no gap, and each close has one evidence."""
    assert not list(find_differences())
    for account in Account.objects.all():
        seqs = AccountEvent.objects.filter(login=account.login).order_by("seq")
        assert [*seqs.values_list("seq", flat=True)] == [*range(1, account.seq + 1)]
    closed = Trade.objects.filter(cmd__in=(Cmd.BUY, Cmd.SELL), state=State.CLOSED)
    fills = Fill.objects.filter(kind=Fill.Kind.CLOSE).values_list("trade", flat=True)
    assert sorted(fills) == sorted(trade.order for trade in closed)


def open_logins() -> set[int]:
    return set(Trade.objects.positions().values_list("account", flat=True))


def test_one_quote_closes_the_stops_of_a_crowd_at_its_price(crowd: list[Account]) -> None:
    trades = [buy(login) for login in LOGINS for _ in range(2)]
    engine = loaded_engine()
    engine.process_batch(factories.publish(("EURUSD", 1.0895, 1.0896)))
    rows = list(Trade.objects.filter(pk__in=[trade.order for trade in trades]))
    assert {(row.state, row.activation, row.close_price) for row in rows} == {
        (State.CLOSED, Activation.STOP_LOSS, D("1.0895"))
    }
    assert not engine.book.logins
    check_books()


def test_an_account_that_cannot_be_handled_is_alone(
    crowd: list[Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    for login in LOGINS:
        buy(login)
    engine = loaded_engine()
    real = closing.execute_close

    def broken(locked: LockedAccount, *args: Any) -> Any:
        closed = real(locked, *args)
        if locked.login == ODD:
            raise RuntimeError("a bug after the decision")
        return closed

    monkeypatch.setattr(triggers, "execute_close", broken)
    engine.process_batch(factories.publish(("EURUSD", 1.0895, 1.0896)))
    assert open_logins() == {ODD}
    assert len(engine.executor.failed) == 1
    check_books()
    monkeypatch.undo()
    engine.process_batch(factories.publish(("EURUSD", 1.1, 1.1001)))
    engine.retry_failed()
    assert not open_logins()
    assert Trade.objects.get(account=ODD, cmd=Cmd.BUY).close_price == D("1.0895")
    check_books()


def test_a_portion_that_cannot_be_written_is_split(
    crowd: list[Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    for login in LOGINS:
        buy(login)
    engine, real = loaded_engine(), write.flush

    def refused(changed: list[LockedAccount]) -> None:
        real(changed)
        if any(locked.login == ODD for locked in changed):
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 / 0")

    monkeypatch.setattr(unit, "flush", refused)
    engine.process_batch(factories.publish(("EURUSD", 1.0895, 1.0896)))
    assert open_logins() == {ODD}
    monkeypatch.undo()
    engine.retry_failed()
    assert not open_logins()
    check_books()


def test_an_account_that_a_request_holds_comes_right_after_the_others(
    crowd: list[Account],
) -> None:
    for login in LOGINS:
        buy(login)
    engine = loaded_engine()
    held, others_done = threading.Event(), threading.Event()

    def request() -> None:
        try:
            with transaction.atomic():
                Account.objects.locked(ODD)
                held.set()
                others_done.wait(30)
        finally:
            connection.close()

    def release_when_the_portion_is_written() -> None:
        try:
            while Fill.objects.filter(kind=Fill.Kind.CLOSE).count() < 4:
                threading.Event().wait(0.01)
            others_done.set()
        finally:
            connection.close()

    threads = [
        threading.Thread(target=one) for one in (request, release_when_the_portion_is_written)
    ]
    for thread in threads:
        thread.start()
    held.wait(30)
    engine.process_batch(factories.publish(("EURUSD", 1.0895, 1.0896)))
    for thread in threads:
        thread.join(30)
    assert not open_logins()
    check_books()


def test_a_crowd_is_stopped_out_with_one_notice_each(crowd: list[Account]) -> None:
    for login in LOGINS:
        for volume in (400, 300):
            buy(login, volume=volume, sl=D(0))
    engine = loaded_engine()
    engine.process_batch(factories.publish(("EURUSD", 1.094, 1.0941), ("EURUSD", 1.091, 1.0911)))
    engine.step()
    for kind in (MarginAction.Kind.CALL, MarginAction.Kind.STOP_OUT):
        actions = MarginAction.objects.filter(kind=kind).order_by("account")
        assert [*actions.values_list("account", flat=True)] == [*LOGINS], kind
    notices = AccountEvent.objects.filter(event__0="n").values_list("login", "event__1")
    assert sorted(notices) == sorted(
        (login, title) for login in LOGINS for title in ("Margin call", "Stop-out")
    )
    assert Trade.objects.positions().count() == len(LOGINS)
    check_books()


def test_the_engine_does_not_hear_its_own_updates_again(crowd: list[Account]) -> None:
    for login in LOGINS:
        buy(login, tp=D("1.2"))
    engine = loaded_engine()
    engine.process_batch(factories.publish(("EURUSD", 1.0895, 1.0896)))
    assert len(engine.own_updates) == len(LOGINS)
    engine.step()
    assert not engine.own_updates
    engine.reconcile()
    assert not engine.book.logins

"""Dashboard tiles about clients' money: totals, payments, rollover, by the viewer's scope."""

from datetime import date
from decimal import Decimal as D
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, User
from core.clock import DAY_S, now
from tests import factories
from tests.backoffice.dashboard.conftest import Ask, figure, publish_overview, texts
from trading import services
from trading.backoffice.money_tiles import payments_by_day
from trading.engine.engine import Engine
from trading.enums import Cmd, State
from trading.models import Rollover, SwapCharge, Trade
from trading.services import ledger

pytestmark = pytest.mark.django_db(transaction=True)


def pay(login: int, amount: str, cmd: Cmd = Cmd.BALANCE_IN) -> Trade:
    cache.clear()  # as if its life was over
    return ledger.post_operation(login=login, cmd=cmd, amount=D(amount))


def paid(account: Account, days_ago: int, amount: str) -> None:
    moment = now() - days_ago * DAY_S
    Trade.objects.create(
        account=account, cmd=Cmd.BALANCE_IN, state=State.CLOSED, open_time=moment,
        close_time=moment, profit=D(amount),
    )  # fmt: skip


def series(tile: list[dict[str, Any]], name: str) -> list[float]:
    return list(dict(tile[1]["series"])[name])


def test_totals_show_ledger_balances_and_floating_profit(
    engine: Engine, alice: Account, bob: Account, mary: User, ask: Ask
) -> None:
    ledger.post_operation(login=alice.login, cmd=Cmd.CREDIT_IN, amount=D(500))
    services.open_market(login=alice.login, cmd=Cmd.BUY, symbol="EURUSD", volume=200)
    factories.quote("EURUSD", 1.2, 1.2001)
    publish_overview(engine)
    assert texts(ask(mary)["totals"][0]) == [
        ["EUR", "10,000.00", "10,000.00", "0.00", "0.00", "0.00", "1", "0"],
        ["USD", "30,480.00", "10,000.00", "500.00", "19,980.00", "2,200.20", "1", "1"],
    ]


def test_a_scoped_manager_sees_the_money_of_its_groups(
    engine: Engine, alice: Account, bob: Account, mary: User, ask: Ask
) -> None:
    services.open_market(login=alice.login, cmd=Cmd.BUY, symbol="EURUSD", volume=200)
    publish_overview(engine)
    User.objects.filter(pk=mary.pk).update(managed_groups="std-*")
    found = ask(mary)
    assert [row[0] for row in texts(found["totals"][0])] == ["EUR"]
    assert figure(found["payments"], "In today, EUR") == "10,000.00"
    assert "In today, USD" not in str(found["payments"])


def test_payments_are_counted_by_day(alice: Account, mary: User, ask: Ask) -> None:
    paid(alice, 3, "250.50")
    paid(alice, 13, "7")
    paid(alice, 14, "1000000")
    pay(alice.login, "1500.25", Cmd.BALANCE_OUT)
    tile = ask(mary)["payments"]
    assert figure(tile, "In today, USD") == "10,000.00"
    assert figure(tile, "Out today, USD") == "1,500.25"
    assert series(tile, "deposits") == [7.0, *[0.0] * 9, 250.5, 0.0, 0.0, 10_000.0]
    assert series(tile, "withdrawals") == [*[0.0] * 13, 1500.25]


def test_corrections_and_credit_are_not_counted_as_payments(
    alice: Account, admin: User, mary: User, ask: Ask
) -> None:
    row = pay(alice.login, "100")
    services.correct_entry(
        login=alice.login, order=row.order, amount=D(-100), reason="typed twice", staff=admin
    )
    ledger.post_operation(login=alice.login, cmd=Cmd.CREDIT_IN, amount=D(77))
    tile = ask(mary)["payments"]
    assert figure(tile, "In today, USD") == "10,100.00"
    assert figure(tile, "Out today, USD") == "0.00"


def test_many_dashboards_share_one_query_of_the_totals(
    alice: Account, mary: User, ask: Ask
) -> None:
    ask(mary)
    with CaptureQueriesContext(connection) as queries:
        ask(mary)
    read = [query["sql"] for query in queries if "SUM(" in str(query["sql"])]
    assert [sql for sql in read if "alerts_daytotal" not in sql] == []


def test_the_payments_are_found_by_their_own_index(alice: Account) -> None:
    with CaptureQueriesContext(connection) as queries:
        payments_by_day()
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        cursor.execute(f"EXPLAIN {queries[0]['sql']}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
        cursor.execute("RESET enable_seqscan")
    assert "trade_finance" in plan, plan
    assert "Seq Scan on trading_trade" not in plan


def test_the_rollover_tile_shows_what_the_last_night_charged(
    engine: Engine, alice: Account, mary: User, ask: Ask
) -> None:
    assert ask(mary)["rollover"][0]["text"] == "No night has come yet"
    trade = services.open_market(login=alice.login, cmd=Cmd.BUY, symbol="EURUSD", volume=100)
    night = Rollover.objects.create(night=date(2026, 3, 2), moment=1, finished=0)
    SwapCharge.objects.create(trade=trade, night=night, amount=D("-7.50"))
    tile = ask(mary)["rollover"]
    assert figure(tile, "Night") == "2026-03-02"
    assert figure(tile, "Finished (UTC)") == "not yet"
    assert figure(tile, "Trades charged") == "1"
    assert figure(tile, "Swaps, USD") == "-7.50"
    User.objects.filter(pk=mary.pk).update(managed_groups="std-*")
    assert figure(ask(mary)["rollover"], "Trades charged") == "0"

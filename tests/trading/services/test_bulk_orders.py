"""Many orders closed or cancelled at once: each as if it were alone, under one lock."""

from decimal import Decimal as D
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Group
from core import redis
from market.models import Symbol
from realtime.models import AccountEvent
from tests import factories
from tests.api.idempotency.keyed_writes import is_replayed, send_write
from tests.conftest import Signed
from trading import errors, ledger_audit, services
from trading.book_updates import BOOK_STREAM
from trading.enums import Cmd, ProfitFilter, State
from trading.models import Fill, Trade
from trading.services.live_orders import OpenOrder, decide_each
from trading.unit.unit import lock_account

CMDS = (Cmd.BUY, Cmd.SELL, Cmd.BUY)
CLOSED_FIELDS = ("cmd", "volume", "open_price", "close_price", "profit", "commission", "comment")


@pytest.fixture
def gbpusd(db: None) -> Symbol:
    symbol = factories.symbol("GBPUSD", comm_base=7)
    factories.quote("GBPUSD", 1.25, 1.2501)
    return symbol


def opened(login: int, cmd: Cmd = Cmd.BUY, symbol: str = "EURUSD", **fields: Any) -> Trade:
    return services.open_market(login=login, cmd=cmd, symbol=symbol, volume=10, **fields)


def open_orders(login: int) -> list[int]:
    return list(Trade.objects.live().filter(account=login).values_list("order", flat=True))


def closed_rows(login: int) -> list[tuple[object, ...]]:
    rows = Trade.objects.filter(account=login, state=State.CLOSED, symbol__isnull=False)
    return list(rows.order_by("order").values_list(*CLOSED_FIELDS))


def events_of(login: int) -> list[list[object]]:
    return list(
        AccountEvent.objects.filter(login=login).order_by("seq").values_list("event", flat=True)
    )


def test_a_group_close_leaves_what_single_closes_leave(
    alice: Account, eurusd: Symbol, gbpusd: Symbol
) -> None:
    other = factories.client(100009, alice.group)
    for login in (alice.login, other.login):
        for name in ("EURUSD", "GBPUSD"):
            for cmd in CMDS:
                opened(login, cmd, name)
    factories.publish(("EURUSD", 1.1123, 1.1124), ("GBPUSD", 1.2411, 1.2413))
    for order in sorted(open_orders(other.login)):
        services.close_position(login=other.login, order=order, comment="done")
    result = services.close_positions(login=alice.login, comment="done")
    assert (len(result.changed), result.failures) == (6, [])
    for account in (alice, other):
        account.refresh_from_db()
    assert (alice.balance, alice.seq) == (other.balance, other.seq)
    assert closed_rows(alice.login) == closed_rows(other.login)
    own, others = events_of(alice.login), events_of(other.login)
    assert [event[:1] for event in own] == [event[:1] for event in others]
    assert own[-1][2:] == others[-1][2:]  # the balance of both
    assert Fill.objects.filter(kind=Fill.Kind.CLOSE, trade__account=alice).count() == 6
    assert list(ledger_audit.find_differences()) == []


def test_only_the_positions_of_one_side_of_zero_are_closed(alice: Account, eurusd: Symbol) -> None:
    losing = opened(alice.login, Cmd.SELL)
    even = opened(alice.login)
    factories.quote("EURUSD", 1.1001, 1.1002)
    services.close_positions(login=alice.login, which=ProfitFilter.PROFITABLE)
    assert sorted(open_orders(alice.login)) == [losing.order, even.order]
    services.close_positions(login=alice.login, which=ProfitFilter.LOSING)
    assert open_orders(alice.login) == [even.order]
    factories.quote("EURUSD", 1.1002, 1.1003)
    services.close_positions(login=alice.login, which=ProfitFilter.PROFITABLE)
    assert open_orders(alice.login) == []


def test_a_symbol_without_a_quote_is_left_and_the_others_close(
    alice: Account, eurusd: Symbol, gbpusd: Symbol
) -> None:
    left = opened(alice.login, symbol="GBPUSD")
    opened(alice.login)
    factories.quote("GBPUSD", 1.25, 1.2501, received=1)
    result = services.close_positions(login=alice.login)
    assert [(one.order, one.error.code) for one in result.failures] == [
        (left.order, "RET_TRADE_OFFQUOTES")
    ]
    left.refresh_from_db()
    assert (left.state, left.close_time, open_orders(alice.login)) == (0, 0, [left.order])
    assert Fill.objects.filter(trade=left).count() == 1


def test_a_fifo_group_is_closed_by_opening_time(alice: Account, eurusd: Symbol) -> None:
    Group.objects.update(fifo=True)
    newer, older = opened(alice.login), opened(alice.login)
    Trade.objects.filter(pk=older.order).update(open_time=older.open_time - 60)
    result = services.close_positions(login=alice.login)
    assert [trade.order for trade in result.changed] == [older.order, newer.order]


def test_a_refusal_in_the_middle_of_a_decision_writes_nothing(
    alice: Account, eurusd: Symbol
) -> None:
    first, second = opened(alice.login), opened(alice.login)

    def decide(order: OpenOrder) -> Trade:
        order.trade.comment = "changed"
        locked.update(order.trade)
        if order.trade.order == second.order:
            raise errors.NoMoney
        return order.trade

    with pytest.raises(errors.NoMoney), lock_account(alice.login) as locked:
        decide_each(locked, locked.open_positions(), decide)
    first.refresh_from_db()
    assert first.comment == ""


def test_the_statements_do_not_grow_with_the_positions(alice: Account, eurusd: Symbol) -> None:
    counts = []
    for number in (1, 5):
        for _ in range(number):
            opened(alice.login)
        with CaptureQueriesContext(connection) as captured:
            services.close_positions(login=alice.login)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_the_engine_hears_of_all_closes_at_once(
    alice: Account, eurusd: Symbol, django_capture_on_commit_callbacks: Any
) -> None:
    orders = [opened(alice.login).order for _ in range(3)]
    with django_capture_on_commit_callbacks(execute=True):
        services.close_positions(login=alice.login)
    entries: Any = redis.sync_client().xrange(BOOK_STREAM)
    (entry,) = entries
    assert all(str(order) in str(entry) for order in orders)


def test_a_repeat_with_the_same_key_closes_nothing_more(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    client = signed_in(alice)
    body: dict[str, object] = {"type": 0}
    opened(alice.login)
    first = send_write(client, "k1", "delete", "/trade/close/group", body)
    kept = opened(alice.login)
    again = send_write(client, "k1", "delete", "/trade/close/group", body)
    assert (again.status_code, again.json(), is_replayed(again)) == (200, first.json(), True)
    assert open_orders(alice.login) == [kept.order]


def test_cancelling_in_part_is_replayed_with_its_status(
    signed_in: Signed, alice: Account, eurusd: Symbol
) -> None:
    Symbol.objects.update(freeze_level=500)
    client = signed_in(alice)
    for price in ("1.05", "1.098"):
        services.open_pending(
            login=alice.login, cmd=Cmd.BUY_LIMIT, symbol="EURUSD", volume=10, open_price=D(price)
        )
    answers = [send_write(client, "k1", "delete", "/trade/cancel/group") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [207, 207]
    assert answers[0].json() == answers[1].json()
    assert len(open_orders(alice.login)) == 1

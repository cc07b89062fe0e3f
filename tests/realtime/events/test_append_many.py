"""Appending events of many accounts at once equals one append after the other."""

import time
from decimal import Decimal
from typing import Any

import orjson
import pytest
from django.db import connection, transaction

from accounts.models import Account
from alerts.events import AlertEvent
from core import redis
from realtime.events import event_log
from realtime.models import AccountEvent

pytestmark = pytest.mark.django_db(transaction=True)


def event(login: int, alert: int) -> AlertEvent:
    return AlertEvent(
        id=alert, login=login, symbol="EURUSD", indicator_name='a "name"', message="ü\n", side=0,
        condition=0, target_price=Decimal("1.10000001"), channel_low=Decimal(0),
        channel_high=Decimal(0), move_threshold=Decimal(0), status=1, repeat_mode=0, expires_at=0,
        triggered_price=Decimal("1.2"), triggered_at=5, code=5,
    )  # fmt: skip


def append_locked(*asked: tuple[int, list[AlertEvent]]) -> int:
    """Append under the accounts' locks; return the number of statements."""
    statements = 0

    def count(execute: object, *args: object) -> object:
        nonlocal statements
        statements += 1
        return execute(*args)  # type: ignore[operator]  # Django's, of no type

    with transaction.atomic():
        accounts = Account.objects.locked_all([login for login, _ in asked])
        with connection.execute_wrapper(count):
            event_log.append_many(list(zip(accounts, [events for _, events in asked], strict=True)))
    return statements


def test_each_account_continues_its_own_seq(alice: Account, bob: Account) -> None:
    begin = {account.login: account.seq for account in Account.objects.all()}
    one, two, three = event(alice.login, 1), event(bob.login, 2), event(bob.login, 3)
    append_locked((alice.login, [one]), (bob.login, [two, three]))
    append_locked((bob.login, [two]))
    found = {
        account.login: list(
            AccountEvent.objects.filter(login=account.login, seq__gt=begin[account.login])
            .order_by("seq")
            .values_list("seq", "event")
        )
        for account in (alice, bob)
    }
    first, second = begin[alice.login] + 1, begin[bob.login] + 1
    assert [seq for seq, _ in found[alice.login]] == [first]
    assert [seq for seq, _ in found[bob.login]] == [second, second + 1, second + 2]
    assert [row[1] for _, row in found[bob.login]] == [2, 3, 2]
    assert found[alice.login][0][1][4:6] == ['a "name"', "ü\n"]
    assert float(found[alice.login][0][1][8]) == 1.10000001
    for account in Account.objects.all():
        assert account.seq == begin[account.login] + len(found[account.login])


def test_the_rows_equal_those_of_single_appends(alice: Account) -> None:
    append_locked((alice.login, [event(alice.login, 1)]))
    with transaction.atomic():
        event_log.append_events(Account.objects.locked(alice.login), event(alice.login, 1))
    one, other = AccountEvent.objects.filter(login=alice.login).order_by("-seq")[:2]
    assert one.event == other.event
    assert one.seq == other.seq + 1
    assert abs(one.time - other.time) < 5


def test_the_number_of_statements_does_not_depend_on_the_accounts(
    alice: Account, bob: Account
) -> None:
    one = append_locked((alice.login, [event(alice.login, 1)]))
    many = append_locked(*((who.login, [event(who.login, 1)] * 5) for who in (alice, bob)))
    assert one == many == 2
    with transaction.atomic():
        event_log.append_many([])


def test_events_are_published_only_after_the_commit(alice: Account, bob: Account) -> None:
    begin = Account.objects.get(pk=bob.pk).seq
    listener = redis.sync_client().pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]  # redis-py's
    listener.subscribe(f"account:{alice.login}", f"account:{bob.login}")
    with transaction.atomic():
        event_log.append_many([(Account.objects.locked(alice.login), [event(alice.login, 1)])])
        transaction.set_rollback(True)
    append_locked((alice.login, [event(alice.login, 2)]), (bob.login, [event(bob.login, 3)] * 2))
    messages: list[Any] = []
    deadline = time.monotonic() + 10
    while len(messages) < 2:
        assert time.monotonic() < deadline, "not announced"
        if message := listener.get_message(timeout=1):
            messages.append((message["channel"], orjson.loads(message["data"])))
    listener.close()
    assert messages[0][1]["events"][0][1] == 2
    assert messages[1][0] == f"account:{bob.login}"
    assert messages[1][1]["first"] == begin + 1
    assert [wire[1] for wire in messages[1][1]["events"]] == [3, 3]

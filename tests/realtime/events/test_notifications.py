"""Notifications are stored once, in the transaction of what they tell, and pruned by age."""

from typing import Any

import pytest
from django.db import transaction

from accounts.models import Account
from accounts.services import staff
from core.clock import DAY_S, now
from realtime.events import event_log
from realtime.events.notifications import prune_notifications
from realtime.events.types import NotificationEvent, NotificationLevel, NotificationType
from realtime.models import AccountEvent, Notification

pytestmark = pytest.mark.django_db


def rights(login: int) -> NotificationEvent:
    texts = "Trading rights", "The account may trade again."
    return NotificationEvent.for_login(
        login, NotificationType.TRADING_RIGHTS, texts, NotificationLevel.INFO, enable_read_only=0
    )


def test_a_notification_is_stored_with_its_event(alice: Account) -> None:
    staff.set_read_only(login=alice.login, read_only=True)
    event = AccountEvent.objects.filter(login=alice.login).order_by("seq").last()
    assert event is not None
    stored = Notification.objects.get(login=alice.login)
    assert event.event == [
        "n", "Trading rights", "The account may only be looked at.",
        f"TRADING_RIGHTS:{event.seq}", 0, 10, alice.login, stored.create_time,
        {"enable_read_only": 1}, 0,
    ]  # fmt: skip
    assert stored.token == f"TRADING_RIGHTS:{event.seq}"
    assert (stored.message, stored.description) == tuple(event.event[1:3])
    assert (stored.type, stored.status, stored.level, stored.open_time) == (4, 0, 10, 0)
    assert stored.data == {"enable_read_only": 1}


def test_what_is_rolled_back_is_not_stored(alice: Account) -> None:
    with transaction.atomic():
        event_log.append_events(Account.objects.locked(alice.login), rights(alice.login))
        transaction.set_rollback(True)
    assert not Notification.objects.exists()


def test_many_accounts_get_theirs_by_one_statement(
    alice: Account, bob: Account, django_assert_num_queries: Any
) -> None:
    with transaction.atomic():
        accounts = Account.objects.locked_all([alice.login, bob.login])
        with django_assert_num_queries(3):
            event_log.append_many([(a, [rights(a.login)] * 2) for a in accounts])
    tokens = Notification.objects.order_by("login", "id").values_list("login", "token")
    assert list(tokens) == [
        (account.login, f"TRADING_RIGHTS:{account.seq - back}")
        for account in accounts
        for back in (1, 0)
    ]


def test_old_notifications_are_pruned(alice: Account, settings: Any) -> None:
    with transaction.atomic():
        account = Account.objects.locked(alice.login)
        event_log.append_events(account, *[rights(alice.login)] * 3)
    old = Notification.objects.order_by("id")[:2].values_list("pk", flat=True)
    settings.NOTIFICATION_DAYS = 10
    Notification.objects.filter(pk__in=list(old)).update(create_time=now() - 10 * DAY_S - 1)
    assert (prune_notifications(), Notification.objects.count()) == (2, 1)
    settings.NOTIFICATION_DAYS = 0
    assert prune_notifications() == 0

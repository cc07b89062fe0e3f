"""The most messages an address gets in an hour, and the summary of the rest."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import Account, User
from alerts.deliveries import dispatcher, enqueue, resend
from alerts.deliveries.enums import AddressState, DeliveryState
from alerts.deliveries.models import Address, Delivery
from alerts.evaluation import evaluate, firing
from alerts.models import Alert, AlertLog
from core.clock import now_ms
from tests.alerts.deliveries.conftest import pass_time
from tests.alerts.deliveries.webhook_receiver import Receiver, accept, always_answer
from tests.alerts.evaluation.test_exactly_once import Crash
from tests.alerts.small_feed import Feed

HOUR = 3_600_000  # ms
BEGIN = now_ms() // HOUR * HOUR - 24 * HOUR  # of an hour of yesterday
Crowd = Callable[[int], None]


@pytest.fixture(autouse=True)
def _most(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.ALERT_EMAILS_HOUR, settings.ALERT_WEBHOOKS_HOUR = 2, 3
    monkeypatch.setattr(enqueue, "now_ms", lambda: BEGIN + 1)


@pytest.fixture
def crowd(feed: Feed, alert: Callable[..., Alert]) -> Crowd:
    """Lets so many of Alice's alerts fire in one window."""

    def fire(count: int) -> None:
        feed.publish(1.09)
        for _ in range(count):
            alert()
        feed.publish(1.2)
        evaluate.evaluate_new_batches()

    return fire


def summaries() -> list[tuple[int, int, int]]:
    """Return hour, firings left out and next attempt, in ms from the start of the first hour."""
    found = Delivery.objects.filter(log=None, hour__isnull=False).order_by("pk")
    return [
        (row.hour * HOUR - BEGIN, row.left_out, row.next_try - BEGIN)
        for row in found
        if row.hour is not None
    ]


def firings() -> int:
    return Delivery.objects.filter(log__isnull=False).count()


@pytest.mark.parametrize("windows", [(8,), (1, 2, 1, 4), (2, 6), (3, 5)])
def test_firings_beyond_the_limit_become_one_summary(
    crowd: Crowd, webhook: Address, windows: tuple[int, ...]
) -> None:
    for count in windows:
        crowd(count)
    assert AlertLog.objects.count() == 8
    assert firings() == 3
    assert summaries() == [(0, 5, HOUR + 60_000)]


def test_up_to_the_limit_there_is_no_summary(crowd: Crowd, webhook: Address) -> None:
    crowd(3)
    assert (firings(), summaries()) == (3, [])


def test_each_hour_is_counted_by_itself(
    crowd: Crowd, webhook: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd(4)
    monkeypatch.setattr(enqueue, "now_ms", lambda: BEGIN + HOUR)
    crowd(5)
    assert firings() == 6
    assert summaries() == [(0, 1, HOUR + 60_000), (HOUR, 2, 2 * HOUR + 60_000)]


def test_the_webhook_gets_the_summary_signed_and_once(
    crowd: Crowd, webhook: Address, receiver: Receiver, alice: Account
) -> None:
    crowd(5)
    dispatcher.send_due_deliveries()
    dispatcher.send_due_deliveries()
    *fired, summary = receiver.got
    assert len(fired) == 3
    assert summary.json()["type"] == "price_alert.summary"
    assert summary.json()["data"] == {
        "login": alice.login, "left_out": 2, "begin": BEGIN // 1000, "end": (BEGIN + HOUR) // 1000,
    }  # fmt: skip
    assert summary.is_signed_with(webhook.secret)
    assert not Delivery.objects.filter(state=DeliveryState.WAITING).exists()


def test_the_summary_waits_until_its_hour_is_over(
    crowd: Crowd, webhook: Address, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enqueue, "now_ms", now_ms)
    crowd(5)
    dispatcher.send_due_deliveries()
    assert len(receiver.got) == 3
    pass_time(HOUR // 1000 + 60)
    dispatcher.send_due_deliveries()
    assert receiver.got[3].json()["data"]["left_out"] == 2


def test_a_failed_summary_is_sent_again_under_its_id_and_with_its_number(
    crowd: Crowd, webhook: Address, receiver: Receiver
) -> None:
    crowd(5)
    Delivery.objects.filter(log__isnull=False).delete()
    receiver.behaviour = always_answer(500)
    dispatcher.send_due_deliveries()
    receiver.behaviour = accept
    pass_time(10)
    dispatcher.send_due_deliveries()
    first, second = receiver.got
    assert (first.id, first.body) == (second.id, second.body)
    row = Delivery.objects.get(hour__isnull=False)
    assert row.state == DeliveryState.DELIVERED
    assert resend.resend_deliveries([row.pk]) == {row.pk}


def test_the_mailbox_has_its_own_limit_and_a_summary_as_text(
    crowd: Crowd, mailbox: Address, webhook: Address, mailoutbox: list[Any], receiver: Receiver
) -> None:
    mailoutbox.clear()
    crowd(5)
    dispatcher.send_due_deliveries()
    assert len(mailoutbox) == 3
    assert len(receiver.got) == 4
    summary = mailoutbox[-1]
    assert summary.subject == "3 more price alerts"
    assert "3 more price alerts of account 100001 fired" in summary.body
    assert "UTC" in summary.body


def test_zero_sends_every_firing(crowd: Crowd, webhook: Address, settings: Settings) -> None:
    settings.ALERT_WEBHOOKS_HOUR = 0
    crowd(8)
    assert (firings(), summaries()) == (8, [])


def test_an_address_that_was_switched_off_gets_no_summary(
    crowd: Crowd, webhook: Address, receiver: Receiver
) -> None:
    crowd(5)
    receiver.behaviour = always_answer(410)
    dispatcher.send_due_deliveries()
    assert len(receiver.got) == 1
    assert Address.objects.get().state == AddressState.OFF
    assert Delivery.objects.get(hour__isnull=False).state == DeliveryState.GIVEN_UP


def test_summaries_do_not_count_as_verifications(
    crowd: Crowd, webhook: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    from alerts.deliveries import addresses

    monkeypatch.setattr(addresses, "VERIFICATIONS_A_DAY", 2)
    monkeypatch.setattr(enqueue, "now_ms", now_ms)
    crowd(5)
    addresses.set_address(login=webhook.account_id, channel=0, address="a@example.com")  # type: ignore[arg-type]
    assert Address.objects.in_use(webhook.account_id).count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_crash_counts_no_message_twice(
    crowd: Crowd, feed: Feed, webhook: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = enqueue.enqueue_deliveries

    def dies(logs: Any) -> None:
        write(logs)
        if logs:
            raise Crash

    monkeypatch.setattr(firing, "enqueue_deliveries", dies)
    for _ in range(2):
        with pytest.raises(Crash):
            crowd(1)
    monkeypatch.setattr(firing, "enqueue_deliveries", write)
    crowd(2)
    assert (firings(), summaries()) == (3, [(0, 1, HOUR + 60_000)])


def test_support_sees_how_many_firings_were_left_out(
    crowd: Crowd, webhook: Address, carol: User, client: Client
) -> None:
    crowd(7)
    client.force_login(carol)
    row = Delivery.objects.get(hour__isnull=False)
    assert ">4 summed up<" in client.get("/admin/alerts/delivery/").content.decode()
    assert client.get(f"/admin/alerts/delivery/{row.pk}/change/").status_code == 200
    assert client.get(f"/admin/alerts/address/{webhook.pk}/change/").status_code == 200

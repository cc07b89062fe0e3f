"""A receiver, Alice's verified addresses, and a firing of hers."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from accounts.models import Account
from alerts.deliveries import addresses, dispatcher
from alerts.deliveries.enums import Channel
from alerts.deliveries.models import Address, Delivery
from alerts.evaluation import evaluate
from alerts.models import Alert, AlertLog
from core.clock import now_ms
from tests.alerts.deliveries.webhook_receiver import Receiver, Server
from tests.alerts.small_feed import Feed
from tests.conftest import Signed
from tests.rest_client import Rest

Fire = Callable[..., AlertLog]


@pytest.fixture(autouse=True)
def _settings(settings: Any) -> None:
    settings.WEBHOOK_ALLOW_LOOPBACK = True
    settings.EMAIL_URL = "smtp://mail.example"


@pytest.fixture(autouse=True)
def _one_dispatcher(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let only the test's own thread send, unless the test says otherwise."""
    monkeypatch.setattr(dispatcher, "free_slots", threading.BoundedSemaphore(1))
    dispatcher.free_slots.acquire()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    server = Server(receiver)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield receiver
    receiver.stop.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def webhook(alice: Account, receiver: Receiver) -> Address:
    """Alice's webhook, verified by the receiver."""
    addresses.set_address(login=alice.login, channel=Channel.WEBHOOK, address=receiver.url)
    dispatcher.send_due_deliveries()
    receiver.got.clear()
    return Address.objects.get(account=alice, channel=Channel.WEBHOOK, state=1)


@pytest.fixture
def mailbox(alice: Account, mailoutbox: list[Any]) -> Address:
    """Alice's e-mail address, verified by the code."""
    addresses.set_address(login=alice.login, channel=Channel.EMAIL, address="alice@example.com")
    dispatcher.send_due_deliveries()
    mailbox = Address.objects.get(channel=Channel.EMAIL)
    addresses.confirm_email(login=alice.login, code=mailbox.code)
    mailoutbox.clear()
    return Address.objects.get(account=alice, channel=Channel.EMAIL, state=1)


@pytest.fixture
def fire(feed: Feed, alert: Callable[..., Alert]) -> Fire:
    """Let an alert of Alice's fire; return its log row."""

    def once(**fields: Any) -> AlertLog:
        feed.publish(1.09)
        created = alert(**fields)
        evaluate.evaluate_new_batches()
        feed.publish(1.2)
        evaluate.evaluate_new_batches()
        return AlertLog.objects.get(alert=created)

    return once


@pytest.fixture
def rest(alice: Account, signed_in: Signed) -> Rest:
    return Rest(signed_in(alice))


def only_delivery() -> Delivery:
    """Return the only delivery of an alert."""
    return Delivery.objects.get(log__isnull=False)


def pass_time(seconds: float) -> None:
    """Make everything that waits that many seconds older."""
    for row in Delivery.objects.all():
        Delivery.objects.filter(pk=row.pk).update(next_try=row.next_try - int(seconds * 1000))
    for address in Address.objects.all():
        rest = max(address.rest_until - int(seconds * 1000), 0)
        Address.objects.filter(pk=address.pk).update(rest_until=rest)


def seconds_until_retry() -> float:
    """Return the seconds until the delivery's next attempt."""
    return (only_delivery().next_try - now_ms()) / 1000

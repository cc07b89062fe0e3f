"""Which deliveries a firing writes, and what that costs."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from alerts.deliveries import addresses, dispatcher
from alerts.deliveries.enqueue import enqueue_deliveries
from alerts.deliveries.enums import AddressState, Channel
from alerts.deliveries.models import Address, Delivery
from alerts.models import AlertLog
from core import redis
from tests.alerts.deliveries.conftest import Fire


def test_without_an_address_no_delivery_is_written(fire: Fire) -> None:
    fire()
    assert not Delivery.objects.exists()


def test_a_firing_is_delivered_to_its_owner_alone(
    fire: Fire, webhook: Address, bob: Account
) -> None:
    Address.objects.create(
        account=bob, channel=Channel.EMAIL, address="b@example.com", state=AddressState.VERIFIED,
        created_at=1, updated_at=1,
    )  # fmt: skip
    log = fire()
    row = Delivery.objects.get(log__isnull=False)
    assert (row.log, row.address, row.attempts) == (log, webhook, 0)


@pytest.mark.parametrize("state", [AddressState.UNVERIFIED, AddressState.OFF, AddressState.ENDED])
def test_only_verified_addresses_get_a_delivery(
    fire: Fire, webhook: Address, state: AddressState
) -> None:
    Address.objects.update(state=state)
    fire()
    assert not Delivery.objects.filter(log__isnull=False).exists()


def test_any_number_of_firings_takes_one_statement_and_zero_none(
    fire: Fire, webhook: Address
) -> None:
    logs = [AlertLog(pk=log.pk, login=log.login) for log in (fire(), fire(), fire())]
    Delivery.objects.all().delete()
    with CaptureQueriesContext(connection) as queries:
        enqueue_deliveries(logs)
    assert len(queries) == 1
    assert Delivery.objects.count() == 3
    with CaptureQueriesContext(connection) as queries:
        enqueue_deliveries([])
    assert len(queries) == 0


@pytest.mark.django_db(transaction=True)
def test_the_worker_is_started_after_the_commit_if_deliveries_were_written(
    fire: Fire, alice: Account, receiver: object
) -> None:
    redis.mark_alive("worker")
    fire()
    assert waiting() == 0
    addresses.set_address(login=alice.login, channel=Channel.EMAIL, address="a@example.com")
    assert waiting() == 1
    Address.objects.update(state=AddressState.VERIFIED)
    fire()
    assert waiting() == 2


@pytest.mark.django_db(transaction=True)
def test_without_a_running_worker_no_task_is_queued(alice: Account) -> None:
    addresses.set_address(login=alice.login, channel=Channel.EMAIL, address="a@example.com")
    assert waiting() == 0
    dispatcher.send_due_deliveries()
    assert Delivery.objects.get().attempts == 1


def waiting() -> int:
    from config.celery import app

    with app.connection_for_read() as broker:
        channel: Any = broker.default_channel
        return int(channel.client.llen("celery"))


def test_a_delivery_to_an_address_removed_after_the_firing_is_given_up(
    fire: Fire, webhook: Address, receiver: object
) -> None:
    fire()
    Address.objects.update(state=AddressState.ENDED)  # as if it committed before the row
    dispatcher.send_due_deliveries()
    row = Delivery.objects.get(log__isnull=False)
    assert (row.state, row.answer) == (2, "the address was not verified any more")

"""Support views deliveries and resends them."""

import pytest
from django.test import Client

from accounts.models import User
from alerts.deliveries import dispatcher
from alerts.deliveries.enums import AddressState, DeliveryState
from alerts.deliveries.models import Address, Delivery
from alerts.models import AlertLog
from audit.models import Entry
from tests.alerts.deliveries.conftest import Fire, only_delivery, pass_time
from tests.alerts.deliveries.webhook_receiver import Receiver, accept, always_answer
from tests.backoffice.actions.account_actions import form_data

LIST = "/admin/alerts/delivery/"


@pytest.fixture
def support(carol: User, client: Client) -> Client:
    client.force_login(carol)
    return client


@pytest.fixture
def given_up(fire: Fire, webhook: Address, receiver: Receiver) -> Delivery:
    receiver.behaviour = always_answer(500)
    fire()
    Delivery.objects.filter(log__isnull=False).update(step=9, attempts=9)
    dispatcher.send_due_deliveries()
    assert only_delivery().state == DeliveryState.GIVEN_UP
    receiver.behaviour = accept
    receiver.got.clear()
    pass_time(1000)
    return only_delivery()


def send_again(client: Client, *rows: Delivery) -> str:
    body = {"action": "send_again", "_selected_action": [row.pk for row in rows]}
    return client.post(LIST, body, follow=True).content.decode()


def test_support_resends_a_delivery_that_was_given_up(
    support: Client, given_up: Delivery, receiver: Receiver
) -> None:
    assert "1 of 1 will be sent again." in send_again(support, given_up)
    dispatcher.send_due_deliveries()
    (got,) = receiver.got
    assert got.id == given_up.message_id
    assert (only_delivery().state, only_delivery().attempts) == (DeliveryState.DELIVERED, 11)
    entry = Entry.objects.get(action="send_again")
    assert (entry.staff_id, entry.key, entry.login) == (3, str(given_up.pk), 100001)


def test_a_delivered_message_can_be_resent(
    support: Client, fire: Fire, webhook: Address, receiver: Receiver
) -> None:
    fire()
    dispatcher.send_due_deliveries()
    send_again(support, only_delivery())
    dispatcher.send_due_deliveries()
    assert len({got.id for got in receiver.got}) == 1
    assert len(receiver.got) == 2


def test_a_resent_delivery_starts_its_backoff_from_the_first_step(
    support: Client, given_up: Delivery, receiver: Receiver
) -> None:
    receiver.behaviour = always_answer(500)
    send_again(support, given_up)
    dispatcher.send_due_deliveries()
    assert (only_delivery().state, only_delivery().step) == (DeliveryState.WAITING, 1)


@pytest.mark.parametrize("model", ["delivery", "alertlog", "alert", "address"])
def test_support_sends_again_where_the_delivery_is_seen(
    support: Client, given_up: Delivery, receiver: Receiver, model: str
) -> None:
    log = given_up.log
    assert log is not None
    keys = {"alertlog": log.pk, "alert": log.alert_id, "address": given_up.address_id}
    page = f"/admin/alerts/{model}/{keys.get(model, given_up.pk)}"
    assert f'href="{page}/do/send_again/"' in support.get(f"{page}/change/").content.decode()
    answer = support.post(f"{page}/do/send_again/", form_data(reason=""), follow=True)
    assert "1 delivery will be sent again." in answer.content.decode()
    dispatcher.send_due_deliveries()
    assert [got.id for got in receiver.got] == [given_up.message_id]
    entries = Entry.objects.filter(action="send_again", model="alerts.delivery")
    assert [(entry.key, entry.login) for entry in entries] == [(str(given_up.pk), 100001)]


def test_nothing_is_offered_to_be_sent_again_to_an_unverified_address(
    support: Client, given_up: Delivery
) -> None:
    Address.objects.update(state=AddressState.OFF)
    page = f"/admin/alerts/delivery/{given_up.pk}"
    assert "/do/send_again/" not in support.get(f"{page}/change/").content.decode()
    assert support.post(f"{page}/do/send_again/", form_data()).status_code == 403


def test_a_delivery_behind_a_failing_address_says_what_holds_it_back(
    support: Client, fire: Fire, webhook: Address, receiver: Receiver
) -> None:
    receiver.behaviour = always_answer(503)
    fire()
    dispatcher.send_due_deliveries()
    tried = only_delivery()
    Delivery.objects.filter(pk=tried.pk).update(log=None, hour=1)
    fire()
    held = "held back: the address answers 503 Service Unavailable"
    page = support.get(f"/admin/alerts/delivery/{only_delivery().pk}/change/").content.decode()
    assert held in page
    assert support.get(LIST).content.decode().count(held) == 1  # the first waits for its next try
    receiver.behaviour = accept
    pass_time(1000)
    dispatcher.send_due_deliveries()
    assert "held back" not in support.get(LIST).content.decode()
    webhook.refresh_from_db()
    assert (webhook.failures, webhook.last_answer) == (0, "")


@pytest.mark.parametrize("state", [AddressState.OFF, AddressState.ENDED])
def test_no_delivery_is_resent_to_an_address_that_is_no_longer_verified(
    support: Client, given_up: Delivery, state: AddressState
) -> None:
    Address.objects.update(state=state)
    page = send_again(support, given_up)
    assert "0 of 1 will be sent again." in page
    assert "Not sent: 1, of verifications and to addresses that are not verified." in page
    assert only_delivery().state == DeliveryState.GIVEN_UP


def test_a_verification_cannot_be_resent(support: Client, webhook: Address) -> None:
    row = Delivery.objects.get(log=None)
    assert "0 of 1 will be sent again." in send_again(support, row)
    row.refresh_from_db()
    assert row.state == DeliveryState.DELIVERED


def test_a_dealer_neither_sees_nor_resends_deliveries(
    dan: User, client: Client, given_up: Delivery
) -> None:
    client.force_login(dan)
    assert client.get(LIST).status_code == 403
    body = {"action": "send_again", "_selected_action": [given_up.pk]}
    assert client.post(LIST, body).status_code == 403
    assert only_delivery().state == DeliveryState.GIVEN_UP


def test_the_log_row_shows_its_deliveries(support: Client, given_up: Delivery) -> None:
    log = AlertLog.objects.get()
    page = support.get(f"/admin/alerts/alertlog/{log.pk}/change/").content.decode()
    assert "500 Internal Server Error" in page
    assert given_up.address.address in page


def test_no_page_shows_a_code_or_a_secret(support: Client, webhook: Address) -> None:
    Address.objects.update(code="the-challenge", old_secret="whsec_older")
    page = support.get(f"/admin/alerts/address/{webhook.pk}/change/").content.decode()
    page += support.get("/admin/alerts/address/").content.decode()
    assert webhook.address in page
    assert "whsec_" not in page
    assert "the-challenge" not in page


@pytest.mark.parametrize("model", ["delivery", "address"])
def test_deliveries_and_addresses_cannot_be_edited(
    support: Client, given_up: Delivery, model: str
) -> None:
    row = {"delivery": given_up.pk, "address": given_up.address_id}[model]
    assert support.post(f"/admin/alerts/{model}/{row}/change/", {"state": 1}).status_code == 403
    assert support.get(f"/admin/alerts/{model}/add/").status_code == 403


@pytest.mark.parametrize("column", ["secret", "old_secret", "code"])
def test_a_filter_on_a_secret_column_is_refused(
    support: Client, webhook: Address, column: str
) -> None:
    guess = {f"{column}__startswith": getattr(webhook, column)[:7]}
    assert support.get("/admin/alerts/address/", guess).status_code == 400
    assert support.get("/admin/alerts/address/", {"state": 1}).status_code == 200

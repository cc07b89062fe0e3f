"""Webhook messages, and how the receiver's answer is taken."""

import socket
import time
from typing import Any

import pytest

from alerts.deliveries import dispatcher, webhook
from alerts.deliveries.enums import DeliveryState
from alerts.deliveries.models import Address, Delivery
from core.clock import now
from tests.alerts.deliveries.conftest import Fire, only_delivery, pass_time, seconds_until_retry
from tests.alerts.deliveries.webhook_receiver import (
    Handler,
    ReceivedMessage,
    Receiver,
    accept,
    always_answer,
)

pytestmark = pytest.mark.usefixtures("webhook")


@pytest.fixture
def _short_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "TIMEOUT", 0.4)


def test_a_firing_is_sent_once_signed_and_with_its_evidence(
    receiver: Receiver, fire: Fire, webhook: Address
) -> None:
    log = fire(message="to the moon", indicator_name="RSI")
    dispatcher.send_due_deliveries()
    (got,) = receiver.got
    assert got.path == "/hook?a=1"
    assert got.is_signed_with(webhook.secret)
    assert abs(int(got.headers["webhook-timestamp"]) - now()) <= 5
    assert got.headers["content-type"] == "application/json"
    assert got.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert got.json() == {
        "type": "price_alert.triggered",
        "timestamp": "2023-11-14T22:13:22.000Z",
        "data": {
            "id": log.pk, "alert_id": log.alert_id, "login": 100001, "symbol": "EURUSD",
            "indicator_name": "RSI", "message": "to the moon", "comment": "", "side": 0,
            "condition": 0, "target_price": 1.1, "triggered_price": 1.2,
            "triggered_at": log.triggered_at, "previous_price": 1.09,
            "quote_time": log.quote_time,
        },
    }  # fmt: skip
    done = only_delivery()
    assert (done.state, done.attempts, done.answer) == (DeliveryState.DELIVERED, 1, "200 OK")
    assert done.done_at >= done.created_at
    dispatcher.send_due_deliveries()
    assert len(receiver.got) == 1


def test_the_longest_texts_fit_into_20_kb(receiver: Receiver, fire: Fire) -> None:
    fire(message="\x01" * 256, indicator_name="𝄞" * 256, comment='"' * 256)
    dispatcher.send_due_deliveries()
    assert len(receiver.got[0].body) <= 20_000
    assert receiver.got[0].json()["data"]["indicator_name"] == "𝄞" * 256


def test_a_failing_delivery_is_given_up_after_ten_attempts(
    receiver: Receiver, fire: Fire, webhook: Address
) -> None:
    receiver.behaviour = always_answer(500)
    fire()
    for attempt, seconds in enumerate([5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]):
        dispatcher.send_due_deliveries()
        row = only_delivery()
        assert (row.state, row.attempts) == (DeliveryState.WAITING, attempt + 1)
        assert row.answer == "500 Internal Server Error"
        assert seconds - 5 <= seconds_until_retry() <= 1.1 * seconds
        dispatcher.send_due_deliveries()
        assert len(receiver.got) == attempt + 1
        pass_time(1.1 * seconds)
    dispatcher.send_due_deliveries()
    assert (only_delivery().state, only_delivery().attempts) == (DeliveryState.GIVEN_UP, 10)
    pass_time(10**6)
    dispatcher.send_due_deliveries()
    assert len(receiver.got) == 10
    assert len({got.id for got in receiver.got}) == 1
    assert len({got.body for got in receiver.got}) == 1
    assert all(got.is_signed_with(webhook.secret) for got in receiver.got)


def test_a_retry_after_recovery_delivers_the_message(receiver: Receiver, fire: Fire) -> None:
    receiver.behaviour = always_answer(503)
    fire()
    dispatcher.send_due_deliveries()
    receiver.behaviour = accept
    pass_time(6)
    dispatcher.send_due_deliveries()
    assert (only_delivery().state, only_delivery().attempts) == (DeliveryState.DELIVERED, 2)
    assert Address.objects.get().failures == 0


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_used_where_it_is_longer_than_the_backoff(
    receiver: Receiver, fire: Fire, status: int
) -> None:
    receiver.behaviour = always_answer(status, Retry_After="600")
    fire()
    dispatcher.send_due_deliveries()
    assert 595 <= seconds_until_retry() <= 600
    pass_time(500)
    dispatcher.send_due_deliveries()
    assert len(receiver.got) == 1
    pass_time(101)
    dispatcher.send_due_deliveries()
    assert len(receiver.got) == 2


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_a_failure_and_not_followed(
    receiver: Receiver, fire: Fire, status: int
) -> None:
    receiver.behaviour = always_answer(status, Location=f"http://127.0.0.1:{receiver.port}/other")
    fire()
    dispatcher.send_due_deliveries()
    assert [got.path for got in receiver.got] == ["/hook?a=1"]
    assert only_delivery().state == DeliveryState.WAITING
    assert only_delivery().answer.startswith(str(status))


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_every_2xx_is_a_success(receiver: Receiver, fire: Fire, status: int) -> None:
    receiver.behaviour = always_answer(status)
    fire()
    dispatcher.send_due_deliveries()
    assert only_delivery().state == DeliveryState.DELIVERED


@pytest.mark.usefixtures("_short_timeout")
def test_a_hanging_receiver_times_out(receiver: Receiver, fire: Fire) -> None:
    def hangs(handler: Handler, got: ReceivedMessage) -> None:
        receiver.stop.wait(10)

    receiver.behaviour = hangs
    fire()
    assert_timed_out()


@pytest.mark.usefixtures("_short_timeout")
def test_a_receiver_that_sends_byte_by_byte_times_out_as_well(
    receiver: Receiver, fire: Fire
) -> None:
    def drips(handler: Handler, got: ReceivedMessage) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not receiver.stop.wait(0.05):
            handler.wfile.write(b"X: y\r\nX")

    receiver.behaviour = drips
    fire()
    assert_timed_out()


def assert_timed_out() -> None:
    begin = time.monotonic()
    dispatcher.send_due_deliveries()
    assert time.monotonic() - begin < 2
    assert (only_delivery().state, only_delivery().answer) == (DeliveryState.WAITING, "timed out")
    assert only_delivery().attempts == 1


def test_of_a_huge_answer_only_the_status_is_read(receiver: Receiver, fire: Fire) -> None:
    hung_up: list[bool] = []

    def huge(handler: Handler, got: ReceivedMessage) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(10**12))
        handler.end_headers()
        try:
            while not receiver.stop.is_set():
                handler.wfile.write(b"x" * 65_536)
        except OSError:
            hung_up.append(True)

    receiver.behaviour = huge
    fire()
    begin = time.monotonic()
    dispatcher.send_due_deliveries()
    assert time.monotonic() - begin < 5
    assert only_delivery().state == DeliveryState.DELIVERED


def test_endless_headers_are_a_failure(receiver: Receiver, fire: Fire) -> None:
    def endless(handler: Handler, got: ReceivedMessage) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n")

    receiver.behaviour = endless
    fire()
    dispatcher.send_due_deliveries()
    assert only_delivery().state == DeliveryState.WAITING
    assert "headers" in only_delivery().answer


@pytest.mark.parametrize("response", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 2\x000 \x00\r\n\r\n"])
def test_an_answer_that_is_not_http_is_a_failure(
    receiver: Receiver, fire: Fire, response: bytes
) -> None:
    def babbles(handler: Handler, got: ReceivedMessage) -> None:
        handler.wfile.write(response)

    receiver.behaviour = babbles
    fire()
    dispatcher.send_due_deliveries()
    assert only_delivery().state == DeliveryState.WAITING
    assert only_delivery().answer


def test_a_refused_connection_is_a_failure(fire: Fire, webhook: Address) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        Address.objects.update(address=f"http://127.0.0.1:{port}/")
        fire()
        dispatcher.send_due_deliveries()
    assert "refused" in only_delivery().answer


def test_a_private_address_is_refused_at_the_connect(
    receiver: Receiver, fire: Fire, settings: Any
) -> None:
    fire()
    settings.WEBHOOK_ALLOW_LOOPBACK = False
    dispatcher.send_due_deliveries()
    assert receiver.got == []
    assert only_delivery().state == DeliveryState.WAITING
    assert only_delivery().answer == "refused: the host is at no public address"


def test_the_checked_ip_address_is_the_one_connected_to(
    receiver: Receiver, fire: Fire, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def rebinding(host: str, *_: Any) -> Any:
        asked.append(host)
        ip = "127.0.0.1" if len(asked) == 1 else "10.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, receiver.port))]

    create = socket.create_connection

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        assert address == ("127.0.0.1", receiver.port)
        monkeypatch.undo()  # the real one resolves the number with getaddrinfo
        return create(address, timeout)

    Address.objects.update(address=f"http://hook.example:{receiver.port}/")
    fire()
    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    monkeypatch.setattr(socket, "create_connection", connect)
    dispatcher.send_claimed(claimed())
    assert asked == ["hook.example"]
    assert receiver.got[0].headers["host"] == f"hook.example:{receiver.port}"


def claimed() -> Delivery:
    found = Delivery.objects.claim()
    assert found
    return found

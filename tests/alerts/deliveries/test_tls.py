"""https: the certificate must be one of the host's name, signed by somebody whom we trust.

`hook_example.pem` is a certificate for hook.example, signed by itself, with its key.
"""

import socket
import ssl
from pathlib import Path
from typing import Any

import pytest

from alerts.deliveries import connection, couriers, webhook
from alerts.deliveries.enums import DeliveryState
from alerts.deliveries.models import Address
from tests.alerts.deliveries.conftest import Fire, delivery
from tests.alerts.deliveries.receiver import Receiver

PEM = Path(__file__).with_name("hook_example.pem")


@pytest.fixture(autouse=True)
def _trust(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("SSL_CERT_FILE", str(PEM))
    connection.trusted.cache_clear()
    yield
    connection.trusted.cache_clear()


@pytest.fixture(autouse=True)
def _names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every name is at 127.0.0.1."""

    def resolved(host: str, port: int, *_: Any) -> Any:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolved)


@pytest.fixture
def asked(receiver: Receiver, webhook: Address) -> list[str | None]:
    """The receiver speaks TLS from now on; the names that it is asked for."""
    names: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(PEM)
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    receiver.secure(context)
    Address.objects.update(address=f"https://hook.example:{receiver.port}/")
    return names


def test_a_verified_host_gets_the_message_and_is_asked_by_its_name(
    asked: list[str | None], receiver: Receiver, fire: Fire
) -> None:
    fire()
    couriers.work()
    assert asked == ["hook.example"]
    assert receiver.got[0].headers["host"] == f"hook.example:{receiver.port}"
    assert delivery().state == DeliveryState.DELIVERED


def test_a_certificate_of_another_name_is_refused(
    asked: list[str | None], receiver: Receiver, fire: Fire
) -> None:
    Address.objects.update(address=f"https://other.example:{receiver.port}/")
    fire()
    couriers.work()
    assert receiver.got == []
    assert "Hostname mismatch" in delivery().answer


def test_a_certificate_that_nobody_trusts_is_refused(
    asked: list[str | None], receiver: Receiver, fire: Fire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    connection.trusted.cache_clear()
    fire()
    couriers.work()
    assert receiver.got == []
    assert "CERTIFICATE_VERIFY_FAILED" in delivery().answer


@pytest.mark.usefixtures("webhook")
def test_who_hangs_in_the_handshake_is_cut_off(fire: Fire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "TIMEOUT", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        Address.objects.update(address=f"https://hook.example:{silent.getsockname()[1]}/")
        fire()
        couriers.work()
    assert delivery().answer == "timed out"

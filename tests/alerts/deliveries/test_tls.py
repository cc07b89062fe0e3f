"""https: the certificate must be one of the host's name, signed by somebody whom we trust.

`hook_example.pem` is a certificate for hook.example, signed by itself, with its key.
"""

import socket
import ssl
from pathlib import Path
from typing import Any

import pytest

from alerts.deliveries import dispatcher, pinned_http, webhook
from alerts.deliveries.enums import DeliveryState
from alerts.deliveries.models import Address
from tests.alerts.deliveries.conftest import Fire, only_delivery
from tests.alerts.deliveries.webhook_receiver import Receiver

PEM = Path(__file__).with_name("hook_example.pem")


@pytest.fixture(autouse=True)
def _trust(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("SSL_CERT_FILE", str(PEM))
    pinned_http.trusted_tls_context.cache_clear()
    yield
    pinned_http.trusted_tls_context.cache_clear()


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


def test_a_trusted_host_gets_the_message_by_its_server_name(
    asked: list[str | None], receiver: Receiver, fire: Fire
) -> None:
    fire()
    dispatcher.send_due_deliveries()
    assert asked == ["hook.example"]
    assert receiver.got[0].headers["host"] == f"hook.example:{receiver.port}"
    assert only_delivery().state == DeliveryState.DELIVERED


def test_a_certificate_for_another_host_is_refused(
    asked: list[str | None], receiver: Receiver, fire: Fire
) -> None:
    Address.objects.update(address=f"https://other.example:{receiver.port}/")
    fire()
    dispatcher.send_due_deliveries()
    assert receiver.got == []
    assert "Hostname mismatch" in only_delivery().answer


def test_an_untrusted_certificate_is_refused(
    asked: list[str | None], receiver: Receiver, fire: Fire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    pinned_http.trusted_tls_context.cache_clear()
    fire()
    dispatcher.send_due_deliveries()
    assert receiver.got == []
    assert "CERTIFICATE_VERIFY_FAILED" in only_delivery().answer


@pytest.mark.usefixtures("webhook")
def test_a_hanging_tls_handshake_times_out(fire: Fire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "TIMEOUT", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        Address.objects.update(address=f"https://hook.example:{silent.getsockname()[1]}/")
        fire()
        dispatcher.send_due_deliveries()
    assert only_delivery().answer == "timed out"

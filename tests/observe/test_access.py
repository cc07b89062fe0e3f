"""Access to `/metrics`."""

import pytest
from django.test import Client, override_settings

TOKEN = "prometheus-with-24-characters"
HERE, AWAY = "127.0.0.1", "192.0.2.7"


def status(address: str, **headers: str) -> int:
    """Return the status of a request from that address."""
    client = Client(REMOTE_ADDR=address)
    return client.get("/metrics", headers=headers).status_code


@override_settings(METRICS_TOKEN=TOKEN, METRICS_LOOPBACK=False)
@pytest.mark.parametrize("address", [HERE, AWAY])
def test_the_token_reads_the_metrics_from_any_address(address: str) -> None:
    assert status(address, authorization=f"Bearer {TOKEN}") == 200
    assert status(address, authorization=f"bearer {TOKEN}") == 200


@override_settings(METRICS_TOKEN=TOKEN, METRICS_LOOPBACK=False)
@pytest.mark.parametrize("address", [HERE, AWAY])
@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", f"Bearer {TOKEN}x", "Bearer ü", TOKEN, f"Basic {TOKEN}"]
)
def test_a_missing_or_wrong_token_is_refused(address: str, header: str) -> None:
    assert status(address, authorization=header) == 401


@override_settings(METRICS_TOKEN="", METRICS_LOOPBACK=False)
@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer  "])
def test_an_empty_token_is_refused_although_the_setting_is_empty(header: str) -> None:
    assert status(HERE, authorization=header) == 401


@override_settings(METRICS_TOKEN="", METRICS_LOOPBACK=True)
def test_with_metrics_loopback_this_machine_needs_no_token() -> None:
    assert status(HERE) == status("::1") == 200
    assert status(AWAY) == status("") == status("unix:") == 401


@override_settings(METRICS_TOKEN="", METRICS_LOOPBACK=True)
@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded"])
def test_a_forwarded_request_from_this_machine_needs_a_token(header: str) -> None:
    assert status(HERE, **{header: AWAY}) == 401


def test_the_refusal_has_the_errors_shape() -> None:
    answer = Client(REMOTE_ADDR=AWAY).get("/metrics")
    assert set(answer.json()) == {"error", "message"}
    assert answer["WWW-Authenticate"] == "Bearer"


@override_settings(ALLOWED_HOSTS=["broker.example"], SECURE_SSL_REDIRECT=True, LIMIT_ADDRESS=1)
@pytest.mark.parametrize("path", ["/healthz", "/metrics", "/healthz/", "/metrics/"])
def test_probes_are_exempt_from_hosts_https_and_rate_limits(path: str) -> None:
    for _ in range(5):
        answer = Client().get(path, HTTP_HOST="10.0.0.7:8000")
        assert answer.status_code == 200
        assert answer["Cache-Control"] == "no-store"
    assert Client().get("/docs", HTTP_HOST="10.0.0.7:8000").status_code in (301, 400)

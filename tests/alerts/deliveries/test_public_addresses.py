"""To which addresses a webhook may connect."""

import socket
import time
from ipaddress import ip_address
from typing import Any

import pytest

from alerts.deliveries.public_addresses import NoPublicAddress, is_allowed, resolve_allowed

PUBLIC = ["8.8.8.8", "93.184.216.34", "172.32.0.1", "2606:4700:4700::1111", "2a00:1450::1"]
INSIDE = [
    "127.0.0.1", "127.255.255.254", "::1", "0.0.0.0", "::", "10.0.0.1", "172.16.0.1",
    "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.0.1", "192.0.2.1",
    "198.18.0.1", "198.51.100.1", "203.0.113.1", "192.88.99.1", "224.0.0.1", "239.1.1.1",
    "240.0.0.1", "255.255.255.255", "fe80::1", "fec0::1", "fc00::1", "fd00::1", "ff02::1",
    "2001:db8::1", "3fff::1", "100::1",
    "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::808:808",
    "64:ff9b:1::a00:1", "2002:7f00:1::", "2002:808:808::", "2001:0:808:808::1", "5f00::1",
]  # fmt: skip


@pytest.fixture(autouse=True)
def _production(settings: Any) -> None:
    settings.WEBHOOK_ALLOW_LOOPBACK = False


def names(*ips: str) -> list[tuple[Any, ...]]:
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 443)) for ip in ips]


@pytest.mark.parametrize("ip", PUBLIC)
def test_public_addresses_are_allowed(ip: str) -> None:
    assert is_allowed(ip_address(ip))


@pytest.mark.parametrize("ip", INSIDE)
def test_private_and_special_addresses_are_refused(ip: str) -> None:
    assert not is_allowed(ip_address(ip))


@pytest.mark.parametrize("ip", INSIDE[3:])
def test_the_setting_for_tests_allows_loopback_alone(settings: Any, ip: str) -> None:
    settings.WEBHOOK_ALLOW_LOOPBACK = True
    assert is_allowed(ip_address("127.0.0.1"))
    assert is_allowed(ip_address("::1"))
    assert not is_allowed(ip_address(ip))


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "2130706433", "0x7f.1", "127.1", "0"])
def test_every_spelling_of_localhost_is_refused_after_resolving(host: str) -> None:
    with pytest.raises(NoPublicAddress):
        resolve_allowed(host, 443, 5)


def test_of_several_addresses_only_the_public_ones_are_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = names("10.0.0.1", "8.8.8.8", "8.8.8.8", "127.0.0.1")
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: found)
    assert resolve_allowed("rebound.example", 443, 5) == [ip_address("8.8.8.8")]


def test_a_hanging_resolver_times_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: time.sleep(1))
    begin = time.monotonic()
    with pytest.raises(TimeoutError):
        resolve_allowed("slow.example", 443, 0.05)
    assert time.monotonic() - begin < 0.9


@pytest.mark.parametrize("host", ["nowhere.invalid", "x" * 300, "a..b", ".a"])
def test_an_unknown_host_is_a_network_error(host: str) -> None:
    with pytest.raises(OSError, match=r"\S"):
        resolve_allowed(host, 443, 5)

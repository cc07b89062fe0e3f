"""Which address is counted: forwarded headers are trusted only behind proxies."""

from typing import Any

import pytest
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from accounts.models import Account
from core.client_address import get_client_network
from tests.conftest import Signed


def seen(forwarded: str | None, direct: str = "192.0.2.1") -> str:
    request = APIRequestFactory().get("/", REMOTE_ADDR=direct)
    if forwarded is not None:
        request.META["HTTP_X_FORWARDED_FOR"] = forwarded
    return get_client_network(Request(request))


def test_without_trusted_proxies_a_forwarded_header_is_ignored(
    signed_in: Signed, alice: Account, settings: Any
) -> None:
    settings.LIMIT_ADDRESS = 2
    client = signed_in(alice)
    statuses = [
        client.get("/market", HTTP_X_FORWARDED_FOR=f"198.51.100.{number}").status_code
        for number in range(3)
    ]
    assert statuses == [200, 200, 429]


def test_behind_a_trusted_proxy_each_client_address_is_counted(
    signed_in: Signed, alice: Account, settings: Any
) -> None:
    settings.LIMIT_ADDRESS, settings.TRUSTED_PROXIES = 1, 1
    client = signed_in(alice)

    def status(forwarded: str) -> int:
        return client.get("/market", HTTP_X_FORWARDED_FOR=forwarded).status_code

    assert [status("198.51.100.1"), status("198.51.100.2")] == [200, 200]
    # What the client itself wrote stands to the left of the proxy's word.
    assert status("203.0.113.7, 198.51.100.1") == 429


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "198.51.100.1", "192.0.2.1"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "203.0.113.7, 198.51.100.1", "198.51.100.1"),
        (2, "203.0.113.7, 198.51.100.1, 10.0.0.1", "198.51.100.1"),
        (2, "198.51.100.1", "192.0.2.1"),
        (1, None, "192.0.2.1"),
        (1, "", "192.0.2.1"),
        (1, "x" * 1000, "192.0.2.1"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (1, "::ffff:198.51.100.1", "198.51.100.1"),
    ],
)
def test_the_client_address_is_found_from_the_right_of_the_header(
    settings: Any, proxies: int, forwarded: str | None, expected: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    assert seen(forwarded) == expected


def test_addresses_of_one_ipv6_network_are_counted_together(settings: Any) -> None:
    assert seen(None, "2001:db8::1") == seen(None, "2001:db8::ffff") != seen(None, "2001:db9::1")


def test_behind_a_unix_socket_no_address_is_counted(settings: Any) -> None:
    assert seen(None, "") == ""

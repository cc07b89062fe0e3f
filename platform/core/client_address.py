"""Where a request comes from, also behind proxies: who is counted, locked out and audited."""

from contextlib import suppress
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpRequest

if TYPE_CHECKING:
    from rest_framework.request import Request

CUSTOMER_BITS = 64  # bits of an IPv6 address that name one customer; the others are free to choose


def get_client_network(request: "Request | HttpRequest") -> str:
    """Return what limits count: the client's address, of IPv6 the network that one customer has."""
    address = get_client_address(request)
    return _customer_network(address) if address else str(request.META.get("REMOTE_ADDR", ""))


def get_client_address(request: "Request | HttpRequest") -> IPv4Address | IPv6Address | None:
    """Return the address that the request comes from; None where the server names none.

    Behind TRUSTED_PROXIES proxies it is the X-Forwarded-For entry that the outermost of them
    wrote, counted from the right: what stands left of it is the client's own invention.
    """
    proxies: int = settings.TRUSTED_PROXIES
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    forwarded = hops[-proxies].strip() if 0 < proxies <= len(hops) else ""
    address = _parse(forwarded) if forwarded else None
    return address or _parse(request.META.get("REMOTE_ADDR", ""))


@lru_cache(1024)
def _parse(text: str) -> IPv4Address | IPv6Address | None:
    with suppress(ValueError):
        return ip_address(text)
    return None


@lru_cache(1024)
def _customer_network(address: IPv4Address | IPv6Address) -> str:
    if isinstance(address, IPv4Address):
        return str(address)
    mapped = address.ipv4_mapped
    return str(mapped or IPv6Network((int(address), CUSTOMER_BITS), strict=False))

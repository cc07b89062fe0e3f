"""The IP addresses that a webhook may have: public ones only."""

import socket
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from django.conf import settings

IPAddress = IPv4Address | IPv6Address
# All other IPv6 is local, mapped, translated or unassigned.
GLOBAL_UNICAST = IPv6Network("2000::/3")
# Within it: tunnels that lead to any IPv4 address, and documentation.
NOT_PUBLIC = tuple(map(IPv6Network, ("2001::/23", "2002::/16", "2001:db8::/32", "3fff::/20")))
SIXTOFOUR_RELAYS = "192.88.99."  # 192.88.99.0/24, relays of 6to4


class NoPublicAddress(OSError):
    """The host is at no IP address that a webhook may have."""


def is_allowed(ip: IPAddress) -> bool:
    """Check whether a webhook may be there; loopback only with WEBHOOK_ALLOW_LOOPBACK."""
    if ip.is_loopback:
        return bool(settings.WEBHOOK_ALLOW_LOOPBACK)
    if isinstance(ip, IPv6Address):
        return ip in GLOBAL_UNICAST and not any(ip in network for network in NOT_PUBLIC)
    public = ip.is_global and not ip.is_multicast and not ip.is_reserved
    return public and not str(ip).startswith(SIXTOFOUR_RELAYS)


def resolve_allowed(host: str, port: int, timeout: float) -> list[IPAddress]:
    """Return the allowed IP addresses of the host, in the resolver's order.

    Raises:
        TimeoutError: the resolver did not answer in `timeout` seconds.
        NoPublicAddress: none is allowed.
        OSError: there is no such host.
    """
    executor = ThreadPoolExecutor(1)  # getaddrinfo has no timeout
    try:
        future = executor.submit(socket.getaddrinfo, host, port, 0, socket.SOCK_STREAM)
        entries = future.result(timeout)
    except UnicodeError:
        raise OSError(f"{host} is no host name") from None
    finally:
        executor.shutdown(wait=False)
    ips = dict.fromkeys(ip_address(str(entry[4][0]).partition("%")[0]) for entry in entries)
    public = [ip for ip in ips if is_allowed(ip)]
    if not public:
        raise NoPublicAddress("refused: the host is at no public address")
    return public

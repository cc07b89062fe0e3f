"""Checks the form of a new address; its verification proves that it is the client's."""

import re
from collections.abc import Callable
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from alerts.deliveries.enums import Channel
from alerts.deliveries.models import LONGEST_ADDRESS
from alerts.deliveries.public_addresses import is_allowed
from alerts.errors import InvalidAddress

# ASCII without blanks: nothing can break out of a request line.
PRINTABLE_ASCII = re.compile(r"[!-~]+")
LONGEST_EMAIL = 254


def check_email(address: str) -> None:
    """Check that this is one e-mail address.

    Raises:
        InvalidAddress: it is not, or this platform has no mail server.
    """
    if not settings.EMAIL_URL:
        raise InvalidAddress("value: this platform sends no e-mails")
    try:
        validate_email(address)
    except ValidationError:
        raise InvalidAddress("value: is no e-mail address") from None
    if len(address) > LONGEST_EMAIL:
        raise InvalidAddress(f"value: has more than {LONGEST_EMAIL} characters")


def check_webhook(address: str) -> None:
    """Check that this is an https URL; what its name resolves to is checked at every connect.

    Raises:
        InvalidAddress: it is not, or it names a private address.
    """
    schemes = ("https", "http") if settings.WEBHOOK_ALLOW_LOOPBACK else ("https",)
    if len(address) > LONGEST_ADDRESS:
        raise InvalidAddress(f"value: has more than {LONGEST_ADDRESS} characters")
    if not PRINTABLE_ASCII.fullmatch(address):
        raise InvalidAddress("value: a URL is of ASCII characters without blanks")
    try:
        url = urlsplit(address)
        host, _port = url.hostname, url.port
    except ValueError:
        raise InvalidAddress("value: is no URL") from None
    if url.scheme not in schemes or not host:
        raise InvalidAddress(f"value: must be a URL that begins with {schemes[0]}://")
    if url.username is not None or url.fragment:
        raise InvalidAddress("value: must be a URL without user, password and fragment")
    _check_host(host)


def _check_host(host: str) -> None:
    """Refuse an IP address that is not public; a name passes.

    Raises:
        InvalidAddress: it is a private address.
    """
    try:
        ip = ip_address(host)
    except ValueError:
        return  # a name
    if not is_allowed(ip):
        raise InvalidAddress("value: must be at a public address")


CHECK_BY_CHANNEL: dict[Channel, Callable[[str], None]] = {
    Channel.EMAIL: check_email,
    Channel.WEBHOOK: check_webhook,
}

"""The settings under prefix `alerts`: where fired alerts are sent besides the stream.

`email` and `webhook` are set by their address and cleared by null. `{"code": "…"}` verifies
the e-mail address, `{"rotate": true}` gives the webhook a new secret.
"""

from collections.abc import Mapping
from typing import Any

from alerts.deliveries import addresses
from alerts.deliveries.enums import AddressState, Channel
from alerts.deliveries.models import Address
from alerts.errors import InvalidAddress
from core import json
from core.clock import HOUR_S, now

PREFIX = "alerts"
CHANNELS = {"email": Channel.EMAIL, "webhook": Channel.WEBHOOK}
CHANNEL_NAMES = {channel: name for name, channel in CHANNELS.items()}
SECRET_READABLE = HOUR_S  # seconds for which its owner can read a new secret


class AddressSettings:
    """Handler of the settings under the prefix, for `settings_app`."""

    prefix = PREFIX

    def save(self, *, login: int, values: Mapping[str, str]) -> None:
        """Carry out the values (name → JSON text).

        Raises:
            InvalidAddress, TooFrequent.
        """
        for name, text in values.items():
            if name not in CHANNELS:
                raise InvalidAddress(f"name: prefix {PREFIX} has only {' and '.join(CHANNELS)}")
            _apply_value(login, CHANNELS[name], json.loads(text))

    def delete(self, *, login: int, name: str | None) -> None:
        """Clear one address, or both."""
        for known, channel in CHANNELS.items():
            if name in (None, known):
                addresses.remove_address(login=login, channel=channel)

    def records(self, login: int, *, own: bool) -> list[tuple[object, ...]]:
        """Return the rows of a settings list; with `own`, for the client, also a new secret."""
        mine = Address.objects.in_use(login).order_by("channel")
        return [
            (PREFIX, CHANNEL_NAMES[Channel(a.channel)], _address_json(a, own), a.updated_at)
            for a in mine
        ]


HANDLERS = (AddressSettings(),)


def _apply_value(login: int, channel: Channel, value: object) -> None:
    """Set, clear, verify or rotate the address of the channel, by the form of the value."""
    match value:
        case None:
            addresses.remove_address(login=login, channel=channel)
        case str():
            addresses.set_address(login=login, channel=channel, address=value)
        case {"code": str(code), **rest} if channel == Channel.EMAIL and not rest:
            addresses.confirm_email(login=login, code=code)
        case {"rotate": True, **rest} if channel == Channel.WEBHOOK and not rest:
            addresses.rotate_secret(login=login)
        case _:
            raise InvalidAddress


def _address_json(address: Address, own: bool) -> dict[str, Any]:
    """Return the address as JSON values; with `own` the secret, while it is new."""
    values = {
        "address": address.address,
        "state": AddressState(address.state).label,
        "reason": address.reason,
    }
    if own and now() < address.secret_time + SECRET_READABLE:
        values["secret"] = address.secret
    return values

"""What a client does with its addresses. All of them lock the account first.

An address is off until it is verified: a mailbox by the code that was mailed to it, a webhook by
answering the challenge of a signed message. Only then is anything else sent there.
"""

import secrets

from django.utils.crypto import constant_time_compare

from accounts.models import Account
from alerts.deliveries import checked, rows, signing
from alerts.deliveries.enums import AddressState, Channel, DeliveryState
from alerts.deliveries.models import Address, Delivery
from alerts.errors import InvalidAddress
from core.clock import DAY_S, HOUR_S, now, now_ms
from core.errors import TooFrequent
from core.locks import transactional

CODE_LIFE = HOUR_S
OLD_SECRET_LIFE = DAY_S  # after a rotation both sign
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that looks like something else
CODE_LENGTH = 10  # 50 bits, within an hour: nobody guesses it
CHALLENGE_BYTES = 24
VERIFICATIONS_A_DAY = 10  # of one login: nobody is to be flooded with our messages


@transactional
def put(*, login: int, channel: Channel, address: str) -> None:
    """Set the address and send what verifies it. The one that is verified stays as it is.

    Raises:
        InvalidAddress: it cannot be one, or there is no mail server.
        TooFrequent: VERIFICATIONS_A_DAY were sent.
    """
    checked.CHECKS[channel](address)
    Account.objects.locked(login)
    before = Address.objects.locked(login, channel)
    if before and before.state == AddressState.VERIFIED and before.address == address:
        return
    _check_frequency(login)
    if before:
        _end(before, AddressState.ENDED, "another address was set")
    rows.write_verification(_new(login, channel, address))


@transactional
def confirm(*, login: int, code: str) -> None:
    """Verify the e-mail address with the code that was sent to it.

    Raises:
        InvalidAddress: there is none that waits for it, it has expired, or it is another.
    """
    Account.objects.locked(login)
    address = Address.objects.locked(login, Channel.EMAIL)
    if address is None or address.state != AddressState.UNVERIFIED:
        raise InvalidAddress("value: no e-mail address waits for a code")
    if address.code_until <= now():
        raise InvalidAddress("value: the code has expired; set the address again for a new one")
    typed = code.upper().replace("-", "").replace(" ", "")
    if not constant_time_compare(typed, address.code):
        raise InvalidAddress("value: this is not the code that was sent")
    verify(address)


@transactional
def rotate(*, login: int) -> None:
    """Give the webhook a new secret; the old one signs as well for a day.

    Raises:
        InvalidAddress: there is no webhook.
    """
    Account.objects.locked(login)
    address = Address.objects.locked(login, Channel.WEBHOOK)
    if address is None:
        raise InvalidAddress("value: there is no webhook whose secret could be rotated")
    time = now()
    address.old_secret, address.old_until = address.secret, time + OLD_SECRET_LIFE
    address.secret, address.secret_time = signing.new_secret(), time
    address.updated_at = time
    address.save(update_fields=["old_secret", "old_until", "secret", "secret_time", "updated_at"])


@transactional
def remove(*, login: int, channel: Channel) -> None:
    """Take the address away; what waits for it is not sent. None there is no error."""
    Account.objects.locked(login)
    address = Address.objects.locked(login, channel)
    if address is not None:
        _end(address, AddressState.ENDED, "the address was taken away")


def verify(address: Address) -> None:
    """It is the client's; its account is locked."""
    address.state, address.reason, address.code = AddressState.VERIFIED, "", ""
    address.updated_at = now()
    address.save(update_fields=["state", "reason", "code", "updated_at"])


def switch_off(address: Address, reason: str) -> None:
    """The endpoint wants nothing any more; its account is locked."""
    _end(address, AddressState.OFF, reason)


def _new(login: int, channel: Channel, address: str) -> Address:
    time = now()
    made = Address(account_id=login, channel=channel, address=address)
    made.created_at, made.updated_at, made.code_until = time, time, time + CODE_LIFE
    if channel == Channel.WEBHOOK:
        made.code = secrets.token_urlsafe(CHALLENGE_BYTES)
        made.secret, made.secret_time = signing.new_secret(), time
    else:
        made.code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    made.save()
    return made


def _end(address: Address, state: AddressState, reason: str) -> None:
    address.state, address.reason, address.code = state, reason, ""
    address.updated_at = now()
    address.save(update_fields=["state", "reason", "code", "updated_at"])
    Delivery.objects.waiting(address).update(
        state=DeliveryState.GIVEN_UP, answer=reason, done_at=now_ms()
    )


def _check_frequency(login: int) -> None:
    sent = Delivery.objects.filter(
        address__account=login, log=None, hour=None, created_at__gt=(now() - DAY_S) * 1000
    )
    if sent.count() >= VERIFICATIONS_A_DAY:
        raise TooFrequent(f"at most {VERIFICATIONS_A_DAY} addresses a day are verified")

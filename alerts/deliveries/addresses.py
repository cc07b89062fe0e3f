"""What a client does with its delivery addresses; every operation locks the account first.

An address is unusable until it is verified: a mailbox by the code that was mailed to it, a
webhook by answering the challenge of a signed message. Only then is anything else sent
there.
"""

import secrets

from django.utils.crypto import constant_time_compare

from accounts.mailed_codes import generate_code, normalize_code
from accounts.models import Account
from alerts.deliveries import enqueue, signing, validators
from alerts.deliveries.enums import AddressState, Channel, DeliveryState
from alerts.deliveries.models import Address, Delivery
from alerts.errors import InvalidAddress
from core.clock import DAY_S, HOUR_S, now, now_ms
from core.errors import TooFrequent
from core.locks import transactional

CODE_LIFE = HOUR_S
OLD_SECRET_LIFE = DAY_S  # seconds; after a rotation both secrets sign
CODE_LENGTH = 10  # 50 bits, valid for an hour
CHALLENGE_BYTES = 24
VERIFICATIONS_A_DAY = 10  # per login: a limit on messages to strangers


@transactional
def set_address(*, login: int, channel: Channel, address: str) -> None:
    """Set the address and send its verification; a verified one is left as it is.

    Raises:
        InvalidAddress: it is not valid, or there is no mail server.
        TooFrequent: VERIFICATIONS_A_DAY were sent.
    """
    validators.CHECK_BY_CHANNEL[channel](address)
    Account.objects.locked(login)
    current = Address.objects.locked(login, channel)
    if current and current.state == AddressState.VERIFIED and current.address == address:
        return
    _check_verification_limit(login)
    if current:
        _end_address(current, AddressState.ENDED, "another address was set")
    enqueue.enqueue_verification(_create_address(login, channel, address))


@transactional
def confirm_email(*, login: int, code: str) -> None:
    """Verify the e-mail address with the code that was sent to it.

    Raises:
        InvalidAddress: no address waits for a code, or the code has expired or is wrong.
    """
    Account.objects.locked(login)
    address = Address.objects.locked(login, Channel.EMAIL)
    if address is None or address.state != AddressState.UNVERIFIED:
        raise InvalidAddress("value: no e-mail address waits for a code")
    if address.code_until <= now():
        raise InvalidAddress("value: the code has expired; set the address again for a new one")
    if not constant_time_compare(normalize_code(code), address.code):
        raise InvalidAddress("value: this is not the code that was sent")
    mark_verified(address)


@transactional
def rotate_secret(*, login: int) -> None:
    """Give the webhook a new secret; for a day the old one signs as well.

    Raises:
        InvalidAddress: there is no webhook.
    """
    Account.objects.locked(login)
    address = Address.objects.locked(login, Channel.WEBHOOK)
    if address is None:
        raise InvalidAddress("value: there is no webhook whose secret could be rotated")
    time = now()
    address.old_secret, address.old_until = address.secret, time + OLD_SECRET_LIFE
    address.secret, address.secret_time = signing.generate_secret(), time
    address.updated_at = time
    address.save(update_fields=["old_secret", "old_until", "secret", "secret_time", "updated_at"])


@transactional
def remove_address(*, login: int, channel: Channel) -> None:
    """Remove the address, if there is one, and give up its waiting deliveries."""
    Account.objects.locked(login)
    address = Address.objects.locked(login, channel)
    if address is not None:
        _end_address(address, AddressState.ENDED, "the address was taken away")


def find_verified_mailbox(login: int) -> str:
    """Return the client's verified e-mail address, or an empty text."""
    found = Address.objects.in_use(login).filter(channel=Channel.EMAIL, state=AddressState.VERIFIED)
    return found.values_list("address", flat=True).first() or ""


def mark_verified(address: Address) -> None:
    """Mark the address as verified; the caller holds its account's row lock."""
    address.state, address.reason, address.code = AddressState.VERIFIED, "", ""
    address.updated_at = now()
    address.save(update_fields=["state", "reason", "code", "updated_at"])


def switch_off_address(address: Address, reason: str) -> None:
    """Switch off a failing address; the caller holds its account's row lock.

    `reason` is shown to the client. Waiting deliveries are given up.
    """
    _end_address(address, AddressState.OFF, reason)


def _create_address(login: int, channel: Channel, address: str) -> Address:
    """Insert an unverified address with its code or challenge, and a secret for a webhook."""
    time = now()
    created = Address(account_id=login, channel=channel, address=address)
    created.created_at, created.updated_at, created.code_until = time, time, time + CODE_LIFE
    if channel == Channel.WEBHOOK:
        created.code = secrets.token_urlsafe(CHALLENGE_BYTES)
        created.secret, created.secret_time = signing.generate_secret(), time
    else:
        created.code = generate_code(CODE_LENGTH)
    created.save()
    return created


def _end_address(address: Address, state: AddressState, reason: str) -> None:
    """Set the final state with its reason, and give up what waits for the address."""
    address.state, address.reason, address.code = state, reason, ""
    address.updated_at = now()
    address.save(update_fields=["state", "reason", "code", "updated_at"])
    Delivery.objects.waiting(address).update(
        state=DeliveryState.GIVEN_UP, answer=reason, done_at=now_ms()
    )


def _check_verification_limit(login: int) -> None:
    """Refuse one more verification beyond VERIFICATIONS_A_DAY.

    Raises:
        TooFrequent: that many were sent within 24 hours.
    """
    sent = Delivery.objects.filter(
        address__account=login, log=None, hour=None, created_at__gt=(now() - DAY_S) * 1000
    )
    if sent.count() >= VERIFICATIONS_A_DAY:
        raise TooFrequent(f"at most {VERIFICATIONS_A_DAY} addresses a day are verified")

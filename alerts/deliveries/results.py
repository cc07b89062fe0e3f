"""Stores the result of an attempt, unless another attempt has claimed the delivery since."""

from django.conf import settings

from accounts.models import Account
from alerts.deliveries import addresses, retry_schedule
from alerts.deliveries.enums import AddressState, Channel, DeliveryState
from alerts.deliveries.models import Address, Delivery
from alerts.deliveries.outcome import DeliveryResult
from core.clock import DAY_S, now, now_ms
from core.locks import transactional
from realtime.events import event_log
from realtime.events.types import NotificationEvent, NotificationLevel, NotificationType

SECOND_MS = 1000  # ms


@transactional
def store_result(delivery: Delivery, result: DeliveryResult) -> None:
    """Store the delivery's new state, and what follows from the result for its address.

    The account is locked only if the address may change, which is rare.
    """
    verification = delivery.is_verification
    login = delivery.address.account_id
    may_end = result.gone or _failed_for_days(delivery.address, result)
    account = Account.objects.locked(login) if verification or may_end else None
    address = Address.objects.select_for_update(no_key=True).get(pk=delivery.address_id)
    message = result.message.replace("\0", "")[:200]
    if not _store_state(delivery, result, message):
        return
    _update_failures(address, result, message)
    if account is None:
        return
    if result.gone or _failed_for_days(address, result):
        _switch_off(account, address, message, gone=result.gone)
    elif address.state == AddressState.UNVERIFIED and not result.delivered:
        Address.objects.filter(pk=address.pk).update(reason=message, updated_at=now())
    elif address.state == AddressState.UNVERIFIED and address.secret:
        addresses.mark_verified(address)
        message = f"Price alerts are sent to {address}"
        event_log.append_events(
            account,
            NotificationEvent.for_login(
                login,
                NotificationType.ADDRESS_VERIFIED,
                ("Webhook verified", message),
                NotificationLevel.INFO,
                channel=str(address.channel),
                address=str(address),
            ),
        )


def _failed_for_days(address: Address, result: DeliveryResult) -> bool:
    """Check whether a verified address has failed for ENDPOINT_FAILURE_DAYS with this failure."""
    since, days = address.failing_since, settings.ENDPOINT_FAILURE_DAYS
    if result.delivered or result.own_fault or address.state != AddressState.VERIFIED:
        return False
    return bool(since and days and now() >= since + days * DAY_S)


def _switch_off(account: Account, address: Address, message: str, *, gone: bool) -> None:
    """Switch the address off, and notify its owner, who can set it again."""
    failed = f"failed for {settings.ENDPOINT_FAILURE_DAYS} days, last with"
    addresses.switch_off_address(address, message if gone else f"{failed} {message}"[:200])
    title = f"{Channel(address.channel).label.capitalize()} switched off"
    text = f"It answered {message}: {address}" if gone else f"It has {failed} {message}: {address}"
    event_log.append_events(
        account,
        NotificationEvent.for_login(
            account.login,
            NotificationType.ADDRESS_OFF,
            (title, text),
            NotificationLevel.WARNING,
            channel=str(address.channel),
            address=str(address),
        ),
    )


def _store_state(delivery: Delivery, result: DeliveryResult, message: str) -> bool:
    """Store the state of the delivery; False if another attempt has claimed it since."""
    own = Delivery.objects.filter(
        pk=delivery.pk, attempts=delivery.attempts, state=DeliveryState.WAITING
    )
    if result.delivered:
        state = DeliveryState.DELIVERED
    elif (wait := _seconds_to_next_try(delivery, result)) is None:
        state = DeliveryState.GIVEN_UP
    else:
        next_try = now_ms() + int(wait * SECOND_MS)
        return bool(own.update(answer=message, step=delivery.step + 1, next_try=next_try))
    return bool(own.update(state=state, answer=message, done_at=now_ms()))


def _seconds_to_next_try(delivery: Delivery, result: DeliveryResult) -> float | None:
    """Return the seconds until the next attempt, or None to give up."""
    if result.gone or result.permanent:
        return None
    wait = retry_schedule.retry_delay(delivery.step, verification=delivery.is_verification)
    return None if wait is None else max(wait, result.wait)


def _update_failures(address: Address, result: DeliveryResult, message: str) -> None:
    """Count failures and pause the address after them; a success ends both."""
    address.failures = 0 if result.delivered or result.permanent else address.failures + 1
    address.last_answer = message if address.failures else ""
    pause = (
        max(retry_schedule.pause_after(address.failures), result.wait) if address.failures else 0
    )
    address.rest_until = now_ms() + pause * SECOND_MS if pause else 0
    if result.delivered:
        address.failing_since = 0
    elif not result.own_fault:
        address.failing_since = address.failing_since or now()
    address.save(update_fields=["failures", "failing_since", "rest_until", "last_answer"])

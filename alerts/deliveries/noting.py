"""Stores the result of an attempt, unless another attempt has claimed the delivery since."""

from django.conf import settings

from accounts.models import Account
from alerts.deliveries import addresses, schedule
from alerts.deliveries.enums import AddressState, Channel, DeliveryState
from alerts.deliveries.models import Address, Delivery
from alerts.deliveries.outcome import Outcome
from core.clock import DAY_S, now, now_ms
from core.locks import transactional
from realtime import log
from realtime.events import Level, NotificationEvent

SECOND = 1000  # ms


@transactional
def note(delivery: Delivery, outcome: Outcome) -> None:
    """Store the delivery's new state, and what follows from the result for its address.

    The account is locked only if the address may change, which is rare.
    """
    verification = delivery.verifies
    login = delivery.address.account_id
    ends = outcome.gone or _failed_for_days(delivery.address, outcome)
    account = Account.objects.locked(login) if verification or ends else None
    address = Address.objects.select_for_update(no_key=True).get(pk=delivery.address_id)
    words = outcome.words.replace("\0", "")[:200]
    if not _written(delivery, outcome, words):
        return
    _rest(address, outcome)
    if account is None:
        return
    if outcome.gone or _failed_for_days(address, outcome):
        _switch_off(account, address, words, gone=outcome.gone)
    elif address.state == AddressState.UNVERIFIED and not outcome.delivered:
        Address.objects.filter(pk=address.pk).update(reason=words, updated_at=now())
    elif address.state == AddressState.UNVERIFIED and address.secret:
        addresses.verify(address)
        words = f"Price alerts are sent to {address}"
        log.append(account, NotificationEvent.to(login, "Webhook verified", words, Level.INFO))


def _failed_for_days(address: Address, outcome: Outcome) -> bool:
    """Check whether a verified address has failed for ENDPOINT_FAILURE_DAYS with this failure."""
    failing, days = address.failing_since, settings.ENDPOINT_FAILURE_DAYS
    if outcome.delivered or outcome.ours or address.state != AddressState.VERIFIED:
        return False
    return bool(failing and days and now() >= failing + days * DAY_S)


def _switch_off(account: Account, address: Address, words: str, *, gone: bool) -> None:
    """Switch the address off, and notify its owner, who can set it again."""
    failed = f"failed for {settings.ENDPOINT_FAILURE_DAYS} days, last with"
    addresses.switch_off(address, words if gone else f"{failed} {words}"[:200])
    title = f"{Channel(address.channel).label.capitalize()} switched off"
    said = f"It answered {words}: {address}" if gone else f"It has {failed} {words}: {address}"
    log.append(account, NotificationEvent.to(account.login, title, said, Level.WARNING))


def _written(delivery: Delivery, outcome: Outcome, words: str) -> bool:
    """Store the state of the delivery; False if another attempt has claimed it since."""
    mine = Delivery.objects.filter(
        pk=delivery.pk, attempts=delivery.attempts, state=DeliveryState.WAITING
    )
    if outcome.delivered:
        state = DeliveryState.DELIVERED
    elif (wait := _wait(delivery, outcome)) is None:
        state = DeliveryState.GIVEN_UP
    else:
        next_try = now_ms() + int(wait * SECOND)
        return bool(mine.update(answer=words, step=delivery.step + 1, next_try=next_try))
    return bool(mine.update(state=state, answer=words, done_at=now_ms()))


def _wait(delivery: Delivery, outcome: Outcome) -> float | None:
    """Return the seconds until the next attempt, or None to give up."""
    if outcome.gone or outcome.hopeless:
        return None
    wait = schedule.delay(delivery.step, verification=delivery.verifies)
    return None if wait is None else max(wait, outcome.wait)


def _rest(address: Address, outcome: Outcome) -> None:
    """Count failures and pause the address after them; a success ends both."""
    address.failures = 0 if outcome.delivered or outcome.hopeless else address.failures + 1
    pause = max(schedule.rest(address.failures), outcome.wait) if address.failures else 0
    address.rest_until = now_ms() + pause * SECOND if pause else 0
    if outcome.delivered:
        address.failing_since = 0
    elif not outcome.ours:
        address.failing_since = address.failing_since or now()
    address.save(update_fields=["failures", "failing_since", "rest_until"])

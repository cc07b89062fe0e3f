"""Writes down what became of an attempt, unless somebody else has taken the delivery since."""

from accounts.models import Account
from alerts.deliveries import addresses, schedule
from alerts.deliveries.enums import AddressState, DeliveryState
from alerts.deliveries.models import Address, Delivery
from alerts.deliveries.outcome import Outcome
from core.clock import now, now_ms
from core.locks import transactional
from realtime import log
from realtime.events import Level, NotificationEvent

SECOND = 1000  # ms


@transactional
def note(delivery: Delivery, outcome: Outcome) -> None:
    """The delivery's new state, and what follows for its address.

    The account is locked where the address may change, which is rare.
    """
    verification = delivery.verifies
    login = delivery.address.account_id
    account = Account.objects.locked(login) if verification or outcome.gone else None
    address = Address.objects.select_for_update(no_key=True).get(pk=delivery.address_id)
    words = outcome.words.replace("\0", "")[:200]
    if not _written(delivery, outcome, words):
        return
    _rest(address, outcome)
    if account is None:
        return
    if outcome.gone:
        addresses.switch_off(address, words)
        words = f"It answered {words}: {address}"
        told = NotificationEvent.to(login, "Webhook switched off", words, Level.WARNING)
        log.append(account, told)
    elif address.state == AddressState.UNVERIFIED and not outcome.delivered:
        Address.objects.filter(pk=address.pk).update(reason=words, updated_at=now())
    elif address.state == AddressState.UNVERIFIED and address.secret:
        addresses.verify(address)
        words = f"Price alerts are sent to {address}"
        log.append(account, NotificationEvent.to(login, "Webhook verified", words, Level.INFO))


def _written(delivery: Delivery, outcome: Outcome, words: str) -> bool:
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
    """Seconds until the next attempt, or None where there is none."""
    if outcome.gone or outcome.hopeless:
        return None
    wait = schedule.delay(delivery.step, verification=delivery.verifies)
    return None if wait is None else max(wait, outcome.wait)


def _rest(address: Address, outcome: Outcome) -> None:
    """After a success the next one may go at once; after failures the endpoint is spared."""
    address.failures = 0 if outcome.delivered or outcome.hopeless else address.failures + 1
    pause = max(schedule.rest(address.failures), outcome.wait) if address.failures else 0
    address.rest_until = now_ms() + pause * SECOND if pause else 0
    address.save(update_fields=["failures", "rest_until"])

"""What keeps a delivery waiting, in words."""

from alerts.deliveries.enums import DeliveryState
from alerts.deliveries.models import Delivery
from backoffice.columns import NO_VALUE, format_utc_ms
from core.clock import now_ms


def is_held_back(delivery: Delivery) -> bool:
    """Return whether the delivery is due but its address fails: it is tried less and less often."""
    due = delivery.next_try <= now_ms() or not delivery.attempts
    return bool(delivery.state == DeliveryState.WAITING and due and delivery.address.failures)


def describe_state(delivery: Delivery) -> str:
    """Return the delivery's state, and why it waits while its address fails."""
    if not is_held_back(delivery):
        return str(DeliveryState(delivery.state).label)
    answer = delivery.address.last_answer
    return f"held back: the address {f'answers {answer}' if answer else 'fails'}"


def format_next_try(delivery: Delivery) -> str:
    """Return when a waiting delivery can be tried next in UTC, a dash for all others."""
    if delivery.state != DeliveryState.WAITING:
        return NO_VALUE
    pause = delivery.address.rest_until if delivery.address.failures else 0
    return format_utc_ms(max(delivery.next_try, pause))

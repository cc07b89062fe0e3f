"""The result of an attempt to deliver."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """How an attempt ended: a message for people, and what follows for further attempts.

    `wait`: seconds that the receiver asks for. `gone`: the endpoint wants no more
    deliveries. `permanent`: no further attempt can succeed. `own_fault`: the fault is on
    our side, so the result says nothing about the address.
    """

    delivered: bool
    message: str
    wait: int = 0
    gone: bool = False
    permanent: bool = False
    own_fault: bool = False


def retryable_failure(message: str, *, own_fault: bool = False) -> DeliveryResult:
    """Return the result of a failed attempt that is to be repeated."""
    return DeliveryResult(delivered=False, message=message[:200], own_fault=own_fault)

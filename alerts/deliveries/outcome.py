"""The result of an attempt to deliver."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended: a message for people, and what follows for further attempts.

    `wait`: seconds that the receiver asks for. `gone`: the endpoint wants no more
    deliveries. `permanent`: no further attempt can succeed. `own_fault`: the fault is on
    our side, so the result says nothing about the address.
    """

    delivered: bool
    words: str
    wait: int = 0
    gone: bool = False
    hopeless: bool = False
    ours: bool = False


def failed(words: str, *, ours: bool = False) -> Outcome:
    """Return the result of a failed attempt that is to be repeated."""
    return Outcome(delivered=False, words=words[:200], ours=ours)
